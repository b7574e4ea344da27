import test from 'ava';
import { makeDict } from '../support/dict';
import { seeded } from '../support/random';

test('get returns what set stored, and undefined when the key is missing', (t) => {
  const dict = makeDict(t);
  t.is(dict.get('a'), undefined);
  t.is(dict.set('a', 'one'), true);
  t.is(dict.get('a'), 'one');
  t.is(dict.set('a', 'two'), true);
  t.is(dict.get('a'), 'two');
});

test('add stores only when the key is missing', (t) => {
  const dict = makeDict(t);
  t.is(dict.add('a', 1), true);
  t.is(dict.add('a', 2), false);
  t.is(dict.get('a'), 1);
});

test('replace stores only when the key is present', (t) => {
  const dict = makeDict(t);
  t.is(dict.replace('a', 1), false);
  t.is(dict.get('a'), undefined);
  dict.set('a', 1);
  t.is(dict.replace('a', 2), true);
  t.is(dict.get('a'), 2);
});

test('has returns whether the key is present', (t) => {
  const dict = makeDict(t);
  t.is(dict.has('a'), false);
  dict.set('a', null);
  t.is(dict.has('a'), true);
});

test('delete and del remove a key and return whether it was present', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  t.is(dict.delete('a'), true);
  t.is(dict.delete('a'), false);
  t.is(dict.get('a'), undefined);
  dict.set('b', 1);
  t.is(dict.del('b'), true);
  t.is(dict.del('b'), false);
});

test('take removes the key and returns its value', (t) => {
  const dict = makeDict(t);
  dict.set('a', { deep: [1] });
  t.deepEqual(dict.take('a'), { deep: [1] });
  t.is(dict.take('a'), undefined);
  t.false(dict.has('a'));
});

test('swap stores a value and returns the previous one', (t) => {
  const dict = makeDict(t);
  t.is(dict.swap('a', 1), undefined);
  t.is(dict.swap('a', 'two'), 1);
  t.is(dict.get('a'), 'two');
});

test('size counts the live entries', (t) => {
  const dict = makeDict(t);
  t.is(dict.size, 0);
  dict.set('a', 1);
  dict.set('b', 1);
  dict.set('b', 2);
  t.is(dict.size, 2);
  dict.delete('a');
  t.is(dict.size, 1);
});

for (const name of ['clear', 'flushAll', 'flush_all'] as const) {
  test(`${name} empties the dictionary`, (t) => {
    const dict = makeDict(t);
    for (let index = 0; index < 100; index += 1) dict.set(`k${index}`, index);
    t.is(dict[name](), undefined);
    t.is(dict.size, 0);
    t.is(dict.get('k1'), undefined);
    t.deepEqual(dict.getKeys(), []);
    t.is(dict.add('k1', 'again'), true);
    t.is(dict.size, 1);
  });
}

test('clear leaves a dictionary that can be filled again, many times over', (t) => {
  const dict = makeDict(t, { size: '64kb' });
  for (let round = 0; round < 300; round += 1) {
    for (let index = 0; index < 40; index += 1) t.is(dict.set(`k${index}`, 'x'.repeat(300)), true);
    dict.clear();
    if (dict.size !== 0) t.fail(`size is ${dict.size} after clear`);
  }
  t.true(dict.verify().ok);
});

test('SharedDict: a long random history has the same results as on a Map', async (t) => {
  const random = seeded(t);
  const dict = makeDict(t, { size: '4mb' });
  const model = new Map<string, unknown>();
  for (let step = 0; step < 20_000; step += 1) {
    const key = `key-${random(200)}`;
    const value = random(2) ? random(1e9) : 'v'.repeat(random(2000));
    switch (random(8)) {
      case 0:
        if (dict.delete(key) !== model.delete(key)) t.fail(`delete ${step}`);
        break;
      case 1:
        if (dict.add(key, value) === model.has(key)) t.fail(`add ${step}`);
        if (!model.has(key)) model.set(key, value);
        break;
      case 2:
        if (dict.take(key) !== model.get(key)) t.fail(`take ${step}`);
        model.delete(key);
        break;
      case 3:
        if (dict.swap(key, value) !== model.get(key)) t.fail(`swap ${step}`);
        model.set(key, value);
        break;
      case 4:
      case 5:
        dict.set(key, value);
        model.set(key, value);
        break;
      default:
        if (dict.get(key) !== model.get(key)) t.fail(`get ${step}`);
    }
    if (step % 5000 === 4999) {
      dict.clear();
      model.clear();
    }
  }
  t.is(dict.size, model.size);
  for (const [key, value] of dict.entries()) t.is(value, model.get(key));
  t.deepEqual(dict.verify(), { ok: true, problems: [] });
});
