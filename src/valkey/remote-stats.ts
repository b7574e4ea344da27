// Figures of the servers, which concern all that is on them.
import type { RemoteStats } from 'shmkit/valkey';
import type { Server } from './server.js';

const FIELDS: Array<[name: keyof RemoteStats, field: RegExp]> = [
  ['usedMemory', /^used_memory:(\d+)/m],
  ['hits', /^keyspace_hits:(\d+)/m],
  ['misses', /^keyspace_misses:(\d+)/m],
  ['evicted', /^evicted_keys:(\d+)/m],
  ['expired', /^expired_keys:(\d+)/m],
];

export async function remoteStats(server: Server): Promise<RemoteStats> {
  const stats: RemoteStats = { masters: 0, usedMemory: 0, keys: 0, hits: 0, misses: 0, evicted: 0, expired: 0 };
  for (const send of await server.masters()) {
    const [info, keys] = await Promise.all([send(['INFO']), send(['DBSIZE'])]);
    stats.masters += 1;
    stats.keys += Number(keys);
    for (const [name, field] of FIELDS) stats[name] += Number(field.exec(String(info))?.[1] ?? 0);
  }
  return stats;
}
