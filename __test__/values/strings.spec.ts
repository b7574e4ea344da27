import test from 'ava';
import { makeDict } from '../support/dict';

const STRINGS = [
  '',
  ' ',
  '\0',
  'a\0b\0\0',
  'plain ascii',
  'latin1: ÿ é ß',
  'ā just above latin1',
  '東京',
  'emoji 😀👩‍👩‍👧',
  '\ud800',
  '\udfff',
  '\ufffd',
  'lone \udc00 in the middle',
  '\udc00\ud800',
  '\ufeffbom',
  'e\u0301 is not é',
];

for (const localCache of [true, false]) {
  test(`strings: every string comes back unit by unit, localCache: ${localCache}`, (t) => {
    const dict = makeDict(t, { localCache });
    for (const text of STRINGS) {
      dict.set('s', text);
      t.is(dict.get('s'), text);
      t.is(dict.get('s'), text);
    }
  });
}

test('strings: strings that other encodings confuse stay apart', (t) => {
  const dict = makeDict(t);
  dict.setMany([
    ['1', '\ud800'],
    ['2', '\udfff'],
    ['3', '\ufffd'],
  ]);
  t.is(dict.get('1'), '\ud800');
  t.is(dict.get('2'), '\udfff');
  t.is(dict.get('3'), '\ufffd');
});

test('strings: all 65,536 code units come back', (t) => {
  const dict = makeDict(t);
  const units = Array.from({ length: 65_536 }, (_, unit) => String.fromCharCode(unit)).join('');
  dict.set('s', units);
  t.true(dict.get('s') === units);
  const latin1 = units.slice(0, 256);
  dict.set('s', latin1);
  t.is(dict.get('s'), latin1);
});

test('strings: a wide unit anywhere in a short key or value makes it another one', (t) => {
  const dict = makeDict(t, { localCache: false });
  for (let length = 1; length <= 40; length += 1) {
    const narrow = Array.from({ length }, (_, at) => String.fromCharCode(255 - at)).join('');
    t.true(dict.set(narrow, narrow));
    for (let at = 0; at < length; at += 1) {
      const wide = `${narrow.slice(0, at)}\u0100${narrow.slice(at + 1)}`;
      dict.set(wide, wide);
      t.is(dict.get(wide), wide);
    }
    t.is(dict.get(narrow), narrow);
  }
});

test('strings: sliced and concatenated strings are stored by their content', (t) => {
  const dict = makeDict(t);
  const base = 'abcdefghij'.repeat(100);
  let rope = '';
  for (let index = 0; index < 100; index += 1) rope += `${index},`;
  dict.set('slice', base.slice(13, 57));
  dict.set('rope', rope);
  t.is(dict.get('slice'), base.slice(13, 57));
  t.is(dict.get('rope'), rope);
});
