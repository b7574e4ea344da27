// Options of opening a dictionary: checked once, and converted to base units.
import { outOfRange, wrongType, wrongValue } from '../addon/errors.js';
import { checkBoolean, checkFinite, checkInteger } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { bytesOf } from '../arguments/size.js';
import type { MismatchOptions } from '../object/named-types.js';
import { NAMING_NAMES, openOptionsOf, sizedOptions } from '../object/options.js';
import type { HandleOptions, OpenOptions, SegmentOptions } from '../types.js';
import { codecOf, type HandleCodec } from './codecs.js';
import { type CacheLimits, DEFAULT_LIMITS } from './local-cache.js';
import type { NativeDictOptions } from './native.js';

/** Checked options, for the addon and the handle. */
export interface DictOptions extends NativeDictOptions {
  codec: HandleCodec;
  /** Undefined if the local cache is disabled. */
  cache: CacheLimits | undefined;
}

const HANDLE_NAMES: OptionNames<HandleOptions> = { lockTimeout: true, localCache: true, codec: true, accept: true, trustUids: true, dir: true, lock: true };
const DICT_OPEN_NAMES: OptionNames<OpenOptions> = { ...HANDLE_NAMES, readOnly: true };
const SEGMENT_NAMES: OptionNames<SegmentOptions & MismatchOptions> = {
  ...HANDLE_NAMES,
  ...NAMING_NAMES,
  size: true,
  maxSize: true,
  onFull: true,
  maxEntries: true,
  checksums: true,
  wipe: true,
  feed: true,
};
const CACHE_NAMES: OptionNames<CacheLimits> = { maxEntries: true, maxBytes: true };

/** Checks the options of `open`. */
export function openDictOptions(argument: unknown): DictOptions {
  const options = checkOptions('options', argument, DICT_OPEN_NAMES);
  return { ...openOptionsOf(options), ...ownHandleOptions(options) };
}

/** Checks the options of `create`: a size, or an object with one or with a maximum. */
export function createDictOptions(argument: unknown): DictOptions {
  const checked = segmentOptions(argument);
  if (checked.size === undefined && checked.maxSize === undefined) throw wrongType('options.size', 'a number or a string', undefined);
  return checked;
}

/** Checks the options of `openOrCreate`: a size, or an object. */
export function segmentOptions(argument: unknown): DictOptions {
  const [given, checked] = sizedOptions(argument, SEGMENT_NAMES);
  const { maxSize, onFull, maxEntries, checksums, wipe, feed } = given;
  return {
    ...checked,
    ...ownHandleOptions(given),
    maxSize: maxSize === undefined ? undefined : bytesOf('options.maxSize', maxSize),
    evict: onFull === undefined ? undefined : isEvict(onFull),
    maxEntries: maxEntries === undefined ? undefined : checkInteger('options.maxEntries', maxEntries, 1),
    checksums: checkBoolean('options.checksums', checksums),
    wipe: checkBoolean('options.wipe', wipe),
    feed: feed === undefined || feed === 0 ? feed : bytesOf('options.feed', feed),
  };
}

/** Checks the options of a handle that only dictionaries have. */
function ownHandleOptions({ lockTimeout, codec, accept, localCache }: Partial<HandleOptions>): Pick<DictOptions, 'lockTimeoutMs' | 'codec' | 'cache'> {
  const checked = codecOf(codec, accept);
  return {
    lockTimeoutMs: lockTimeout === undefined ? undefined : lockTimeoutMs(lockTimeout),
    codec: checked,
    // The cache answers with plain values only.
    cache: checked.refusesPlain ? undefined : cacheLimits(localCache),
  };
}

function cacheLimits(localCache: unknown): CacheLimits | undefined {
  if (localCache === undefined || localCache === true) return DEFAULT_LIMITS;
  if (localCache === false) return undefined;
  if (typeof localCache !== 'object' || localCache === null) {
    throw wrongType('options.localCache', 'a boolean or an object', localCache);
  }
  const limits = checkOptions('options.localCache', localCache, CACHE_NAMES);
  const { maxEntries = DEFAULT_LIMITS.maxEntries, maxBytes = DEFAULT_LIMITS.maxBytes } = limits;
  return {
    maxEntries: checkInteger('options.localCache.maxEntries', maxEntries, 2, 2 ** 24),
    maxBytes: checkInteger('options.localCache.maxBytes', maxBytes, 1024),
  };
}

function isEvict(onFull: unknown): boolean {
  if (onFull !== 'error' && onFull !== 'evict') throw wrongValue('options.onFull', "must be 'error' or 'evict'", onFull);
  return onFull === 'evict';
}

// At most a year, which keeps the deadline in range.
function lockTimeoutMs(seconds: unknown): number {
  const checked = checkFinite('options.lockTimeout', seconds);
  if (checked <= 0) throw outOfRange('options.lockTimeout', '> 0', seconds);
  return Math.min(checked, 366 * 86_400) * 1000;
}
