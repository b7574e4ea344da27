import test, { type ExecutionContext } from 'ava';
import { startChild } from '../support/child';
import { makeDict } from '../support/dict';

const PROCESSES = 6;

/** Makes several processes do the same at the same time; returns the report of each. */
async function compete<Report>(t: ExecutionContext<unknown>, name: string, what: string, times: number): Promise<Report[]> {
  const children = Array.from({ length: PROCESSES }, (_, index) => startChild(t, 'compete', [name, what, times, index]));
  await Promise.all(children.map((child) => child.next()));
  for (const child of children) child.process.send('go');
  const reports = await Promise.all(children.map((child) => child.next<Report>()));
  await Promise.all(children.map((child) => child.exited));
  return reports;
}

test('races: exactly one process succeeds when several add a key', async (t) => {
  const dict = makeDict(t);
  const wins = await compete<number[]>(t, dict.name, 'add', 1000);
  const all = wins.flat();
  t.is(all.length, 1000);
  t.is(new Set(all).size, 1000);
  for (const [index, own] of wins.entries()) for (const round of own) if (dict.get(`key-${round}`) !== index) t.fail(`round ${round}`);
  t.true(dict.verify().ok);
});

test('races: exactly one process succeeds when several add an expired key', async (t) => {
  const dict = makeDict(t);
  for (let round = 0; round < 300; round += 1) dict.set(`key-${round}`, 'old', 0.001);
  const wins = (await compete<number[]>(t, dict.name, 'add', 300)).flat();
  t.is(wins.length, 300);
  t.is(new Set(wins).size, 300);
});

test('races: every item of a queue is popped by exactly one process', async (t) => {
  const dict = makeDict(t);
  for (let item = 0; item < 5000; item += 1) dict.rpush('queue', item);
  const popped = await compete<number[]>(t, dict.name, 'pop', 0);
  const all = popped.flat();
  t.is(all.length, 5000);
  t.is(new Set(all).size, 5000);
  for (const own of popped) t.deepEqual(own, own.toSorted((left, right) => left - right), 'in order');
  t.is(dict.llen('queue'), 0);
});

test('races: every value is taken by exactly one process', async (t) => {
  const dict = makeDict(t);
  for (let index = 0; index < 1000; index += 1) dict.set(`key-${index}`, index);
  const taken = (await compete<number[]>(t, dict.name, 'take', 1000)).flat();
  t.is(taken.length, 1000);
  t.is(new Set(taken).size, 1000);
  t.is(dict.size, 0);
});

test('races: pushes of several processes are all there', async (t) => {
  const dict = makeDict(t);
  await compete(t, dict.name, 'push', 1000);
  const items = dict.lrange('list') as string[];
  t.is(items.length, PROCESSES * 1000);
  t.is(new Set(items).size, PROCESSES * 1000);
  t.true(dict.verify().ok);
});

test('races: no update is lost', async (t) => {
  const dict = makeDict(t);
  dict.set('object', { n: 0 });
  await compete(t, dict.name, 'update', 500);
  t.deepEqual(dict.get('object'), { n: PROCESSES * 500 });
});

test('races: no compare-and-set by version is lost', async (t) => {
  const dict = makeDict(t);
  dict.set('n', 0);
  await compete(t, dict.name, 'compareAndSet', 500);
  t.is(dict.get('n'), PROCESSES * 500);
});

test('races: every value that swap stores comes out exactly once', async (t) => {
  const dict = makeDict(t);
  dict.set('v', 'first');
  const seen = (await compete<string[]>(t, dict.name, 'swap', 1000)).flat();
  seen.push(dict.get('v') as string);
  t.is(seen.length, PROCESSES * 1000 + 1);
  t.is(new Set(seen).size, PROCESSES * 1000 + 1);
});

test('races: every process sees a clear at once', async (t) => {
  const dict = makeDict(t);
  const child = startChild(t, 'remote-dict', [dict.name]);
  for (let round = 0; round < 100; round += 1) {
    for (let index = 0; index < 20; index += 1) dict.set(`k${index}`, round);
    child.process.send(['clear']);
    await child.next();
    for (let index = 0; index < 20; index += 1) if (dict.has(`k${index}`)) t.fail(`round ${round}`);
    t.is(dict.size, 0);
  }
});
