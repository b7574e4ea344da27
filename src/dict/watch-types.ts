// Types of `waitFor`. Re-exported by index.d.ts, so the comments are for users.
import type { WaitOptions } from '../object/named-types.js';

/** Options of `waitFor`. */
export interface WaitForOptions extends WaitOptions {
  /** The version that the key must no longer have; `0n` for a missing key. Default: the present one. */
  version?: bigint | undefined;
}
