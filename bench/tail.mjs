// The distribution of how long calls take.

/** Returns percentiles of these milliseconds, and the longest. */
export function tailOf(times) {
  const sorted = times.toSorted((left, right) => left - right);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), longest: sorted.at(-1) };
}
