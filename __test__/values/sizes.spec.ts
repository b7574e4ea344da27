import test from 'ava';
import { makeDict } from '../support/dict';
import { countUntilFull } from '../support/fill';
import { throwsShm } from '../support/throws';
import { generator } from '../support/random';

test('sizes: values of every length up to 4,200 bytes come back exact', (t) => {
  const dict = makeDict(t);
  const random = generator(1);
  const source = Buffer.from(Array.from({ length: 4200 }, () => random(256)));
  for (let length = 0; length <= source.length; length += 1) {
    const value = source.subarray(0, length);
    dict.set('v', value);
    if (!(dict.get('v') as Buffer).equals(value)) t.fail(`${length} bytes`);
  }
  t.true(dict.verify().ok);
});

test('sizes: values around every power of two up to 4 MiB come back exact', (t) => {
  const dict = makeDict(t, { size: '16mb' });
  const random = generator(2);
  const source = Buffer.from(Array.from({ length: 65_536 }, () => random(256)));
  const large = Buffer.concat(Array.from({ length: 65 }, () => source));
  for (let power = 4; power <= 22; power += 1) {
    for (const difference of [-17, -16, -8, -1, 0, 1, 8, 16, 17]) {
      const value = large.subarray(0, 2 ** power + difference < 0 ? 0 : 2 ** power + difference);
      dict.set('v', value);
      if (!(dict.get('v') as Buffer).equals(value)) t.fail(`2^${power} ${difference}`);
    }
  }
  t.true(dict.verify().ok);
});

test('sizes: strings of both widths around the size classes come back exact', (t) => {
  const dict = makeDict(t);
  for (const unit of ['a', 'ÿ', '東']) {
    for (let length = 0; length <= 700; length += 1) {
      const value = unit.repeat(length);
      dict.set('v', value);
      if (dict.get('v') !== value) t.fail(`${length} times ${unit}`);
    }
  }
  t.pass();
});

test('sizes: a dictionary of 1 MiB takes a value of 400,000 bytes', (t) => {
  const dict = makeDict(t, { size: '1mb' });
  const value = Buffer.alloc(400_000, 'shmkit');
  t.true(dict.set('v', value));
  t.true((dict.get('v') as Buffer).equals(value));
  dict.delete('v');
  t.true(dict.set('v', 'x'.repeat(400_000)));
  t.is((dict.get('v') as string).length, 400_000);
});

test('sizes: values of 4,000 bytes get at least 60 % of a dictionary of 1 MiB', (t) => {
  const dict = makeDict(t, { size: '1mb' });
  const value = 'x'.repeat(4000);
  const stored = countUntilFull((index) => dict.set(`key-${index}`, value));
  t.true(stored * 4000 >= 0.6 * 2 ** 20, `${stored} values`);
});

test('sizes: a large value is stored whatever the fragmentation', (t) => {
  const dict = makeDict(t, { size: '1mb' });
  const count = countUntilFull((index) => dict.set(`key-${index}`, 'x'.repeat(100 + (index % 7) * 150)));
  for (let index = 0; index < count; index += 2) dict.delete(`key-${index}`);
  const value = Buffer.alloc(300_000, 'large');
  t.true(dict.set('large', value));
  t.true((dict.get('large') as Buffer).equals(value));
  for (let index = 1; index < count; index += 2) {
    if ((dict.get(`key-${index}`) as string).length !== 100 + (index % 7) * 150) t.fail(`key-${index}`);
  }
  t.true(dict.verify().ok);
});

test('sizes: a value too large for the empty dictionary keeps the previous one', (t) => {
  const dict = makeDict(t, { size: '1mb' });
  dict.set('v', 'old');
  throwsShmAny(t, () => dict.set('v', Buffer.alloc(2 ** 21)));
  t.is(dict.get('v'), 'old');
  t.true(dict.set('v', 'new'));
});

test('sizes: a value above 4 GiB throws ERR_SHM_TOO_LARGE', (t) => {
  const dict = makeDict(t, { size: '1mb' });
  throwsShm(t, () => dict.set('v', new Uint8Array(2 ** 32)), 'ERR_SHM_TOO_LARGE');
  t.false(dict.has('v'));
});

test('sizes: a value of 64 MiB comes back exact', (t) => {
  const dict = makeDict(t, { size: '96mb' });
  const value = Buffer.alloc(2 ** 26, 'sixty-four');
  dict.set('v', value);
  t.true((dict.get('v') as Buffer).equals(value));
});

function throwsShmAny(t: Parameters<typeof throwsShm>[0], call: () => unknown): void {
  throwsShm(t, call, ['ERR_SHM_FULL', 'ERR_SHM_TOO_LARGE']);
}
