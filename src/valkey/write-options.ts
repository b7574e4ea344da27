// The options of writes: the same as those of dictionaries in shared memory, with times in milliseconds.
import { types } from 'node:util';
import { checkFinite, checkOptions, wrongType, wrongValue } from './arguments.js';
import { versionBytes } from './stored.js';

/** No expiry. */
export const NEVER = 0;
/** Keeps the entry's expiry. */
export const KEEP = -1;
/** A point in time that is past: the entry is removed. */
export const PAST = -2;

/** The longest time that fits into the server's deadlines. */
const LONGEST = 9e15;

interface Expiry {
  ttl?: number | undefined;
  expiresAt?: Date | number | undefined;
}
interface Options extends Expiry {
  keepTtl?: boolean | undefined;
  ifAbsent?: boolean | undefined;
  ifPresent?: boolean | undefined;
  ifVersion?: bigint | undefined;
}

/** When a write stores, and for how long. */
export interface Write {
  /** Milliseconds, or one of the constants above. */
  ttl: number;
  /** '', 'absent', 'present', or 'v' and the bytes of a version. */
  condition: Buffer;
}

const [ALWAYS, IF_ABSENT, IF_PRESENT, IF_VERSION] = ['', 'absent', 'present', 'v'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer, Buffer];
export { IF_ABSENT, IF_PRESENT };

/** Converts seconds to milliseconds. A positive time never becomes 0. */
export function milliseconds(name: string, seconds: unknown): number {
  const checked = checkFinite(name, seconds);
  return checked <= 0 ? NEVER : Math.min(Math.max(Math.round(checked * 1000), 1), LONGEST);
}

/** Returns the expiry of a TTL in seconds, or of options with `ttl`, `expiresAt` and `keepTtl`. */
export function ttlOf(argument: unknown): number {
  if (argument === undefined) return NEVER;
  if (typeof argument !== 'object') return milliseconds('ttl', argument);
  return expiryOf(checkOptions<Options>('options', argument, ['ttl', 'expiresAt', 'keepTtl'])) ?? NEVER;
}

/** Returns the expiry that `expire` sets. */
export function newExpiryOf(argument: unknown): number {
  if (typeof argument !== 'object' || argument === null) return milliseconds('ttl', argument);
  return expiryOf(checkOptions<Expiry>('options', argument, ['ttl', 'expiresAt'])) ?? NEVER;
}

/** Returns the options of `set`. */
export function writeOptions(argument: unknown): Write {
  if (argument === undefined || typeof argument === 'number') return { ttl: ttlOf(argument), condition: ALWAYS };
  if (typeof argument !== 'object') throw wrongType('options', 'a number of seconds or of type object');
  const options = checkOptions<Options>('options', argument, ['ttl', 'expiresAt', 'keepTtl', 'ifAbsent', 'ifPresent', 'ifVersion']);
  return { ttl: expiryOf(options) ?? NEVER, condition: conditionOf(options) };
}

/** Returns milliseconds, or undefined if the options name no time. */
export function expiryOf({ ttl, expiresAt, keepTtl }: Options): number | undefined {
  if (keepTtl !== undefined && typeof keepTtl !== 'boolean') throw wrongType('options.keepTtl', 'of type boolean');
  if (expiresAt !== undefined && (ttl !== undefined || keepTtl)) throw wrongValue('options.expiresAt', 'cannot be combined with "ttl" or "keepTtl"');
  if (keepTtl && ttl !== undefined) throw wrongValue('options.keepTtl', 'cannot be combined with "ttl"');
  if (expiresAt !== undefined) return millisecondsUntil(expiresAt);
  if (keepTtl) return KEEP;
  return ttl === undefined ? undefined : milliseconds('options.ttl', ttl);
}

function millisecondsUntil(time: unknown): number {
  const at = types.isDate(time) ? time.getTime() : time;
  if (types.isDate(time) && Number.isNaN(at)) throw wrongValue('options.expiresAt', 'must be a valid Date');
  if (typeof at !== 'number') throw wrongType('options.expiresAt', 'a Date or a number of milliseconds since 1970');
  const left = checkFinite('options.expiresAt', at) - Date.now();
  return left <= 0 ? PAST : Math.min(Math.max(Math.round(left), 1), LONGEST);
}

function conditionOf({ ifAbsent, ifPresent, ifVersion }: Options): Buffer {
  for (const [name, value] of Object.entries({ ifAbsent, ifPresent })) {
    if (value !== undefined && typeof value !== 'boolean') throw wrongType(`options.${name}`, 'of type boolean');
  }
  if (Number(ifAbsent === true) + Number(ifPresent === true) + Number(ifVersion !== undefined) > 1) {
    throw wrongValue('options', 'must have at most one of "ifAbsent", "ifPresent" and "ifVersion"');
  }
  if (ifAbsent) return IF_ABSENT;
  if (ifPresent) return IF_PRESENT;
  return ifVersion === undefined ? ALWAYS : ifVersionIs(ifVersion);
}

/** Returns the condition that an entry has this version; 0n: that there is none. */
export function ifVersionIs(version: bigint): Buffer {
  return Buffer.concat([IF_VERSION, versionBytes('options.ifVersion', version)]);
}
