// What an application's own client was told of where to connect, for connections beside it.
import type { Secrets } from './secrets.js';

interface Known {
  /** Options of node-redis. */
  readonly options: Record<string, unknown>;
  /** The addresses that it begins with. */
  readonly addresses: string[];
}

/** Returns what a client of node-redis, ioredis or iovalkey was told. */
export function clientSettings(client: unknown, secrets: Secrets): Known {
  const { options, _options: clusterOptions, startupNodes } = (client ?? {}) as { options?: Options | null; _options?: Options | null; startupNodes?: unknown };
  for (const source of [options, clusterOptions, startupNodes]) secrets.addFrom(source);
  // Of a cluster, what it gives to each of its nodes.
  const told = (options?.['redisOptions'] ?? clusterOptions?.['defaults'] ?? options ?? {}) as Options;
  const { url, username, password, database, db } = told;
  const found = { url, username, password, database: database ?? db, socket: told['socket'] ?? socketOf(told) };
  const nodes = [clusterOptions?.['rootNodes'], startupNodes].flat();
  const addresses = [url, ...nodes.map((node) => (typeof node === 'string' ? node : (node as Options | undefined)?.['url']))];
  return {
    options: Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined && value !== null)),
    addresses: addresses.filter((address) => typeof address === 'string'),
  };
}

type Options = Record<string, unknown>;

/** Returns the socket that ioredis has among its other options. A server found through Sentinel has no address there. */
function socketOf({ host, port, path, tls, sentinels }: Options): Options | undefined {
  const place = sentinels ? {} : path ? { path } : host === undefined ? {} : { host, port };
  const socket = { ...place, ...(tls ? { ...(tls as object), tls: true } : {}) };
  return Object.keys(socket).length === 0 ? undefined : socket;
}
