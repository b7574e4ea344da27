// Which server a dictionary is on, without credentials.
import type { Route } from './driver.js';
import { parsed } from './secrets.js';

const DEFAULT_PORT = 6379;

/**
 * Returns address and database of a server. Of a cluster, whose nodes each process may list in another way, it returns the
 * same for all.
 */
export function targetOf({ options, cluster, sentinel }: Route): string {
  if (cluster !== null) return 'a cluster';
  if (sentinel !== null) return `the master ${JSON.stringify(sentinel.name)}/${String(options['database'] ?? 0)}`;
  const { hostname, port, pathname } = (typeof options['url'] === 'string' && parsed(options['url'])) || { hostname: '', port: '', pathname: '' };
  const socket = (options['socket'] ?? {}) as { host?: string; port?: number; path?: string };
  const address = socket.path ?? `${hostname || (socket.host ?? 'localhost')}:${port || (socket.port ?? DEFAULT_PORT)}`;
  return `${address}/${pathname.slice(1) || String(options['database'] ?? 0)}`;
}
