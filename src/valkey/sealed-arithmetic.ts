// Counters in sealed values: the server cannot add to them, so they are read, and replaced if they are still the same.
import { ShmError } from 'shmkit';
import { checkFinite } from './arguments.js';
import { incrOptions } from './arithmetic.js';
import { READ, WRITE } from './script.js';
import { arrayOf, secondsOf, type Server } from './server.js';
import { versionOf } from './stored.js';
import { ifVersionIs, KEEP, PAST } from './write-options.js';

const INT64_LIMIT = 2n ** 63n;
const MOST_ATTEMPTS = 10_000;

export async function sealedIncr(server: Server, key: string, delta: unknown, argument: unknown): Promise<unknown> {
  const { init, expiry, initTtl, detail } = incrOptions(argument);
  if (delta !== undefined && typeof delta !== 'bigint') checkFinite('delta', delta);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const reply = await server.script(READ, key, [server.most, '0']);
    const [before, left] = reply === null ? [undefined, 0] : arrayOf(reply);
    const old = reply === null ? init : server.valueOf(key, before);
    if (old === undefined) return undefined;
    const value = sum(old, delta);
    const ttl = expiry ?? (reply === null ? initTtl : KEEP);
    const bytes = server.store(key, value);
    const condition = ifVersionIs(reply === null ? 0n : versionOf(before));
    const [isStored] = arrayOf(await server.script(WRITE, key, [bytes, String(ttl), condition, '0', '0']));
    if (isStored === 1) return detail ? { value, ttl: secondsOf(ttl === KEEP ? left : ttl), version: ttl === PAST ? 0n : versionOf(bytes) } : value;
    if (attempt > 3) await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(attempt, 50)));
  }
  throw Object.assign(new ShmError('ERR_SHM_CONTENTION', `Other writers changed the key before each of ${MOST_ATTEMPTS} attempts`), { key });
}

export function sealedThrottle(): never {
  throw new ShmError('ERR_SHM_UNSUPPORTED', 'A server cannot compute rate limits with sealed values: use a dictionary without "sealingKey" for them');
}

/** Adds as the server does. */
function sum(value: unknown, delta: unknown): number | bigint {
  if (typeof value === 'bigint' && (delta === undefined || typeof delta === 'bigint')) {
    const added = value + (delta ?? 1n);
    if (added >= INT64_LIMIT || added < -INT64_LIMIT) throw overflow();
    return added;
  }
  if (typeof value !== 'number' || typeof delta === 'bigint') throw new ShmError('ERR_SHM_WRONG_TYPE', 'The value on the server has another type than this call works on');
  const added = value + ((delta as number | undefined) ?? 1);
  if (!Number.isFinite(value) || !Number.isFinite(added)) throw overflow();
  return added;
}

function overflow(): ShmError {
  return new ShmError('ERR_SHM_OVERFLOW', 'The result cannot be stored; the value is unchanged');
}
