// Which shard a write goes to.

const KEYS = 100_000;
// The golden ratio in 32 bits: spreads the frequent keys over the shards as a hash would.
const SPREAD = 0x9e3779b1;

/** Keys that are all wanted alike. */
export function uniform(shards) {
  return (random) => Math.floor(random() * shards);
}

/** Among 100,000 keys the k-th is wanted 1/k as often as the first (Zipf's law): one in twelve writes goes to it. */
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
