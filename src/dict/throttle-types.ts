// Types of `throttle`. Re-exported by index.d.ts, so the comments are for users.

/** Options of `throttle`. */
export interface ThrottleOptions {
  /** How much is allowed in each window, on average: an integer of at least 1, and at most 1,000,000 a second. */
  limit: number;
  /** The window in seconds, at most a year. */
  window: number;
  /** How much is allowed at once, after a pause. Default: `limit`; 1 spaces calls evenly. */
  burst?: number | undefined;
  /** How much this call takes. Default 1; 0 only looks. */
  cost?: number | undefined;
}

/** The result of `throttle`. */
export interface ThrottleResult {
  /** Whether the cost was available, and was taken. */
  allowed: boolean;
  /** How much is available after this call. */
  remaining: number;
  /** Seconds until the cost is available; 0 if it was. */
  retryAfter: number;
  /** Seconds until the whole burst is available. */
  resetAfter: number;
}
