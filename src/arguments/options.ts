// Options of opening: checked once, then in base units.
import { checkBoolean, checkFinite, checkInteger, checkObject, checkString } from './check.js';
import { codecOf, type EntryCodec } from '../dict/codecs.js';
import { outOfRange, wrongType, wrongValue } from '../addon/errors.js';
import { type CacheLimits, DEFAULT_LIMITS } from '../dict/local-cache.js';
import type { NativeOptions } from '../addon/native.js';
import { bytesOf } from './size.js';
import type { DirectoryOptions, HandleOptions, OpenOptions, SegmentOptions } from '../types.js';

/** What opening needs to know. */
export interface CheckedOptions {
  native: NativeOptions;
  codec: EntryCodec;
  /** Without, values are always read from the shared memory. */
  cache: CacheLimits | undefined;
}

/** Of `open`. */
export function openOptions(argument: unknown): CheckedOptions {
  const options = checkObject<OpenOptions>('options', argument);
  const checked = handleOptions(options);
  checked.native.readOnly = checkBoolean('options.readOnly', options.readOnly);
  return checked;
}

/** Of `create`: a size, or options with one. */
export function createOptions(argument: unknown): CheckedOptions {
  const checked = segmentOptions(argument);
  if (checked.native.size === undefined) throw wrongType('options.size', 'a number or a string', undefined);
  return checked;
}

/** Of `openOrCreate`: a size, or options. */
export function segmentOptions(argument: unknown): CheckedOptions {
  const isSize = typeof argument === 'number' || typeof argument === 'string';
  const options = isSize ? { size: argument } : checkObject<SegmentOptions>('options', argument);
  const { size, onFull, mode, maxEntries } = options;
  const checked = handleOptions(options);
  Object.assign(checked.native, {
    size: size === undefined ? undefined : bytesOf(isSize ? 'size' : 'options.size', size),
    evict: onFull === undefined ? undefined : isEvict(onFull),
    persist: checkBoolean('options.persist', options.persist),
    replace: checkBoolean('options.replace', options.replace),
    mode: mode === undefined ? undefined : checkInteger('options.mode', mode, 0, 0o777),
    maxEntries: maxEntries === undefined ? undefined : checkInteger('options.maxEntries', maxEntries, 1),
    checksums: checkBoolean('options.checksums', options.checksums),
  } satisfies NativeOptions);
  return checked;
}

/** Of the calls that work on names alone. */
export function directoryOption(argument: unknown): string | undefined {
  return directory(checkObject<DirectoryOptions>('options', argument).dir);
}

function handleOptions(options: Partial<HandleOptions>): CheckedOptions {
  const { lockTimeout, trustUids } = options;
  return {
    native: {
      dir: directory(options.dir),
      lockTimeoutMs: lockTimeout === undefined ? undefined : lockTimeoutMs(lockTimeout),
      trustUids: trustUids === undefined ? undefined : uids(trustUids),
    },
    codec: codecOf(options.codec),
    cache: cacheLimits(options.localCache),
  };
}

function cacheLimits(localCache: unknown): CacheLimits | undefined {
  if (localCache === undefined || localCache === true) return DEFAULT_LIMITS;
  if (localCache === false) return undefined;
  if (typeof localCache !== 'object' || localCache === null) {
    throw wrongType('options.localCache', 'a boolean or an object', localCache);
  }
  const { maxEntries = DEFAULT_LIMITS.maxEntries, maxBytes = DEFAULT_LIMITS.maxBytes } = localCache as Partial<CacheLimits>;
  return {
    maxEntries: checkInteger('options.localCache.maxEntries', maxEntries, 2, 2 ** 24),
    maxBytes: checkInteger('options.localCache.maxBytes', maxBytes, 1024),
  };
}

export function directory(dir: unknown): string | undefined {
  if (dir === undefined) return undefined;
  const path = checkString('options.dir', dir);
  if (path === '' || path.includes('\0')) throw wrongValue('options.dir', 'must be a path without null bytes', dir);
  return path;
}

function isEvict(onFull: unknown): boolean {
  if (onFull !== 'error' && onFull !== 'evict') throw wrongValue('options.onFull', "must be 'error' or 'evict'", onFull);
  return onFull === 'evict';
}

// A year is as good as for ever, and keeps the deadline in range.
function lockTimeoutMs(seconds: unknown): number {
  const checked = checkFinite('options.lockTimeout', seconds);
  if (checked <= 0) throw outOfRange('options.lockTimeout', '> 0', seconds);
  return Math.min(checked, 366 * 86_400) * 1000;
}

export function uids(list: unknown): number[] {
  if (!Array.isArray(list)) throw wrongType('options.trustUids', 'an array of numbers', list);
  return list.map((uid, index) => checkInteger(`options.trustUids[${index}]`, uid, 0, 2 ** 32 - 2));
}
