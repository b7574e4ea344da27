// Checks histories of counters that only rise: no read misses an increment that was acknowledged before it began, at all on
// the host that made it, or longer ago than the bound on another.

/** Returns the violations in `[host, isWrite, key, value, begun, ended]` operations; times in milliseconds. */
export function violations(operations, bound) {
  const writes = new Map();
  for (const [host, isWrite, key, value, begun, ended] of operations) {
    if (isWrite) writes.set(key, [...(writes.get(key) ?? []), { host, value, begun, ended }]);
  }
  const prepared = new Map([...writes].map(([key, list]) => [key, latest(list)]));
  return operations.flatMap(([host, isWrite, key, value, begun]) => {
    if (isWrite) return [];
    const { own, any } = prepared.get(key) ?? { own: new Map(), any: [] };
    const ownMissed = newestBefore(own.get(host) ?? [], begun);
    const missed = newestBefore(any, begun - bound);
    return [
      ...(ownMissed > value ? [`${key}: read ${value} on a host that had written ${ownMissed}`] : []),
      ...(missed > value ? [`${key}: read ${value} more than ${bound} ms after ${missed} was written`] : []),
    ];
  });
}

/** Returns writes with the newest value until the end of each. */
function rising(writes) {
  let newest = 0;
  return writes.map(({ ended, value }) => ({ ended, value: (newest = Math.max(newest, value)) }));
}

/** Sorts writes by their ends: of all hosts, and of each. */
function latest(list) {
  const sorted = list.toSorted((a, b) => a.ended - b.ended);
  const hosts = new Set(sorted.map(({ host }) => host));
  return { any: rising(sorted), own: new Map([...hosts].map((host) => [host, rising(sorted.filter((write) => write.host === host))])) };
}

function newestBefore(writes, time) {
  let [low, high] = [0, writes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (writes[middle].ended < time) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : writes[low - 1].value;
}
