// Patterns with * and ?, of keys and of names.
import test from 'ava';
import { SharedDict } from 'shmkit';
import { shmkit } from '../support/cli';
import { makeDict, makeDir } from '../support/dict';
import { generator } from '../support/random';

const CHARACTERS = ['a', 'b', '.', '\n', '*', '?', '[', '\\', 'é', '😀', '(', '^', '$'];
const PATTERNS = ['', '*', '?', '??', '*a', 'a*', '*a*', '*a*b', 'a?b', '?*?', '**a**', '*.*', '[*', '\\?', '*😀', '*?😀*', '😀??*', 'é*é', '*a*a*b*', '(*', '*$', '^*', '?*a?'];

/** Says what a pattern means, in a way that can take very long. */
function meaningOf(pattern: string): RegExp {
  return new RegExp(`^${pattern.replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`, 'su');
}

test('keys --match finds the keys in which * stands for any text, and ? for one character', (t) => {
  const dict = makeDict(t);
  const random = generator(7);
  const keys = new Set(Array.from({ length: 3000 }, () => Array.from({ length: 1 + random(5) }, () => CHARACTERS[random(CHARACTERS.length)]).join('')));
  for (const key of keys) dict.set(key, 0);
  for (const pattern of PATTERNS) {
    const { code, out } = shmkit(['keys', dict.name, '--null', `--match=${pattern}`]);
    t.is(code, 0);
    const expected = [...keys].filter((key) => meaningOf(pattern).test(key));
    t.deepEqual(out.split('\0').slice(0, -1).toSorted(), expected.toSorted(), pattern);
  }
});

test('keys and ls do not try every way to split a text for a pattern of many stars', (t) => {
  const dir = makeDir(t);
  const name = 'a'.repeat(60);
  const dict = SharedDict.create(name, { size: '1mb', dir });
  t.teardown(() => dict.close());
  const key = 'a'.repeat(20_000);
  dict.set(key, 0);
  const stars = '*a'.repeat(30);
  const timeout = 20_000;
  t.like(shmkit(['keys', name, '--dir', dir, '--match', `${stars}*b`], { timeout }), { code: 0, out: '' });
  t.like(shmkit(['keys', name, '--dir', dir, '--match', `${stars}*`], { timeout }), { code: 0, out: `${key}\n` });
  t.like(shmkit(['ls', '--dir', dir, '--no-headings', `${stars}*b`], { timeout }), { code: 0, out: '' });
});
