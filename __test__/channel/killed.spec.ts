import test from 'ava';
import { makeChannel } from '../support/channel';
import { startChild } from '../support/child';
import { until } from '../support/clock';

test('SharedChannel: listeners of other processes hear or count every message', async (t) => {
  const channel = makeChannel(t, '64kb');
  const listeners = [1, 2].map(() => startChild(t, 'channel-listener', [channel.name]));
  await Promise.all(listeners.map((listener) => listener.next()));
  const posters = [1, 2].map((number) => startChild(t, 'channel-poster', [channel.name, number]));
  await Promise.all(posters.map((poster) => poster.next()));
  await until(() => channel.stats().posted > 2000);
  const posted = await Promise.all(posters.map((poster) => poster.ask<number>('stop')));
  const last = channel.post('end');
  t.is(last, BigInt(posted.reduce((sum, count) => sum + count, 0)) + 1n);
  for (const listener of listeners) {
    const report = await listener.next<{ heard: number; missed: number; first: bigint; last: bigint }>();
    t.deepEqual([report.first, report.last, BigInt(report.heard + report.missed)], [1n, last, last]);
  }
});

test('SharedChannel: killed posters leave no hole, no torn message and no lock', async (t) => {
  const channel = makeChannel(t, '64kb');
  const subscription = channel.subscribe();
  const kills = 6;
  const hearing = (async () => {
    const next = Array.from({ length: kills }, () => 1);
    let last = 0n;
    for await (const { value, sequence, missed } of subscription) {
      if (sequence !== last + 1n + BigInt(missed)) return t.fail(`${sequence} came after ${last}`);
      last = sequence;
      if (value === 'end') return sequence;
      const [from, number, bytes] = value as [number, number, Uint8Array];
      if (number < (next[from] ?? 0)) return t.fail(`${number} came after ${next[from]}`);
      next[from] = number + 1;
      if (!Buffer.alloc(number % 300, number).equals(bytes)) return t.fail(`message ${number} is torn`);
    }
    return undefined;
  })();
  for (let round = 0; round < kills; round += 1) {
    const poster = startChild(t, 'channel-poster', [channel.name, round]);
    await poster.next();
    const before = channel.stats().posted;
    await until(() => channel.stats().posted > before + 50);
    await poster.kill();
  }
  const last = channel.post('end');
  t.is(await hearing, last);
  t.is(channel.stats().posted, Number(last));
});
