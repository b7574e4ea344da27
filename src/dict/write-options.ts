// The options of writes.
import { checkBoolean, checkFinite } from '../arguments/check.js';
import { checkNames, checkOptions, type OptionNames } from '../arguments/options.js';
import { KEEP, leftAfter, nanoseconds, nanosecondsUntil, NEVER } from '../arguments/ttl.js';
import { outOfRange, wrongType, wrongValue } from '../addon/errors.js';
import { bootClock } from './fast-calls.js';
import type { ExpiryOptions, IncrOptions, SetOptions, TtlOptions } from '../types.js';

/** The addon's numbers of conditions. */
export const ALWAYS = 0;
export const IF_ABSENT = 1;
export const IF_PRESENT = 2;
export const IF_VERSION = 3;

const EXPIRY_NAMES: OptionNames<ExpiryOptions> = { ttl: true, expiresAt: true };
const TTL_NAMES: OptionNames<TtlOptions> = { ...EXPIRY_NAMES, keepTtl: true };
const SET_NAMES: OptionNames<SetOptions> = { ...TTL_NAMES, ifAbsent: true, ifPresent: true, ifVersion: true };
const INCR_NAMES: OptionNames<IncrOptions> = { ...EXPIRY_NAMES, init: true, initTtl: true, detail: true };
const DELETE_NAMES: OptionNames<Pick<SetOptions, 'ifVersion'>> = { ifVersion: true };

/** The checked options of a write. Times are as the addon takes them: see src/arguments/ttl.ts. */
export interface WriteOptions {
  ttl: number;
  condition: number;
  version?: bigint | undefined;
  /** Returns the expiry at the time of the call, if it is a point in time. */
  later?: (() => number) | undefined;
}

/** The checked options of `incr`. */
export interface CheckedIncrOptions {
  init: number | bigint | undefined;
  ttl: number;
  initTtl: number;
  detail: boolean;
}

/** Checks the expiry of a write without conditions: seconds, or `{ ttl, keepTtl, expiresAt }`. */
export function ttlOf(argument: unknown): number {
  if (argument === undefined) return NEVER;
  if (typeof argument === 'number') return nanoseconds('ttl', argument);
  return expiryOption(optionsOf(argument, TTL_NAMES));
}

/** Like `ttlOf`, for a value that is made or stored some time later. */
export function laterTtlOf(argument: unknown): () => number {
  const ttl = ttlOf(argument);
  return typeof argument === 'object' ? laterExpiry(argument as Partial<TtlOptions>, ttl) : () => ttl;
}

/**
 * Returns a function that returns the expiry at the time of its call: of a point in time, less is left then, by the boot clock.
 * `expiry` is what it is now.
 */
export function laterExpiry({ expiresAt }: Partial<ExpiryOptions>, expiry: number): () => number {
  if (expiresAt === undefined) return () => expiry;
  const since = bootClock();
  return () => leftAfter((bootClock() - since) * 1e6, expiry);
}

/** Checks the new expiry of an entry: seconds, or `{ ttl, expiresAt }`. One of them must be given. */
export function newExpiryOf(argument: unknown): number {
  if (typeof argument === 'number') return nanoseconds('ttl', argument);
  const options = optionsOf(argument, EXPIRY_NAMES);
  if (options.ttl === undefined && options.expiresAt === undefined) throw wrongType('options.ttl', 'of type number', undefined);
  return expiryOption(options);
}

/** Checks the options of `set`: seconds, or an object. */
export function writeOptions(argument: unknown): WriteOptions {
  if (argument === undefined || typeof argument === 'number') {
    return { ttl: ttlOf(argument), condition: ALWAYS, version: undefined };
  }
  const options = optionsOf(argument, SET_NAMES);
  const { ifVersion: version } = options;
  const absent = checkBoolean('options.ifAbsent', options.ifAbsent) ?? false;
  const present = checkBoolean('options.ifPresent', options.ifPresent) ?? false;
  checkVersion(version);
  if (Number(absent) + Number(present) + Number(version !== undefined) > 1) {
    throw wrongValue('options', 'can have only one of ifAbsent, ifPresent and ifVersion', argument);
  }
  const condition = absent ? IF_ABSENT : present ? IF_PRESENT : version === undefined ? ALWAYS : IF_VERSION;
  const ttl = expiryOption(options);
  return { ttl, condition, version, later: options.expiresAt === undefined ? undefined : laterExpiry(options, ttl) };
}

/** Checks the options of `incr`. */
export function incrOptions(argument: unknown): CheckedIncrOptions {
  if (argument === undefined) return { init: undefined, ttl: KEEP, initTtl: NEVER, detail: false };
  if (typeof argument === 'number') return { init: undefined, ttl: nanoseconds('ttl', argument), initTtl: NEVER, detail: false };
  const options = hasOnlyIncrNames(argument) ? argument : optionsOf(argument, INCR_NAMES as OptionNames<IncrOptions<number | bigint>>);
  const { init, initTtl } = options;
  if (init !== undefined && typeof init !== 'bigint') checkFinite('options.init', init);
  return {
    init,
    ttl: expiryOption(options, KEEP),
    initTtl: initTtl === undefined ? NEVER : nanoseconds('options.initTtl', initTtl),
    detail: checkBoolean('options.detail', options.detail) ?? false,
  };
}

// Limiters pass these options to every call: comparing names takes a third of what looking them up takes.
function hasOnlyIncrNames(argument: unknown): argument is Partial<IncrOptions<number | bigint>> {
  if (typeof argument !== 'object' || argument === null) return false;
  let hasNames = false;
  for (const name in argument) {
    if (name !== 'init' && name !== 'initTtl' && name !== 'detail' && name !== 'ttl' && name !== 'expiresAt') return false;
    hasNames = true;
  }
  return hasNames;
}

/** Checks the `ifVersion` of `delete`. */
export function versionOf(argument: unknown): bigint | undefined {
  const { ifVersion } = checkOptions('options', argument, DELETE_NAMES);
  checkVersion(ifVersion);
  return ifVersion;
}

/** Checks the options that say when an entry expires; `none` is for a call without any of them. */
export function expiryOption({ ttl, keepTtl, expiresAt }: Partial<TtlOptions>, none: number = NEVER): number {
  const keep = checkBoolean('options.keepTtl', keepTtl) ?? false;
  if (expiresAt !== undefined) {
    if (ttl !== undefined || keep) throw wrongValue('options.expiresAt', 'cannot be used together with a ttl', expiresAt);
    return nanosecondsUntil('options.expiresAt', expiresAt);
  }
  if (ttl === undefined) return keep ? KEEP : none;
  if (keep) throw wrongValue('options.keepTtl', 'cannot be used together with a ttl', keepTtl);
  return nanoseconds('options.ttl', ttl);
}

function optionsOf<T extends object>(argument: unknown, names: OptionNames<T>): Partial<T> {
  if (typeof argument !== 'object' || argument === null) {
    throw wrongType('ttl', 'a number of seconds or an options object', argument);
  }
  checkNames('options', argument, names);
  return argument as Partial<T>;
}

export function checkVersion(version: unknown, name: string = 'options.ifVersion'): void {
  if (version === undefined) return;
  if (typeof version !== 'bigint') throw wrongType(name, 'of type bigint', version);
  if (version < 0n || version >> 64n !== 0n) throw outOfRange(name, '>= 0n and < 2n ** 64n', version);
}
