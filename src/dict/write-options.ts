// The options of writes.
import { checkBoolean, checkFinite, checkObject } from '../arguments/check.js';
import { KEEP, nanoseconds, NEVER } from '../arguments/ttl.js';
import { wrongType, wrongValue } from '../addon/errors.js';
import type { IncrOptions, SetOptions } from '../types.js';

/** The addon's numbers of conditions. */
export const ALWAYS = 0;
export const IF_ABSENT = 1;
export const IF_PRESENT = 2;
export const IF_VERSION = 3;

/** The checked options of a write. */
export interface WriteOptions {
  ttl: number;
  condition: number;
  version: bigint | undefined;
}

/** Checks the TTL of a write without conditions: seconds, or `{ ttl, keepTtl }`. */
export function ttlOf(argument: unknown): number {
  if (argument === undefined) return NEVER;
  if (typeof argument === 'number') return nanoseconds('ttl', argument);
  const options = optionsOf<SetOptions>(argument);
  return ttlOption(options.ttl, options.keepTtl);
}

/** Checks the options of `set`: seconds, or an object. */
export function writeOptions(argument: unknown): WriteOptions {
  if (argument === undefined || typeof argument === 'number') {
    return { ttl: ttlOf(argument), condition: ALWAYS, version: undefined };
  }
  const options = optionsOf<SetOptions>(argument);
  const { ttl, keepTtl, ifVersion: version } = options;
  const absent = checkBoolean('options.ifAbsent', options.ifAbsent) ?? false;
  const present = checkBoolean('options.ifPresent', options.ifPresent) ?? false;
  checkVersion(version);
  if (Number(absent) + Number(present) + Number(version !== undefined) > 1) {
    throw wrongValue('options', 'can have only one of ifAbsent, ifPresent and ifVersion', argument);
  }
  const condition = absent ? IF_ABSENT : present ? IF_PRESENT : version === undefined ? ALWAYS : IF_VERSION;
  return { ttl: ttlOption(ttl, keepTtl), condition, version };
}

/** Checks the options of `incr`. */
export function incrOptions(argument: unknown): { init: unknown; ttl: number; initTtl: number } {
  if (argument === undefined) return { init: undefined, ttl: KEEP, initTtl: NEVER };
  if (typeof argument === 'number') return { init: undefined, ttl: nanoseconds('ttl', argument), initTtl: NEVER };
  const { init, ttl, initTtl } = optionsOf<IncrOptions<number | bigint>>(argument);
  if (init !== undefined && typeof init !== 'bigint') checkFinite('options.init', init);
  return {
    init,
    ttl: ttl === undefined ? KEEP : nanoseconds('options.ttl', ttl),
    initTtl: initTtl === undefined ? NEVER : nanoseconds('options.initTtl', initTtl),
  };
}

/** Checks the `ifVersion` of `delete`. */
export function versionOf(argument: unknown): bigint | undefined {
  const { ifVersion } = checkObject<SetOptions>('options', argument);
  checkVersion(ifVersion);
  return ifVersion;
}

function optionsOf<T extends object>(argument: unknown): Partial<T> {
  if (typeof argument !== 'object' || argument === null) {
    throw wrongType('ttl', 'a number of seconds or an options object', argument);
  }
  return argument as Partial<T>;
}

function ttlOption(ttl: unknown, keepTtl: unknown): number {
  const keep = checkBoolean('options.keepTtl', keepTtl) ?? false;
  if (ttl === undefined) return keep ? KEEP : NEVER;
  if (keep) throw wrongValue('options.keepTtl', 'cannot be used together with a ttl', keepTtl);
  return nanoseconds('options.ttl', ttl);
}

function checkVersion(version: unknown): void {
  if (version !== undefined && typeof version !== 'bigint') {
    throw wrongType('options.ifVersion', 'of type bigint', version);
  }
}
