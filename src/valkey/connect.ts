// From the options of a dictionary to its driver.
import type { RemoteOptions } from 'shmkit/valkey';
import { checkInteger, checkOptions, checkSeconds, wrongType, wrongValue } from './arguments.js';
import { clientSettings } from './client-settings.js';
import type { Connection, Driver, Route } from './driver.js';
import type { Form } from './encoding.js';
import { type IoredisClient, IoredisDriver } from './ioredis.js';
import { checkPrefix } from './keys.js';
import { clientOptions, clusterOptions, loadNodeRedis, type NodeRedisClient, type NodeRedisCluster, NodeRedisClusterDriver, NodeRedisDriver } from './node-redis.js';
import { checkAllowed, NodeGuard } from './nodes.js';
import { type Seal, sealOf } from './sealing.js';
import { decoded, parsed, Secrets } from './secrets.js';
import { type NodeRedisSentinel, NodeRedisSentinelDriver, sentinelOptions } from './sentinel.js';
import { sentinelRouteOf } from './sentinel-route.js';

export interface Settings {
  readonly prefix: string;
  readonly form: Form;
  readonly seal: Seal | null;
  readonly replicas: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly mostBytes: number;
  readonly secrets: Secrets;
  readonly driver: () => Driver;
  /** Closes the driver if there is one. */
  readonly close: () => Promise<void>;
}

const NAMES = ['url', 'cluster', 'sentinel', 'client', 'clientOptions', 'allowNodes', 'prefix', 'timeout', 'codec', 'maxValueSize', 'replicas', 'sealingKey'] as const;
const NODES = ['redis:', 'rediss:'];
const SINGLE = [...NODES, 'unix:'];
const DEFAULT_TIMEOUT = 5;
const DEFAULT_MOST_BYTES = 64 * 1024 * 1024;

/** Checks the options of a dictionary. The driver is made at the first call. */
export function settingsOf(argument: unknown): Settings {
  const options = checkOptions<RemoteOptions>('options', argument, NAMES);
  const timeout = options.timeout === undefined ? DEFAULT_TIMEOUT : checkSeconds('options.timeout', options.timeout);
  if (options.codec !== undefined && options.codec !== 'binary' && options.codec !== 'json') throw wrongValue('options.codec', "must be 'binary' or 'json'");
  const places = [options.url, options.cluster, options.sentinel].filter((way) => way !== undefined);
  if (places.length > 1 || (places.length === 0 && options.client === undefined)) throw wrongValue('options', 'must have one of "url", "cluster", "sentinel" and "client"');
  if (options.client !== undefined) checkClient(options.client);
  // Its commands without a key go to any node.
  if (options.replicas && (options.client as IoredisClient | undefined)?.isCluster) throw wrongValue('options.replicas', 'needs "cluster", or a cluster of redis, instead of this "client"');
  const secrets = new Secrets();
  const route = routeOf(options, secrets);
  const milliseconds = (timeout === 0 ? DEFAULT_TIMEOUT : timeout) * 1000;
  let driver: Driver | undefined;
  return {
    prefix: checkPrefix(options.prefix ?? 'shmkit:'),
    form: options.codec ?? 'binary',
    seal: sealOf(options.sealingKey),
    replicas: options.replicas === undefined ? 0 : checkInteger('options.replicas', options.replicas, 0),
    timeout: milliseconds,
    mostBytes: options.maxValueSize === undefined ? DEFAULT_MOST_BYTES : checkSeconds('options.maxValueSize', options.maxValueSize),
    secrets,
    driver: () => (driver ??= driverOf(options.client, { route, secrets, timeout: milliseconds })),
    close: async () => driver?.close(),
  };
}

function routeOf({ url, cluster, sentinel, client, allowNodes, clientOptions: more = {} }: RemoteOptions, secrets: Secrets): Route {
  if (url !== undefined && typeof url !== 'string') throw wrongType('options.url', 'of type string');
  if (cluster !== undefined && !(Array.isArray(cluster) && cluster.length > 0 && cluster.every((node) => typeof node === 'string'))) throw wrongType('options.cluster', 'an array of addresses');
  if (typeof more !== 'object' || more === null || Array.isArray(more)) throw wrongType('options.clientOptions', 'of type object');
  if (url !== undefined) checkAddress('options.url', url, SINGLE);
  for (const node of cluster ?? []) checkAddress('options.cluster', node, NODES);
  const given = [[url], cluster, [more['url']]].find((addresses): addresses is string[] => typeof addresses?.[0] === 'string');
  const { options: own, addresses: known } = clientSettings(client, secrets);
  for (const source of [url, cluster, more]) secrets.addFrom(source);
  const options: Record<string, unknown> = { ...own, ...credentialsOf(given ?? known), ...more, ...(url === undefined ? {} : { url }) };
  const socket = socketOf(own, more, given !== undefined);
  if (socket !== undefined) options['socket'] = socket;
  keepTls(options, [options['url'], ...(given ?? known)]);
  return { options, cluster: cluster ?? null, sentinel: sentinelRouteOf(sentinel, options, secrets), allowed: checkAllowed(allowNodes) };
}

/** Throws unless a text is an address with one of these schemes. It may have a password, so the error does not show it. */
function checkAddress(name: string, address: string, schemes: string[]): void {
  // Of a socket with a user, `URL` knows nothing.
  const scheme = address.startsWith('unix:') ? 'unix:' : parsed(address)?.protocol;
  if (!schemes.includes(scheme ?? '')) throw wrongValue(name, `must be an address with ${schemes.map((each) => `${each}//`).join(', ')}`);
}

/** Merges sockets, so that a timeout of the caller's does not take the host and TLS of its client away. */
function socketOf(own: Record<string, unknown>, more: Record<string, unknown>, hasAddress: boolean): Record<string, unknown> | undefined {
  const theirs = { ...(own['socket'] as object | undefined) };
  const added = { ...(more['socket'] as Record<string, unknown> | undefined) };
  // node-redis uses TLS for `true` alone, and anything else would be sent in clear text.
  if (added['tls'] !== undefined && typeof added['tls'] !== 'boolean') throw wrongType('options.clientOptions.socket.tls', 'of type boolean');
  // An address without a port must not get that of the client.
  const socket: Record<string, unknown> = { ...theirs, ...(hasAddress ? { host: undefined, port: undefined, path: undefined } : {}), ...added };
  for (const name of ['host', 'port', 'path']) if (socket[name] === undefined) delete socket[name];
  return Object.keys(socket).length === 0 ? undefined : socket;
}

/** Makes every connection use TLS if one address does: the nodes of a cluster are named by the cluster, without a scheme. */
function keepTls(options: Record<string, unknown>, addresses: unknown[]): void {
  const given = addresses.filter((address) => typeof address === 'string');
  const secure = given.filter((address) => parsed(address)?.protocol === 'rediss:');
  if (secure.length === 0) return;
  if (secure.length < given.length) throw wrongValue('options.cluster', 'must have "rediss:" in all addresses or in none');
  options['socket'] = { ...(options['socket'] as object | undefined), tls: true };
}

/** Returns the user and password of the addresses, for the nodes that a cluster names: without them. */
function credentialsOf(addresses: string[]): { username?: string; password?: string } {
  const found = new Map<string, { username?: string; password?: string }>();
  for (const address of addresses) {
    const { username = '', password = '' } = parsed(address) ?? {};
    if (username !== '' || password !== '') found.set(`${username}:${password}`, { username: decoded(username), password: decoded(password) });
  }
  if (found.size > 1) throw wrongValue('options.cluster', 'must have the same user and password in all addresses that have them');
  return [...found.values()][0] ?? {};
}

function driverOf(client: unknown, connection: Connection): Driver {
  if (client !== undefined) return driverOver(client as object, connection);
  const { createClient, createCluster, createSentinel } = loadNodeRedis();
  const { route } = connection;
  const guard = new NodeGuard(route.allowed);
  if (route.sentinel !== null) return new NodeRedisSentinelDriver(createSentinel(sentinelOptions(route, route.sentinel, guard)), true, connection, guard);
  if (route.cluster === null) return new NodeRedisDriver(createClient(clientOptions(route)), true, connection);
  return new NodeRedisClusterDriver(createCluster(clusterOptions(route, route.cluster, guard)), true, connection, guard);
}

function checkClient(client: unknown): void {
  const isClient = typeof client === 'object' && client !== null && ('callBuffer' in client || 'sendCommand' in client);
  if (!isClient) throw wrongType('options.client', 'a client of redis, ioredis or iovalkey');
}

function driverOver(client: object, connection: Connection): Driver {
  if ('callBuffer' in client) return new IoredisDriver(client as IoredisClient, connection);
  if ('getSentinelNode' in client) return new NodeRedisSentinelDriver(client as unknown as NodeRedisSentinel, false, connection);
  if ('nodeClient' in client) return new NodeRedisClusterDriver(client as unknown as NodeRedisCluster, false, connection);
  return new NodeRedisDriver(client as unknown as NodeRedisClient, false, connection);
}
