// shmkit dump, load: a dictionary as lines of text, without loss.
import fs from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { SharedDict } from 'shmkit';
import { shell, shmkit } from '../support/cli';
import { makeDict, makeDir, openAgain, testName } from '../support/dict';

const mine = { name: 'mine', encode: (value: unknown) => Buffer.from(JSON.stringify(value)), decode: (bytes: Buffer) => ({ mine: JSON.parse(bytes.toString()) as unknown }) };

/** A dictionary with values of all encodings. */
function fullDict(t: ExecutionContext): SharedDict {
  const dict = makeDict(t);
  const plain = { text: 'text', empty: '', half: 'x\ud800', number: 1.5, zero: -0, nan: NaN, infinite: -Infinity, big: -(2n ** 63n), yes: true, none: null, bytes: Buffer.of(0, 255) };
  dict.setMany(Object.entries(plain));
  dict.set('\udc00key\n\u202e', 'a key that is no text');
  dict.set('\u202e', '\u202e');
  dict.set('object', { map: new Map([[1, new Date(5)]]), floats: new Float32Array([1.5]) });
  for (const item of ['a', -0, 2, Buffer.of(1), '\ud800']) dict.rpush('list', item);
  dict.set('brief', 'x', 5000);
  dict.expire('list', 6000);
  openAgain(t, dict, { codec: 'json' }).set('json', { $bytes: 'not bytes', a: [1, null] });
  openAgain(t, dict, { codec: mine }).set('custom', { x: 1 });
  return dict;
}

function fileIn(t: ExecutionContext, text: string): string {
  const file = path.join(makeDir(t), 'dump.jsonl');
  fs.writeFileSync(file, text);
  return file;
}

test('dump and load carry all types, lists, times to live and keys that are no text', (t) => {
  const dict = fullDict(t);
  const dumped = shmkit(['dump', dict.name]);
  t.is(dumped.code, 0, dumped.err);
  const name = testName(t);
  const loaded = shmkit(['load', name, fileIn(t, dumped.out), '--create', '1mb', '--structured']);
  t.is(loaded.code, 0, loaded.err);
  const copy = SharedDict.open(name, { codec: mine });
  t.teardown(() => copy.close());
  t.deepEqual([...copy.keys()].toSorted(), [...dict.keys()].toSorted());
  t.false(dumped.out.includes('\u202e'));
  for (const key of dict.keys()) {
    if (dict.type(key) === 'list') t.deepEqual(copy.lrange(key), dict.lrange(key));
    else if (key === 'custom') t.deepEqual(copy.get(key), { mine: { x: 1 } });
    else t.deepEqual(copy.get(key), dict.get(key), key);
    t.is(Math.round((copy.ttl(key) ?? 0) / 1000), Math.round((dict.ttl(key) ?? 0) / 1000), key);
  }
  const json = SharedDict.open(name, { accept: ['json'] });
  t.teardown(() => json.close());
  t.deepEqual(json.get('json'), { $bytes: 'not bytes', a: [1, null] });
});

test('load stores values of any number of codecs, in any order', (t) => {
  const entries = Array.from({ length: 120 }, (_, index) => ({ k: `key${index}`, v: 'eA==', t: 'codec', codec: `codec${index % 40}` }));
  const lines = [{ shmkit: 1, name: 'x', created: '', size: 1 }, ...entries, { end: true, entries: entries.length }];
  const dict = makeDict(t);
  const { code, err } = shmkit(['load', dict.name], { input: lines.map((line) => `${JSON.stringify(line)}\n`).join('') });
  t.is(code, 0, err);
  for (const { k, codec } of entries) {
    const encoding = t.throws(() => dict.get(k), { code: 'ERR_SHM_UNSUPPORTED' })?.message ?? '';
    t.true(encoding.includes(`"${codec}"`), encoding);
  }
});

test('load reads standard input, and drops times to live with --no-ttl', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1, 500);
  const { out } = shmkit(['dump', dict.name]);
  const target = makeDict(t);
  t.is(shmkit(['load', target.name, '--no-ttl'], { input: out }).code, 0);
  t.deepEqual([target.get('a'), target.ttl('a')], [1, 0]);
});

test('load reads a pipe or a device in place of a file', async (t) => {
  const dict = fullDict(t);
  const file = fileIn(t, shmkit(['dump', dict.name]).out);
  for (const line of [`load NAME <(cat ${file})`, `load NAME /dev/stdin < <(cat ${file})`, `load NAME /dev/stdin < ${file}`]) {
    const target = makeDict(t);
    const { code, err } = await shell(`$SHMKIT ${line.replace('NAME', target.name)} --structured`);
    t.is(code, 0, err);
    t.is(target.size, dict.size);
  }
  const target = makeDict(t);
  const cut = await shell(`$SHMKIT load ${target.name} <(head -n 3 ${file}) --structured`);
  t.is(cut.code, 5);
  t.regex(cut.err, /cut off: it has no last line \(after 2 entries\); 2 entries before it are stored/u);
});

test('load refuses a dump that is cut off anywhere, and stores nothing of such a file', (t) => {
  const dict = makeDict(t);
  dict.setMany(Array.from({ length: 5 }, (_, index) => [`key${index}`, 'value'] as const));
  const { out } = shmkit(['dump', dict.name]);
  const lines = out.split('\n');
  const cuts = [lines.slice(0, -2).join('\n'), out.slice(0, -5), lines.slice(0, 3).join('\n'), '', lines.filter((_, at) => at !== 2).join('\n'), `${out}{}\n`];
  const target = makeDict(t);
  for (const cut of cuts) {
    const { code, err } = shmkit(['load', target.name, fileIn(t, cut)]);
    t.is(code, 5, cut);
    t.regex(err, /^shmkit: .*(cut off|broken)/);
  }
  t.is(target.size, 0);
  const piped = shmkit(['load', target.name], { input: cuts[0] as string });
  t.is(piped.code, 5);
  t.regex(piped.err, /5 entries before it are stored/);
});

test("load decodes nothing in V8's format unless it is told to", (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  dict.set('object', new Map([[1, 2]]));
  const file = fileIn(t, shmkit(['dump', dict.name]).out);
  const target = makeDict(t);
  const { code, err } = shmkit(['load', target.name, file]);
  t.is(code, 5);
  t.regex(err, /--structured/);
  t.is(target.size, 0);
});

test('load --create keeps an existing dictionary unless it gets --replace', (t) => {
  const dict = makeDict(t);
  dict.set('new', 1);
  const file = fileIn(t, shmkit(['dump', dict.name]).out);
  const name = testName(t);
  const old = SharedDict.create(name, { size: '64kb', persist: true });
  old.set('old', 1);
  t.is(shmkit(['load', name, file, '--create', '1mb']).code, 1);
  t.is(shmkit(['load', name, file, '--replace']).code, 2);
  t.is(shmkit(['load', name, file, '--create', '1mb', '--replace']).code, 0);
  t.throws(() => old.get('old'), { code: 'ERR_SHM_RETIRED' });
  const now = SharedDict.open(name);
  t.deepEqual(now.getKeys(), ['new']);
  old.close();
  now.close();
});

/** Dumps that `load` refuses, as a shell prints them from a whole one in a file. */
const REFUSED = {
  'cut off after the header': (file: string) => `head -n 1 ${file}`,
  'cut off after some entries': (file: string) => `head -n 3 ${file}`,
  'with a bad first entry': (file: string) => `sed '2s/.*/{"k":"a","t":"number","v":"x"}/' ${file}`,
  "with an object in V8's format": (file: string) => `sed '2s/.*/{"k":"a","t":"structured","v":"AA=="}/' ${file}`,
  'of nothing': () => 'true',
  'whose sender dies': (file: string) => `{ head -c 200 ${file}; kill -9 $BASHPID; }`,
} satisfies Record<string, (file: string) => string>;

/** Returns a file with a dump of five entries, and those. */
function fiveIn(t: ExecutionContext): { file: string; entries: Array<[string, number]> } {
  const entries = Array.from({ length: 5 }, (_, index): [string, number] => [`key${index}`, index]);
  const dict = makeDict(t);
  dict.setMany(entries);
  return { file: fileIn(t, shmkit(['dump', dict.name]).out), entries };
}

for (const [what, print] of Object.entries(REFUSED)) {
  test(`load --replace of a pipe with a dump ${what} keeps the old dictionary`, async (t) => {
    const { file } = fiveIn(t);
    const old = makeDict(t);
    old.setMany(['a', 'b', 'c', 'd', 'e'].map((key) => [key, `old ${key}`]));
    const temporary = makeDir(t);
    for (const load of [`load ${old.name}`, `load ${old.name} /dev/stdin`]) {
      const { code, err } = await shell(`${print(file)} | TMPDIR=${temporary} $SHMKIT ${load} --create 1mb --replace`);
      t.is(code, 5, err);
      t.notRegex(err, /stored/u);
    }
    t.deepEqual([...old.entries()].toSorted(), ['a', 'b', 'c', 'd', 'e'].map((key) => [key, `old ${key}`]));
    t.true(old.linked);
    t.deepEqual(fs.readdirSync(temporary), []);
  });
}

for (const what of ['cut off after the header', 'with a bad first entry', "with an object in V8's format", 'of nothing'] as const) {
  test(`load --create of a pipe with a dump ${what} leaves no dictionary`, async (t) => {
    const { file } = fiveIn(t);
    const name = testName(t);
    const { code, err } = await shell(`${REFUSED[what](file)} | $SHMKIT load ${name} --create 1mb`);
    t.is(code, 5, err);
    t.throws(() => SharedDict.open(name), { code: 'ERR_SHM_NOT_FOUND' });
  });
}

test('load --create of a pipe, with --replace or without, stores the whole dump', async (t) => {
  const { file, entries } = fiveIn(t);
  const [name, empty, temporary] = [testName(t), makeDict(t), makeDir(t)];
  const none = fileIn(t, shmkit(['dump', empty.name]).out);
  const lines = [[`cat ${file}`, '', entries], [`cat ${none}`, '--replace', []], [`cat ${file}`, '--replace', entries]] as const;
  for (const [print, replace, expected] of lines) {
    const { code, err } = await shell(`${print} | TMPDIR=${temporary} $SHMKIT load ${name} --create 1mb ${replace}`);
    t.is(code, 0, err);
    const dict = SharedDict.open(name);
    t.deepEqual([...dict.entries()].toSorted(), expected);
    dict.close();
  }
  t.deepEqual(fs.readdirSync(temporary), []);
});

test('load --replace of a pipe keeps the old dictionary without a place for a temporary file', async (t) => {
  const { file } = fiveIn(t);
  const old = makeDict(t);
  old.set('a', 1);
  const { code, err } = await shell(`cat ${file} | TMPDIR=${path.join(makeDir(t), 'missing')} $SHMKIT load ${old.name} --create 1mb --replace`);
  t.is(code, 3, err);
  t.regex(err, /missing/u);
  t.is(old.get('a'), 1);
  t.true(old.linked);
});

test('dump --prefix holds the entries of the prefix only', (t) => {
  const dict = makeDict(t);
  dict.setMany([['a:1', 1], ['b:1', 1]]);
  const lines = shmkit(['dump', dict.name, '--prefix', 'a:']).out.trim().split('\n').map((line) => JSON.parse(line) as object);
  t.like(lines[0], { shmkit: 1, name: dict.name });
  t.deepEqual(lines.slice(1), [{ k: 'a:1', v: 1, t: 'number' }, { end: true, entries: 1 }]);
});
