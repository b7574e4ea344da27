// What a dictionary needs of a client library. Replies have bulk strings as Buffers.
import { wrongValue } from './arguments.js';
import type { Script } from './script.js';
import type { Secrets } from './secrets.js';

export type Argument = string | Buffer;

export interface Driver {
  /** Sends a command to the server that has `key`, or to any. */
  command(key: string | undefined, args: Argument[]): Promise<unknown>;
  /** Runs a script on the server that has its keys, which are in one slot. */
  script(script: Script, keys: string[], args: Argument[]): Promise<unknown>;
  /** Returns a sender for each master. */
  masters(): Promise<Array<(args: Argument[]) => Promise<unknown>>>;
  /** Returns how to connect to the servers, as data that a worker thread can be given. */
  route(): Route;
  /** Sends a command that has no key on the connection on which those about `key` are sent. */
  beside(key: string, args: Argument[]): Promise<unknown>;
  /** Returns a number that changes when a connection is lost or made anew. */
  connections(): number;
  close(): Promise<void>;
}

/** How to connect: options of node-redis, and the addresses of a cluster's nodes or of Sentinels. */
export interface Route {
  readonly options: Record<string, unknown>;
  readonly cluster: string[] | null;
  readonly sentinel: SentinelRoute | null;
  /** The nodes that the servers may name; null: any. */
  readonly allowed: string[] | null;
}

/** How to find the master of a name. */
export interface SentinelRoute {
  readonly name: string;
  readonly nodes: Array<{ host: string; port: number }>;
  /** Options of node-redis for the Sentinels. */
  readonly options: Record<string, unknown>;
}

/** How a driver is made of an application's own client. */
export interface Connection {
  readonly route: Route;
  readonly secrets: Secrets;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Returns the addresses of the nodes that a client of a cluster knows. */
export function addressesOf(nodes: Array<{ host?: string; port?: number } | undefined>, { options }: Route): string[] {
  const scheme = (options['socket'] as { tls?: unknown } | undefined)?.tls === true ? 'rediss' : 'redis';
  const urls = nodes.flatMap((node) => (node?.host === undefined ? [] : [`${scheme}://${node.host.includes(':') ? `[${node.host}]` : node.host}:${node.port}`]));
  if (urls.length === 0) throw wrongValue('options.cluster', 'is needed beside "client", which knows no address yet');
  return urls;
}

/** Runs a script by its hash, and sends its text if the server does not know it. */
export async function evaluate(send: (args: Argument[]) => Promise<unknown>, { sha, text }: Script, keys: string[], args: Argument[]): Promise<unknown> {
  const rest = [String(keys.length), ...keys, ...args];
  try {
    return await send(['EVALSHA', sha, ...rest]);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return send(['EVAL', text, ...rest]);
  }
}

/** Rejects if the work takes longer than a number of milliseconds. What was sent may still take effect. */
export function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
