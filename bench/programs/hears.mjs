// The other end of the section `events`: hears of changes, or loads a key, and tells when.
import { SharedDict } from 'shmkit';

const ways = {
  /** Returns when each of `count` events arrived, on the clock that all processes share. */
  async watch({ name, count }, begun) {
    const dict = SharedDict.open(name);
    const times = [];
    const events = dict.watch({ ref: true });
    begun();
    for await (const { type } of events) {
      if (type === 'set') times.push(process.hrtime.bigint());
      if (times.length === count) break;
    }
    return times;
  },
  /** Returns when `getOrSet` of each of `count` keys that another process loads has settled. */
  async getOrSet({ name, count }, begun) {
    const dict = SharedDict.open(name);
    const times = [];
    begun();
    for (let turn = 0; turn < count; turn += 1) {
      const key = `load ${turn}`;
      for (let entry; (entry?.value ?? -1) < turn;) entry = await dict.waitFor('turn', { version: entry?.version ?? 0n, ref: true });
      dict.set('waits', turn);
      await dict.getOrSet(key, () => 'by the waiter');
      times.push(process.hrtime.bigint());
    }
    return times;
  },
};

process.on('message', async ({ way, ...task }) => {
  process.send(await ways[way](task, () => process.send('begun')));
});
process.send('ready');
