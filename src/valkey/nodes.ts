// Which nodes a client may connect to. A cluster and a Sentinel name addresses, and the client logs in to each of them.
import { BlockList, isIP } from 'node:net';
import { ShmError } from 'shmkit';
import { wrongType, wrongValue } from './arguments.js';

/** Throws for a node that is not allowed. */
export type CheckNode = (host: string, port: number) => void;

/** Checks the option `allowNodes`. */
export function checkAllowed(allowed: unknown): string[] | null {
  if (allowed === undefined) return null;
  if (!Array.isArray(allowed) || !allowed.every((entry) => typeof entry === 'string' && entry !== '')) throw wrongType('options.allowNodes', 'an array of non-empty strings');
  for (const entry of allowed as string[]) ruleOf(entry);
  return allowed as string[];
}

/** Returns the check of nodes for a list of hosts, `host:port`, `*.domain` and networks like 10.0.0.0/8; null allows all. */
export function nodeCheck(allowed: string[] | null): CheckNode {
  if (allowed === null) return () => {};
  const rules = allowed.map(ruleOf);
  return (host, port) => {
    const name = host.toLowerCase();
    if (rules.some((isAllowed) => isAllowed(name, port))) return;
    throw new ShmError('ERR_SHM_UNTRUSTED', `The servers name the node ${JSON.stringify(`${host}:${port}`)}, which "allowNodes" has not`);
  };
}

/** Checks the nodes of a client that only tries again when it may not connect, and keeps why. */
export class NodeGuard {
  readonly #check: CheckNode;
  #refusal: unknown;

  constructor(allowed: string[] | null) {
    this.#check = nodeCheck(allowed);
  }

  /** A `nodeAddressMap` of node-redis, which maps nothing. */
  readonly map = (address: string): undefined => {
    const colon = address.lastIndexOf(':');
    try {
      this.#check(address.slice(0, colon), Number(address.slice(colon + 1)));
    } catch (error) {
      this.#refusal = error;
      throw error;
    }
  };

  /** Returns the result of a call. If it fails and a node was refused since the last success, throws that. */
  async explain<T>(call: () => Promise<T>): Promise<T> {
    try {
      const result = await call();
      this.#refusal = undefined;
      return result;
    } catch (error) {
      throw this.#refusal ?? error;
    }
  }
}

type Rule = (host: string, port: number) => boolean;

function ruleOf(entry: string): Rule {
  const [address = '', bits, ...rest] = entry.split('/');
  if (bits !== undefined) return networkOf(entry, address, bits, rest);
  const text = entry.toLowerCase();
  if (text.startsWith('*.')) return (host) => host.endsWith(text.slice(1));
  if (isIP(text) !== 0) return (host) => host === text;
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text) ?? [];
  const name = bracketed ?? plain;
  if (name === undefined) return (host) => host === text;
  return (host, at) => host === name && at === Number(port);
}

function networkOf(entry: string, address: string, bits: string, rest: string[]): Rule {
  const family = isIP(address);
  const wrong = wrongValue('options.allowNodes', `has ${JSON.stringify(entry)}, which is no network`);
  if (family === 0 || rest.length > 0 || !/^\d+$/.test(bits)) throw wrong;
  const list = new BlockList();
  try {
    list.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  } catch {
    throw wrong;
  }
  return (host) => isIP(host) !== 0 && list.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
}
