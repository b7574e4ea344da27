// shmkit get: values of all encodings, safe for terminals.
import test from 'ava';
import { bytesOf, json, shmkit } from '../support/cli';
import { makeDict, openAgain } from '../support/dict';

const ESCAPE = '\u001b';
const HOSTILE = 'a\u001b]0;title\u0007\u009b31m\u202ereversed\u2066\u200b\t\r\nb\\';

test('keys and values of peers reach the output without control or bidi characters', (t) => {
  const dict = makeDict(t);
  dict.set(HOSTILE, HOSTILE);
  dict.set('object', { [HOSTILE]: HOSTILE });
  dict.rpush('list', HOSTILE);
  const outputs = [['keys'], ['keys', '--long'], ['keys', '--json'], ['get', HOSTILE], ['get', HOSTILE, '--json'], ['get', 'object'], ['get', 'list'], ['get', `${HOSTILE}none`]].map(
    ([command, ...rest]) => shmkit([command as string, dict.name, ...rest]),
  );
  for (const { out, err } of outputs) t.notRegex(out + err, /(?![\n\t])[\p{Cc}\p{Cf}]/u);
  t.is(outputs[3]?.out, String.raw`a\u001b]0;title\u0007\u009b31m\u202ereversed\u2066\u200b\t\r\nb\\` + '\n');
  t.is(outputs[0]?.out.split('\n').length, 4);
  t.is(JSON.parse(outputs[4]?.out ?? ''), HOSTILE);
});

test('get --raw prints text and bytes as they are', (t) => {
  const dict = makeDict(t);
  dict.set('text', HOSTILE);
  dict.set('bytes', Buffer.of(0, 255, 10));
  t.is(bytesOf(['get', dict.name, 'text', '--raw']).toString(), HOSTILE);
  t.deepEqual(bytesOf(['get', dict.name, 'bytes', '--raw']), Buffer.of(0, 255, 10));
  t.is(shmkit(['get', dict.name, 'bytes']).out, '0x00ff0a\n');
});

test('get --json tells bigints, bytes and other objects apart', (t) => {
  const dict = makeDict(t);
  dict.set('object', { n: 1, big: 2n, bytes: Buffer.from('hi'), map: new Map([['a', new Set([1])]]), date: new Date(0), none: undefined });
  t.deepEqual(json('get', dict.name, 'object'), { n: 1, big: '2', bytes: { $bytes: 'aGk=' }, map: { $map: [['a', { $set: [1] }]] }, date: { $date: '1970-01-01T00:00:00.000Z' } });
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  dict.set('circular', circular);
  t.deepEqual(json('get', dict.name, 'circular'), { self: { $circular: 1 } });
});

test('get writes an object that occurs twice as two, and refuses what would take billions', (t) => {
  const dict = makeDict(t);
  const twice = (item: unknown, levels: number): unknown => (levels === 0 ? item : twice([item, item], levels - 1));
  dict.set('few', twice({ a: 1 }, 2));
  t.deepEqual(json('get', dict.name, 'few'), [[{ a: 1 }, { a: 1 }], [{ a: 1 }, { a: 1 }]]);
  for (const [key, item, levels] of [['arrays', 1, 40], ['text', 'x'.repeat(10_000), 12], ['bytes', new Uint8Array(10_000), 12], ['names', { ['x'.repeat(10_000)]: 1 }, 12]] as const) {
    dict.set(key, twice(item, levels));
    for (const options of [[], ['--json'], ['--raw']]) {
      const { code, err } = shmkit(['get', dict.name, key, ...options]);
      t.is(code, 3, key);
      t.regex(err, /occur several times/);
    }
  }
});

test('get shows values of unknown codecs as bytes and names the codec', (t) => {
  const dict = makeDict(t);
  const mine = openAgain(t, dict, { codec: { name: 'mine "x"', encode: () => Buffer.from('abc'), decode: () => 1 } });
  mine.set('key', {});
  const { code, out, err } = shmkit(['get', dict.name, 'key']);
  t.is(code, 0);
  t.is(out, '0x616263\n');
  t.regex(err, /codec "mine "x""/);
  t.like(json('get', dict.name, 'key', '--entry'), { type: 'codec', codec: 'mine "x"', value: { $bytes: 'YWJj' } });
});

test('get --entry adds type, version and time to live, and --stale finds expired values', (t) => {
  const dict = makeDict(t);
  dict.set('key', 'v', 100);
  const { version, ttl } = dict.getEntry('key') ?? { version: 0n, ttl: 0 };
  const entry = json<{ ttl: number }>('get', dict.name, 'key', '--entry');
  t.like(entry, { value: 'v', type: 'string', version: String(version) });
  t.true(entry.ttl > 0 && entry.ttl <= ttl);
  dict.set('old', 'gone', 1e-9);
  t.is(shmkit(['get', dict.name, 'old']).code, 1);
  t.is(shmkit(['get', dict.name, 'old', '--stale']).out, 'gone\n');
});

const of = (...args: string[]) => shmkit(args);

test('failures end with their exit code and one line on standard error', (t) => {
  const dict = makeDict(t);
  t.is(of('get', dict.name, 'none').code, 1);
  t.is(of('get', 'no-such-dictionary', 'k').code, 1);
  t.is(of('get', '../x', 'k').code, 2);
  t.is(of('get', dict.name).code, 2);
  t.is(of('nonsense').code, 2);
  t.is(of('ls', '--color', 'green').code, 2);
  t.is(of().code, 2);
  t.is(of('--version').code, 0);
  t.is(of('help', 'get').code, 0);
  t.regex(of('get', 'no-such-dictionary', 'k').err, /^shmkit: ERR_SHM_NOT_FOUND: [^\n]*\n$/);
});

test('colours follow --color and NO_COLOR, and never reach a pipe by themselves', (t) => {
  t.false(shmkit(['ls']).out.includes(ESCAPE));
  t.false(shmkit(['help']).out.includes(ESCAPE));
  t.false(shmkit(['ls'], { env: { NO_COLOR: '1' } }).out.includes(ESCAPE));
});
