// From the options of a dictionary to its driver.
import { checkOptions, checkSeconds, wrongType, wrongValue } from './arguments.js';
import type { Connection, Driver, Route } from './driver.js';
import type { Form } from './encoding.js';
import { Secrets } from './errors.js';
import { type IoredisClient, IoredisDriver } from './ioredis.js';
import { checkPrefix } from './keys.js';
import { clientOptions, loadNodeRedis, type NodeRedisClient, type NodeRedisCluster, NodeRedisClusterDriver, NodeRedisDriver } from './node-redis.js';

export interface RemoteOptions {
  url?: string | undefined;
  cluster?: string[] | undefined;
  client?: unknown;
  clientOptions?: Record<string, unknown> | undefined;
  prefix?: string | undefined;
  timeout?: number | undefined;
  codec?: Form | undefined;
  maxValueSize?: number | undefined;
}

export interface Settings {
  readonly prefix: string;
  readonly form: Form;
  readonly mostBytes: number;
  readonly secrets: Secrets;
  readonly driver: () => Driver;
}

const NAMES = ['url', 'cluster', 'client', 'clientOptions', 'prefix', 'timeout', 'codec', 'maxValueSize'] as const;
const DEFAULT_TIMEOUT = 5;
const DEFAULT_MOST_BYTES = 64 * 1024 * 1024;

/** Checks the options of a dictionary. The driver is made at the first call. */
export function settingsOf(argument: unknown): Settings {
  const options = checkOptions<RemoteOptions>('options', argument, NAMES);
  const timeout = options.timeout === undefined ? DEFAULT_TIMEOUT : checkSeconds('options.timeout', options.timeout);
  if (options.codec !== undefined && options.codec !== 'binary' && options.codec !== 'json') throw wrongValue('options.codec', "must be 'binary' or 'json'");
  const given = [options.url, options.cluster, options.client].filter((way) => way !== undefined);
  if (given.length === 0 || (options.url !== undefined && options.cluster !== undefined)) throw wrongValue('options', 'must have one of "url", "cluster" and "client"');
  const secrets = new Secrets();
  const route = routeOf(options, secrets);
  let driver: Driver | undefined;
  return {
    prefix: checkPrefix(options.prefix ?? 'shmkit:'),
    form: options.codec ?? 'binary',
    mostBytes: options.maxValueSize === undefined ? DEFAULT_MOST_BYTES : checkSeconds('options.maxValueSize', options.maxValueSize),
    secrets,
    driver: () => (driver ??= driverOf(options.client, { route, secrets, timeout: timeout === 0 ? DEFAULT_TIMEOUT * 1000 : timeout * 1000 })),
  };
}

function routeOf({ url, cluster, client, clientOptions: more = {} }: RemoteOptions, secrets: Secrets): Route {
  if (url !== undefined && typeof url !== 'string') throw wrongType('options.url', 'of type string');
  if (cluster !== undefined && !(Array.isArray(cluster) && cluster.length > 0 && cluster.every((node) => typeof node === 'string'))) throw wrongType('options.cluster', 'an array of addresses');
  const own = ownOptions(client);
  const options: Record<string, unknown> = { ...own, ...more, ...(url === undefined ? {} : { url }) };
  // Merged, so that a timeout of the caller's does not take the host and TLS of its client away.
  const socket = { ...(own['socket'] as object | undefined), ...(more['socket'] as object | undefined) };
  if (Object.keys(socket).length > 0) options['socket'] = socket;
  if (cluster !== undefined || client !== undefined) keepTls(options, [options['url'], ...(cluster ?? [])]);
  for (const address of [url, ...(cluster ?? [])]) if (address !== undefined) secrets.addUrl(address);
  for (const name of ['username', 'password']) if (typeof options[name] === 'string') secrets.add(options[name]);
  return { options, cluster: cluster ?? null };
}

/** Makes every connection use TLS if one address does: the nodes of a cluster are named by the cluster, without a scheme. */
function keepTls(options: Record<string, unknown>, addresses: unknown[]): void {
  const given = addresses.filter((address) => typeof address === 'string');
  const secure = given.filter((address) => address.startsWith('rediss:'));
  if (secure.length === 0) return;
  if (secure.length < given.length) throw wrongValue('options.cluster', 'must have "rediss:" in all addresses or in none');
  options['socket'] = { ...(options['socket'] as object | undefined), tls: true };
}

/** Returns what an application's client was told of where to connect, for a second connection. */
function ownOptions(client: unknown): Record<string, unknown> {
  const { options } = (client ?? {}) as { options?: Record<string, unknown> };
  if (options === undefined || options === null) return {};
  const { url, username, password, database, db, socket, host, port, path, tls } = options as Record<string, unknown>;
  const place = socket ?? (host !== undefined || path ? { ...(path ? { path } : { host, port }), ...(tls ? { tls: true, ...(tls as object) } : {}) } : undefined);
  const found = { url, username, password, database: database ?? db, socket: place };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined && value !== null));
}

function driverOf(client: unknown, connection: Connection): Driver {
  if (client !== undefined) return driverOver(client, connection);
  const { createClient, createCluster } = loadNodeRedis();
  const { route } = connection;
  if (route.cluster === null) return new NodeRedisDriver(createClient(clientOptions(route)), true, connection);
  const rootNodes = route.cluster.map((url) => ({ url }));
  return new NodeRedisClusterDriver(createCluster({ rootNodes, RESP: 3, defaults: clientOptions(route) }), true, connection);
}

function driverOver(client: unknown, connection: Connection): Driver {
  if (typeof client !== 'object' || client === null) throw wrongType('options.client', 'a client of redis, ioredis or iovalkey');
  if ('callBuffer' in client) return new IoredisDriver(client as IoredisClient, connection);
  if (!('sendCommand' in client)) throw wrongType('options.client', 'a client of redis, ioredis or iovalkey');
  if ('nodeClient' in client) return new NodeRedisClusterDriver(client as unknown as NodeRedisCluster, false, connection);
  return new NodeRedisDriver(client as unknown as NodeRedisClient, false, connection);
}
