// The option `sentinel`: a name, and the addresses of the Sentinels that watch it.
import type { RemoteOptions } from 'shmkit/valkey';
import { checkOptions, wrongType, wrongValue } from './arguments.js';
import type { SentinelRoute } from './driver.js';
import { decoded, parsed, type Secrets } from './secrets.js';

const DEFAULT_PORT = 26_379;
const CREDENTIALS = ['username', 'password'] as const;

/** Checks the option. Connections to the servers get TLS if those to the Sentinels have it, as `options` then says. */
export function sentinelRouteOf(argument: unknown, options: Record<string, unknown>, secrets: Secrets): SentinelRoute | null {
  if (argument === undefined) return null;
  const { name, urls } = checkOptions<NonNullable<RemoteOptions['sentinel']>>('options.sentinel', argument, ['name', 'urls']);
  if (typeof name !== 'string' || name === '') throw wrongType('options.sentinel.name', 'a non-empty string');
  if (!Array.isArray(urls) || urls.length === 0 || !urls.every((url) => typeof url === 'string')) throw wrongType('options.sentinel.urls', 'an array of addresses');
  secrets.addFrom(urls);
  const addresses = urls.map((url) => parsed(url) ?? fail('must have addresses like redis://host:26379'));
  const secure = addresses.filter(({ protocol }) => protocol === 'rediss:').length;
  if (secure > 0 && secure < addresses.length) fail('must have "rediss:" in all addresses or in none');
  if (secure > 0) options['socket'] = { ...(options['socket'] as object | undefined), tls: true };
  const found = new Map(addresses.map(({ username, password }) => [`${username}:${password}`, { username: decoded(username), password: decoded(password) }]));
  if (found.size > 1) fail('must have the same user and password in all addresses');
  const [credentials] = found.values();
  const given = CREDENTIALS.flatMap((field) => (credentials?.[field] ? [[field, credentials[field]]] : []));
  return {
    name,
    nodes: addresses.map(({ hostname, port }) => ({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || DEFAULT_PORT) })),
    options: { ...(options['socket'] === undefined ? {} : { socket: options['socket'] }), ...Object.fromEntries(given) },
  };
}

function fail(reason: string): never {
  throw wrongValue('options.sentinel.urls', reason);
}
