// How writes choose their shard.

const KEYS = 100_000;
// The golden ratio in 32 bits: spreads the frequent keys over the shards like a hash.
const SPREAD = 0x9e3779b1;

/** Returns a pick for keys that are all equally frequent. */
export function uniform(shards) {
  return (random) => Math.floor(random() * shards);
}

/**
 * Returns a pick for 100,000 keys of which the k-th is 1/k as frequent as the first (Zipf's law): one in twelve writes goes
 * to the first.
 */
export function skewed(shards) {
  const sums = new Float64Array(KEYS);
  let sum = 0;
  for (let rank = 0; rank < KEYS; rank += 1) sums[rank] = sum += 1 / (rank + 1);
  return (random) => {
    const wanted = random() * sum;
    let [low, high] = [0, KEYS - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    return (Math.imul(low + 1, SPREAD) >>> 8) % shards;
  };
}
