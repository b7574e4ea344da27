import test from 'ava';
import { SharedDict } from 'shmkit';
import { startChild } from '../support/child';
import { makeDict, makeDir } from '../support/dict';

const PROCESSES = 64;

test('64 processes: no increment is lost', async (t) => {
  const dict = makeDict(t, { size: '1mb' });
  dict.set('total', 0);
  const children = Array.from({ length: PROCESSES }, () => startChild(t, 'count', [dict.name, 1000]));
  await Promise.all(children.map((child) => child.next()));
  t.is(dict.stats().processes, PROCESSES + 1);
  for (const child of children) child.process.send('go');
  const last = await Promise.all(children.map((child) => child.next<{ done: number }>()));
  t.is(last.reduce((sum, { done }) => sum + done, 0), PROCESSES * 1000);
  t.is(dict.get('total'), PROCESSES * 1000);
  t.is(dict.get('big'), BigInt(PROCESSES * 1000));
  for (let index = 0; index < 10; index += 1) t.is(dict.get(`counter-${index}`), (PROCESSES * 1000) / 10);
  await Promise.all(children.map((child) => child.exited));
  t.is(dict.stats().processes, 1);
  t.true(dict.verify().ok);
});

test('64 processes: exactly one creates the name when all try at once', async (t) => {
  const dir = makeDir(t);
  const children = Array.from({ length: PROCESSES }, () => startChild(t, 'race-create', ['raced', dir]));
  await Promise.all(children.map((child) => child.next()));
  for (const call of ['create', 'openOrCreate', 'replace'] as const) {
    for (const child of children) child.process.send(call);
    const answers = await Promise.all(children.map((child) => child.next<{ won: boolean; code?: string; inode?: number }>()));
    const winners = answers.filter((answer) => answer.won);
    if (call === 'create') {
      t.is(winners.length, 1);
      t.true(answers.every((answer) => answer.won || answer.code === 'ERR_SHM_EXISTS'));
      await Promise.all(children.map((child) => child.ask('close')));
      t.deepEqual(SharedDict.list({ dir }), []);
    } else if (call === 'openOrCreate') {
      t.deepEqual(answers.filter((answer) => !answer.won), []);
      t.is(new Set(winners.map((winner) => winner.inode)).size, 1);
      await Promise.all(children.map((child) => child.ask('close')));
    } else {
      t.deepEqual(answers.filter((answer) => !answer.won), []);
      t.is(SharedDict.list({ dir }).length, 1);
    }
  }
});

test('slots: open throws when all 63 of a small dictionary are held, until a process dies', async (t) => {
  const dict = makeDict(t, { size: '64kb' });
  const children = Array.from({ length: 62 }, () => startChild(t, 'attach', [dict.name]));
  const answers = await Promise.all(children.map((child) => child.next()));
  t.true(answers.every((answer) => answer === 'attached'));
  const late = startChild(t, 'attach', [dict.name]);
  t.is(await late.next(), 'ERR_SHM_TOO_MANY_PROCESSES');
  const reader = startChild(t, 'attach', [dict.name, 'readOnly']);
  t.is(await reader.next(), 'attached');
  await children[0]?.kill('SIGKILL');
  const next = startChild(t, 'attach', [dict.name]);
  t.is(await next.next(), 'attached');
  t.true(dict.set('a', 1));
});
