// Seeded sequences of requests, as numbers of keys from 0 on.
import { randomFrom } from '../table.mjs';

/** Returns `{ name: numbers of keys }`, each with `length` requests among `keys` keys. */
export function tracesOf(length, keys) {
  return {
    'zipf 0.8': zipf(length, keys, 0.8, 1),
    'zipf 1.0': zipf(length, keys, 1, 2),
    'zipf 1.0 with scans': zipfWithScans(length, keys),
    'loop': Uint32Array.from({ length }, (_, time) => time % Math.round(keys / 5)),
  };
}

/** The k-th most frequent key is 1/k^skew as frequent as the first; which keys are frequent is shuffled. */
function zipf(length, keys, skew, seed) {
  const random = randomFrom(seed);
  const sums = new Float64Array(keys);
  let sum = 0;
  for (let rank = 0; rank < keys; rank += 1) sums[rank] = sum += (rank + 1) ** -skew;
  const shuffled = Uint32Array.from({ length: keys }, (_, key) => key);
  for (let at = keys - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [shuffled[at], shuffled[other]] = [shuffled[other], shuffled[at]];
  }
  return Uint32Array.from({ length }, () => shuffled[firstAbove(sums, random() * sum)]);
}

function firstAbove(sums, wanted) {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}

// Requests of users, and now and then a job that scans a range of keys that no user requests: a quarter of all requests.
function zipfWithScans(length, keys) {
  const requests = zipf(length, keys, 1, 3);
  const scan = Math.round(keys / 10);
  let fresh = keys;
  for (let start = 2 * scan; start + scan < length; start += 4 * scan) {
    for (let time = start; time < start + scan; time += 1) requests[time] = fresh++;
  }
  return requests;
}
