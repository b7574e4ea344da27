// Waits until a key has another version.
import { abortError } from '../addon/errors.js';
import { now } from '../addon/intrinsics.js';
import { checkKey } from '../arguments/check.js';
import { FOREVER } from '../object/keep-alive.js';
import { wait, WAIT_NAMES, waitOptions } from '../object/wait-queue.js';
import type { OptionNames } from '../arguments/options.js';
import { ttl } from './fast-calls.js';
import type { DictHandle } from './handle.js';
import { dict } from './native.js';
import type { WaitForOptions } from './watch-types.js';
import { checkVersion } from './write-options.js';

const NAMES: OptionNames<WaitForOptions> = { ...WAIT_NAMES, version: true };

/** Resolves to what `read` returns once the version differs, or to null after the timeout. */
export async function waitFor<T>(handle: DictHandle, key: string, argument: unknown, read: () => T): Promise<T | null> {
  checkKey(key);
  const options = waitOptions<WaitForOptions>(argument, NAMES);
  checkVersion(options.version, 'options.version');
  const version = options.version ?? dict.versionOf(handle.id, key);
  const { timeout, signal } = options;
  const ref = options.ref ?? timeout !== FOREVER;
  const end = now() + timeout * 1000;
  for (;;) {
    if (signal?.aborted) throw abortError(signal);
    if (dict.versionOf(handle.id, key) !== version) return read();
    const left = timeout === FOREVER ? Infinity : Math.max(0, (end - now()) / 1000);
    if (left === 0) return null;
    // Nothing is written when an entry expires. Without an expiry, the time to it is 0.
    const sleep = Math.min(left, ttl(handle.id, key) || Infinity);
    await wait(handle, { timeout: sleep, ref, signal }, { start: () => dict.changeWait(handle.id, key, version, sleep === Infinity ? FOREVER : sleep) });
  }
}
