// Counters and rate limits, which the server computes in one step.
import { checkFinite, checkInteger, checkOptions, outOfRange, wrongType, wrongValue } from './arguments.js';
import { decode } from './decoding.js';
import { encode } from './encoding.js';
import { ADD, THROTTLE } from './script.js';
import { arrayOf, secondsOf, type Server } from './server.js';
import { newVersion } from './stored.js';
import { expiryOf, milliseconds } from './write-options.js';

interface IncrOptions {
  init?: number | bigint | undefined;
  ttl?: number | undefined;
  expiresAt?: Date | number | undefined;
  initTtl?: number | undefined;
  detail?: boolean | undefined;
}
interface ThrottleOptions {
  limit: number;
  window: number;
  burst?: number | undefined;
  cost?: number | undefined;
}

/** Stands for 1 or 1n, whichever fits the value. */
const ONE = '?';
/** A year, in seconds. */
const LONGEST_WINDOW = 31_536_000;
const MOST_PER_SECOND = 1_000_000;

/** Checks the options of `incr`. Times are in milliseconds. */
export function incrOptions(argument: unknown) {
  const given = typeof argument === 'number' ? { ttl: argument } : argument;
  const options = checkOptions<IncrOptions>('options', given, ['init', 'ttl', 'expiresAt', 'initTtl', 'detail']);
  const { init, detail } = options;
  if (init !== undefined && typeof init !== 'number' && typeof init !== 'bigint') throw wrongType('options.init', 'a number or a bigint');
  if (detail !== undefined && typeof detail !== 'boolean') throw wrongType('options.detail', 'of type boolean');
  return { init, detail, expiry: expiryOf(options), initTtl: options.initTtl === undefined ? 0 : milliseconds('options.initTtl', options.initTtl) };
}

export async function incr(server: Server, key: unknown, delta: unknown, ttl: unknown): Promise<unknown> {
  const options = incrOptions(ttl);
  const by = delta === undefined ? Buffer.from(ONE) : encode(typeof delta === 'bigint' ? delta : checkFinite('delta', delta));
  const init = options.init === undefined ? '' : encode(options.init);
  const version = newVersion();
  const reply = await server.script(ADD, key, [by, init, String(options.expiry ?? ''), String(options.initTtl), version]);
  if (reply === null) return undefined;
  const [encoded, left, isRemoved] = arrayOf(reply);
  const value = decode(encoded as Buffer);
  return options.detail ? { value, ttl: secondsOf(left), version: isRemoved === 1 ? 0n : version.readBigUInt64BE() } : value;
}

export async function throttle(server: Server, key: unknown, argument: unknown) {
  const options = checkOptions<ThrottleOptions>('options', argument, ['limit', 'window', 'burst', 'cost']);
  const limit = checkInteger('options.limit', options.limit, 1);
  const window = checkFinite('options.window', options.window);
  if (window <= 0 || window > LONGEST_WINDOW) throw outOfRange('options.window', `> 0 and <= ${LONGEST_WINDOW} seconds`);
  if (limit > window * MOST_PER_SECOND) throw outOfRange('options.limit', `at most ${MOST_PER_SECOND} for each second of the window`);
  const burst = options.burst === undefined ? limit : checkInteger('options.burst', options.burst, 1);
  const cost = options.cost === undefined ? 1 : checkInteger('options.cost', options.cost, 0);
  if (cost > burst) throw outOfRange('options.cost', `at most the burst of ${burst}`);
  const nanoseconds = Math.max(Math.round(window * 1e9), 1);
  const reply = await server.script(THROTTLE, key, [...[limit, nanoseconds, burst, cost].map(String), newVersion()]);
  const [allowed, remaining, wait, ahead] = arrayOf(reply).map(Number);
  return { allowed: allowed === 1, remaining: remaining as number, retryAfter: (wait as number) / 1e9, resetAfter: (ahead as number) / 1e9 };
}

/** Checks the items of a push and returns them encoded. */
export function encodeItems(items: unknown[]): Buffer[] {
  if (items.length === 0) throw wrongType('items', 'at least one item');
  if (items.length > 65_535) throw outOfRange('items', 'at most 65535 items');
  return items.map((item) => {
    if (typeof item !== 'string' && typeof item !== 'number' && !(item instanceof Uint8Array)) throw wrongType('item', 'a string, a number or bytes');
    return encode(item);
  });
}

/** Returns the version in the options of `delete`. */
export function versionOption(argument: unknown): bigint | undefined {
  const { ifVersion } = checkOptions<{ ifVersion?: bigint | undefined }>('options', argument, ['ifVersion']);
  if (ifVersion !== undefined && typeof ifVersion !== 'bigint') throw wrongValue('options.ifVersion', 'must be a bigint');
  return ifVersion;
}
