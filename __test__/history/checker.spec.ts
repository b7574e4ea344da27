// The checker itself, on small histories that are known to be explainable or not.
import test from 'ava';
import type { Call, KeyCall, Outcome } from '../support/history-key';
import { judge } from '../support/history-run';
import { generator } from '../support/random';

type Kind = Call['kind'];

/** A call on key `k`, from one microsecond to another; without an outcome it is not known when, or whether, it ended. */
function call(from: number, to: number, kind: Kind, outcome?: Outcome, more: Partial<Call> = {}): KeyCall {
  const returned = outcome === undefined ? Infinity : to * 1000;
  const key = kind === 'clear' ? '' : 'k';
  return { actor: 'a', called: from * 1000, returned, call: { kind, key, ...more }, ...(outcome === undefined ? {} : { outcome }) };
}

function isExplained(...history: KeyCall[]): boolean {
  return judge(history).get('k')?.ok as boolean;
}

const set = (from: number, to: number, value: string, ttl?: number) => call(from, to, 'set', true, { value, ttl });
const get = (from: number, to: number, value: string | number | null) => call(from, to, 'get', value);
const entry = (at: number, value: string, version: string) => call(at, at + 1, 'entry', [value, version]);
const update = (from: number, to: number, outcome: boolean, version: string) =>
  call(from, to, 'compareAndSet', outcome, { value: `after ${version}`, version });

test('history checker: a read sees the last write, or one in progress', (t) => {
  t.true(isExplained(set(0, 1, 'a'), get(2, 3, 'a')));
  t.true(isExplained(set(0, 1, 'a'), set(2, 9, 'b'), get(3, 4, 'a'), get(5, 6, 'b')));
  t.false(isExplained(set(0, 1, 'a'), set(2, 9, 'b'), get(3, 4, 'b'), get(5, 6, 'a')), 'a stale read');
  t.false(isExplained(set(0, 1, 'a'), set(2, 3, 'b'), get(4, 5, 'a')), 'a stale read');
  t.false(isExplained(set(0, 1, 'a'), get(2, 3, null)), 'a lost write');
  t.false(isExplained(set(2, 3, 'a'), get(0, 1, 'a')), 'a read from the future');
});

test('history checker: each increment counts once', (t) => {
  t.true(isExplained(call(0, 4, 'incr', 2), call(1, 3, 'incr', 1), get(5, 6, 2)));
  t.false(isExplained(call(0, 4, 'incr', 1), call(1, 3, 'incr', 1)), 'one is lost');
  t.false(isExplained(call(0, 1, 'incr', 1), get(2, 3, 2)), 'one was counted twice');
});

test('history checker: a compare-and-set succeeds only on the version that was read', (t) => {
  t.true(isExplained(set(0, 1, 'a'), entry(2, 'a', '7'), update(4, 5, true, '7'), get(6, 7, 'after 7')));
  t.false(isExplained(set(0, 1, 'a'), entry(2, 'a', '7'), set(4, 5, 'b'), update(6, 7, true, '7')), 'a lost update');
  t.false(isExplained(set(0, 1, 'a'), entry(2, 'a', '7'), update(4, 5, false, '7')), 'refused for no reason');
  t.false(isExplained(set(0, 1, 'a'), entry(2, 'a', '7'), entry(4, 'a', '8')), 'a version that changed by itself');
  t.false(isExplained(set(0, 1, 'a'), entry(2, 'a', '7'), update(4, 9, true, '7'), update(4, 9, true, '7')), 'both succeed');
});

test('history checker: a call in progress at a death took effect later or never', (t) => {
  const dying = call(2, 0, 'set', undefined, { value: 'b' });
  t.true(isExplained(set(0, 1, 'a'), dying, get(3, 4, 'a')));
  t.true(isExplained(set(0, 1, 'a'), dying, get(3, 4, 'b')));
  t.true(isExplained(set(0, 1, 'a'), dying, get(3, 4, 'a'), get(5, 6, 'b')));
  t.false(isExplained(set(0, 1, 'a'), dying, get(3, 4, 'b'), get(5, 6, 'a')), 'it was undone');
  t.false(isExplained(set(0, 1, 'a'), dying, get(3, 4, null)), 'it left nothing');
});

test('history checker: a value expires exactly when its time is over', (t) => {
  t.true(isExplained(set(0, 2, 'a', 100), get(99, 100, 'a')));
  t.true(isExplained(set(0, 2, 'a', 100), get(104, 105, null)));
  t.true(isExplained(set(0, 5, 'a', 100), get(102, 103, 'a'), get(103.5, 104, null)));
  t.false(isExplained(set(0, 2, 'a', 100), get(104, 105, 'a')), 'too long');
  t.false(isExplained(set(0, 2, 'a', 100), get(50, 60, null)), 'too short');
  t.false(isExplained(set(0, 5, 'a', 100), get(101, 102, null), get(103, 104, 'a')), 'it comes back');
  t.true(isExplained(set(0, 1, 'a', 100), set(50, 51, 'b'), get(200, 201, 'b')), 'it was replaced in time');
  t.true(isExplained(set(0, 1, 'a', 100), call(50, 51, 'expire', true, { ttl: 500 }), get(200, 201, 'a')));
  t.true(isExplained(call(0, 0, 'set', undefined, { value: 'a', ttl: 100 }), get(104, 105, 'a'), get(106, 107, null)));
});

test('history checker: a writer that found an entry in time renews it, though readers missed it', (t) => {
  const expire = (from: number, to: number) => call(from, to, 'expire', true, { ttl: 500 });
  const swap = call(50, 200, 'swap', 'a', { value: 'b' });
  t.true(isExplained(set(0, 2, 'a', 100), expire(50, 200), get(150, 151, null), get(201, 202, 'a')));
  t.true(isExplained(set(0, 2, 'a', 100), swap, get(150, 151, null), get(201, 202, 'b')));
  t.true(isExplained(set(0, 2, 'a', 100), entry(3, 'a', '7'), update(50, 200, true, '7'), get(150, 151, null), get(201, 202, 'after 7')));
  t.true(isExplained(set(0, 2, 'a', 100), call(50, 0, 'expire', undefined, { ttl: 500 }), get(150, 151, null), get(201, 202, 'a')));
  t.false(isExplained(set(0, 2, 'a', 100), expire(110, 200), get(150, 151, null), get(201, 202, 'a')), 'it came too late');
  t.false(isExplained(set(0, 2, 'a', 100), expire(50, 200), get(150, 151, null), set(160, 161, 'c'), get(201, 202, 'a')), 'it was replaced');
  t.false(isExplained(set(0, 2, 'a', 100), expire(50, 200), get(150, 151, null), call(160, 161, 'clear', null), get(201, 202, 'a')), 'it was cleared');
  t.false(isExplained(set(0, 2, 'a', 100), expire(50, 200), get(150, 151, null), get(201, 202, null)), 'it was not renewed');
  t.false(isExplained(set(0, 2, 'a', 100), entry(3, 'a', '7'), update(50, 200, false, '7'), get(201, 202, 'a')), 'refused for no reason');
});

test('history checker: a clear takes effect on every key at once', (t) => {
  t.true(isExplained(set(0, 1, 'a'), call(2, 5, 'clear', null), get(3, 4, 'a'), get(4.2, 4.8, null)));
  t.false(isExplained(set(0, 1, 'a'), call(2, 3, 'clear', null), get(4, 5, 'a')));
  t.true(isExplained(call(0, 4, 'clear', null), call(1, 5, 'incr', 1), call(6, 7, 'delete', false)));
});

/** Returns a history of one thread whose calls were extended at random at both ends: what happened explains it. */
function stretched(seed: number): KeyCall[] {
  const random = generator(seed);
  const history: KeyCall[] = [];
  let value: number | null = null;
  for (let at = 10; at < 3000; at += 10) {
    const [from, to] = [at - random(60), at + random(60)];
    const kind = (['get', 'incr', 'set', 'delete'] as const)[random(4)] as Kind;
    if (kind === 'get') history.push(get(from, to, value));
    else if (kind === 'delete') {
      history.push(call(from, to, 'delete', value !== null));
      value = null;
    } else {
      value = kind === 'incr' ? (value ?? 0) + 1 : at * 1000;
      history.push(call(from, to, kind, kind === 'incr' ? value : true, { value }));
    }
  }
  return history;
}

test('history checker: it finds one wrong outcome in a long history of overlapping calls', (t) => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const history = stretched(seed);
    const [verdict] = judge(history).values();
    t.true(verdict?.ok, `${seed}: ${verdict?.problem}`);
    const place = history.findIndex(({ call: { kind } }, index) => kind === 'get' && index > 150);
    history[place] = { ...(history[place] as KeyCall), outcome: 500 };
    t.false([...judge(history).values()][0]?.ok, `${seed}`);
  }
});
