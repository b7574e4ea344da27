// What loaders may do, and what their callers get.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { until } from '../support/clock';
import { makeDict, openAgain } from '../support/dict';

const loadObject = () => setTimeout(1, { list: [1], bytes: Buffer.from('ab') });
const unstorable = (): { f: () => void } => ({ f() {} });

test('getOrSet: a loader runs in the context of its caller, also when it takes over', async (t) => {
  const dict = makeDict(t);
  const context = new AsyncLocalStorage<string>();
  const controller = new AbortController();
  const seen: unknown[] = [];
  const loader = async () => {
    await setTimeout(1);
    seen.push(context.getStore());
    return 1;
  };
  const first = context.run('first', () => dict.getOrSet('a', loader, { signal: controller.signal }));
  const second = context.run('second', () => dict.getOrSet('a', loader));
  controller.abort();
  await t.throwsAsync(first, { name: 'AbortError' });
  t.is(await second, 1);
  t.deepEqual(seen, ['second']);
  await context.run('third', () => dict.getOrSet('b', loader));
  t.deepEqual(seen, ['second', 'third']);
});

test('getOrSet: many calls with one signal add one listener, and leave none', async (t) => {
  const dict = makeDict(t);
  const warnings: Error[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  process.on('warning', note);
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 50 }, (_, index) => dict.getOrSet(`k${index}`, () => setTimeout(2, index), { signal })));
  await setTimeout(5);
  process.off('warning', note);
  t.deepEqual(warnings.filter(({ name }) => name === 'MaxListenersExceededWarning'), []);
});

test('getOrSet: undefined is given to the callers, and nothing is stored', async (t) => {
  const dict = makeDict(t);
  let loads = 0;
  const loader = async () => {
    loads += 1;
    await setTimeout(1);
    return undefined;
  };
  t.deepEqual(await Promise.all([dict.getOrSet('a', loader), dict.getOrSet('a', loader)]), [undefined, undefined]);
  t.is(loads, 1);
  t.false(dict.has('a'));
  t.is(await dict.getOrSet('a', () => 'now'), 'now');
});

test('getOrSet: a value that cannot be stored is given to the callers, and onError is told', async (t) => {
  const dict = makeDict(t);
  const told: unknown[] = [];
  const onError = (error: unknown, key: string) => void told.push((error as { code: string }).code, key);
  const value = unstorable();
  const [one, other] = await Promise.all([dict.getOrSet('a', async () => value, { onError }), dict.getOrSet('a', unstorable)]);
  t.true(one === value && other === value);
  t.deepEqual(told, ['ERR_INVALID_ARG_TYPE', 'a']);
  t.false(dict.has('a'));
  const small = makeDict(t, { size: '64kb' });
  const large = 'x'.repeat(1e6);
  t.is(await small.getOrSet('large', () => large, { onError }), large);
  t.is(told[3], 'large');
});

test('getOrSet: each caller gets its own value', async (t) => {
  const dict = makeDict(t);
  const again = openAgain(t, dict);
  const [one, two, three] = await Promise.all([dict.getOrSet('a', loadObject), dict.getOrSet('a', loadObject), again.getOrSet('a', loadObject)]);
  for (const value of [one, two, three]) t.deepEqual(value, { list: [1], bytes: Buffer.from('ab') });
  t.true(one !== two && two !== three && (one as { list: unknown }).list !== (two as { list: unknown }).list);
  const [bytes, others] = await Promise.all([dict.getOrSet('b', () => Buffer.from('ab')), dict.getOrSet('b', () => Buffer.from('ab'))]);
  (bytes as Buffer)[0] = 0;
  t.is(String(others), 'ab');
});

test('getOrSet: a failed background refresh is told, and the next one waits', async (t) => {
  const dict = makeDict(t);
  const told: unknown[] = [];
  let loads = 0;
  const options = { ttl: 0.01, staleFor: 60, onError: (error: unknown, key: string) => void told.push((error as Error).message, key) };
  await dict.getOrSet('a', () => 'old', options);
  await setTimeout(15);
  const failing = async () => {
    loads += 1;
    throw new Error('no');
  };
  t.is(await dict.getOrSet('a', failing, options), 'old');
  await until(() => told.length > 0);
  t.deepEqual(told, ['no', 'a']);
  for (let round = 0; round < 5; round += 1) t.is(await dict.getOrSet('a', failing, options), 'old');
  t.is(loads, 1);
  await until(() => {
    void dict.getOrSet('a', failing, options);
    return loads === 2;
  });
});

test('getOrSet: a loader that waits for its own key, also through others, rejects', async (t) => {
  const [one, other] = [makeDict(t), makeDict(t)];
  const code = 'ERR_SHM_DEADLOCK';
  await t.throwsAsync(one.getOrSet('a', async () => one.getOrSet('a', () => 1)), { code });
  const chained = one.getOrSet('a', () => other.getOrSet('b', () => openAgain(t, one).getOrSet('c', () => one.getOrSet('a', () => 1))));
  await t.throwsAsync(chained, { code });
  const crossed = await Promise.allSettled([
    one.getOrSet('x', async () => (await setTimeout(2), other.getOrSet('y', () => 1))),
    other.getOrSet('y', async () => (await setTimeout(2), one.getOrSet('x', () => 1))),
  ]);
  t.true(crossed.some(({ status }) => status === 'rejected'));
  for (const outcome of crossed) if (outcome.status === 'rejected') t.is((outcome.reason as { code: string }).code, code);
  t.is(await one.getOrSet('a', async () => one.getOrSet('d', () => 'fine')), 'fine');
  const diamond = await Promise.all([one.getOrSet('p', () => other.getOrSet('r', () => setTimeout(2, 1))), one.getOrSet('q', () => other.getOrSet('r', () => 1))]);
  t.deepEqual(diamond, [1, 1]);
});

test('getOrSet: takes seconds, expiresAt, and no unknown option', async (t) => {
  const dict = makeDict(t);
  await dict.getOrSet('a', () => 1, 50);
  t.true((dict.ttl('a') as number) > 49);
  await dict.getOrSet('b', () => 1, { expiresAt: Date.now() + 50_000 });
  t.true((dict.ttl('b') as number) > 48 && (dict.ttl('b') as number) <= 50);
  t.is(await dict.getOrSet('c', () => 1, { expiresAt: new Date(Date.now() - 1000) }), 1);
  t.false(dict.has('c'));
  await t.throwsAsync(dict.getOrSet('d', () => 1, { tll: 5 } as never), { code: 'ERR_INVALID_ARG_VALUE', message: /ttl/ });
  await t.throwsAsync(dict.getOrSet('d', () => 1, { ttl: 5, expiresAt: 5 }), { code: 'ERR_INVALID_ARG_VALUE' });
  await t.throwsAsync(dict.getOrSet('d', () => 1, { onError: 5 } as never), { code: 'ERR_INVALID_ARG_TYPE' });
});
