// Calls about many keys, which the server answers one by one: they are sent together, in parts.
import { ShmError } from 'shmkit';
import { checkFunction, checkIterable, checkOptions, wrongType } from './arguments.js';
import type { Argument } from './driver.js';
import { arrayOf, type Server } from './server.js';
import type { RemoteDict } from './remote-dict.js';

/** Calls in flight at once. */
const PART = 256;
const SCAN_COUNT = '1000';
const MOST_ATTEMPTS = 10_000;

/** Returns the values of the keys that exist. Lists, and values that cannot be read, are left out. */
export async function getMany<V>(dict: RemoteDict<V>, keys: unknown): Promise<Map<string, V>> {
  const found = new Map<string, V>();
  await inParts(checkIterable<string>('keys', keys), async (key) => {
    const value = await dict.get(key).catch(leaveOut);
    return () => value !== undefined && found.set(key, value);
  });
  return found;
}

/** Returns the number of keys for which a call returned true. */
export async function countMany<T>(items: Iterable<T>, call: (item: T) => Promise<boolean>): Promise<number> {
  let count = 0;
  try {
    await inParts(items, async (item) => {
      if (await call(item)) count += 1;
      return () => {};
    });
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { count }) : error;
  }
  return count;
}

/** Checks the entries of `setMany`, of whose errors each says how many entries were stored. */
export function checkEntries(entries: unknown): Iterable<unknown> {
  try {
    return checkIterable<unknown>('entries', entries);
  } catch (error) {
    throw Object.assign(error as Error, { count: 0 });
  }
}

/** Checks an entry of `setMany`. */
export function checkEntry(entry: unknown): [key: string, value: unknown, ttl: unknown] {
  if (!Array.isArray(entry)) throw wrongType('entries', 'an iterable of [key, value] or [key, value, ttl] arrays');
  return [entry[0], entry[1], entry[2]];
}

/** Yields all keys that start with a prefix, each once, from all masters. Not a snapshot. */
export async function* scan(server: Server, options: unknown): AsyncGenerator<string, undefined, undefined> {
  const { prefix = '' } = checkOptions<{ prefix?: string | undefined }>('options', options, ['prefix']);
  if (typeof prefix !== 'string') throw wrongType('options.prefix', 'of type string');
  const seen = new Set<string>();
  for (const send of await server.masters()) {
    for await (const name of namesOn(send, server.names.patternOf(prefix))) {
      const key = server.names.keyOf(name);
      if (key === undefined || !key.startsWith(prefix) || seen.has(key)) continue;
      seen.add(key);
      yield key;
    }
  }
}

/** Removes everything under the dictionary's prefix that is there throughout, leases too. */
export async function clear(server: Server): Promise<void> {
  for (const send of await server.masters()) {
    await server.changing(send, async () => {
      for await (const names of partsOf(namesOn(send, server.names.patternOf('')))) await Promise.all(names.map((name) => send(['UNLINK', name])));
    });
  }
}

/** Replaces a value by what a function makes of it, if it is still the same when that is stored. */
export async function update<V>(dict: RemoteDict<V>, key: string, fn: (value: V | undefined) => V | undefined, ttl: unknown): Promise<V | undefined> {
  checkFunction('fn', fn);
  if (typeof ttl !== 'object' && ttl !== undefined && typeof ttl !== 'number') throw wrongType('ttl', 'a number of seconds or of type object');
  const options = typeof ttl === 'number' ? { ttl } : (ttl ?? {});
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const entry = await dict.getEntry(key);
    const value = fn(entry?.value);
    if (value instanceof Promise) throw wrongType('fn', 'a function that returns no promise');
    const ifVersion = entry?.version ?? 0n;
    if (value === undefined ? entry === undefined || (await dict.delete(key, { ifVersion })) : await dict.set(key, value, { ...options, ifVersion })) return value;
    if (attempt > 3) await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(attempt, 50)));
  }
  throw Object.assign(new ShmError('ERR_SHM_CONTENTION', `Other writers changed the key before each of ${MOST_ATTEMPTS} attempts`), { key });
}

async function* namesOn(send: (args: Argument[]) => Promise<unknown>, pattern: string): AsyncGenerator<Buffer, undefined, undefined> {
  let cursor = '0';
  do {
    const [next, names] = arrayOf(await send(['SCAN', cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT]));
    cursor = String(next);
    for (const name of arrayOf(names)) if (Buffer.isBuffer(name)) yield name;
  } while (cursor !== '0');
}

async function* partsOf(names: AsyncIterable<Buffer>): AsyncGenerator<Buffer[], undefined, undefined> {
  let part: Buffer[] = [];
  for await (const name of names) {
    part.push(name);
    if (part.length < PART) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

/** Starts the work of a part together, and runs what it returns in order. */
async function inParts<T>(items: Iterable<T>, work: (item: T) => Promise<() => unknown>): Promise<void> {
  let part: T[] = [];
  const run = async (): Promise<void> => {
    const settled = await Promise.allSettled(part.map(work));
    part = [];
    for (const result of settled) {
      if (result.status === 'rejected') throw result.reason;
      result.value();
    }
  };
  for (const item of items) {
    part.push(item);
    if (part.length === PART) await run();
  }
  await run();
}

/** Returns undefined for a value that `getMany` leaves out, and throws every other error. */
export function leaveOut(error: unknown): undefined {
  if (error instanceof ShmError && (error.code === 'ERR_SHM_WRONG_TYPE' || error.code === 'ERR_SHM_UNSUPPORTED')) return undefined;
  throw error;
}
