// The calls of a recorded history: at random, on a few keys that all actors share.
import type { Call, Scalar } from './history-key';
import { generator } from './random';

/**
 * `mixed` makes all calls; `reread` few writes, and gets of one key again and again; `frozen` the same with objects and
 * `getFrozen`; `growing` adds a key with each call, and reads those that were added.
 */
export type Profile = 'mixed' | 'reread' | 'frozen' | 'growing';

/** How many of 100 calls are of each kind. The rest are gets. */
const MIXED: readonly (readonly [Call['kind'], number])[] = [
  ['set', 17],
  ['add', 7],
  ['incr', 12],
  ['compareAndSet', 10],
  ['delete', 4],
  ['take', 3],
  ['swap', 3],
  ['expire', 3],
  ['has', 4],
  ['entry', 4],
];
const WEIGHTS: Record<Profile, readonly (readonly [Call['kind'], number])[]> = {
  mixed: [...MIXED, ['clear', 1]],
  growing: MIXED,
  reread: [
    ['set', 4],
    ['incr', 3],
    ['compareAndSet', 2],
    ['delete', 1],
    ['expire', 1],
    ['entry', 2],
  ],
  frozen: [
    ['set', 6],
    ['compareAndSet', 2],
    ['delete', 1],
    ['expire', 2],
    ['entry', 2],
    ['clear', 1],
  ],
};

const KEYS: Record<Profile, number> = { mixed: 8, reread: 4, frozen: 4, growing: 8 };
/** Gets of one key in a row. */
const ROW: Record<Profile, number> = { mixed: 2, reread: 12, frozen: 12, growing: 2 };
/** The first actors, whose added keys are read by all. */
const READ_ACTORS = 6;
/** Reads for each key that is added, on average. */
const READS = 10;

/** Yields calls without end. No two calls of any actors write the same value. Odd keys hold numbers, to be incremented. */
export function* callsOf(actor: number, seed: number, profile: Profile): Generator<Call, never> {
  const random = generator(seed);
  for (let step = 1; ; step += 1) {
    const number = random(KEYS[profile]);
    const kind = pick(WEIGHTS[profile], random(100));
    const value: Scalar = number % 2 ? (actor * 1_000_000 + step) * 1000 : `${actor}.${step}`;
    const ttl = random(3) === 0 ? 200 + random(20_000) : undefined;
    const key = `key-${number}`;
    if (kind === 'get') for (let count = random(ROW[profile]); count > 0; count -= 1) yield { kind, key };
    if (kind === 'set' || kind === 'add' || kind === 'swap') yield { kind, key, value, ttl };
    else if (kind === 'expire') yield { kind, key, ttl: ttl ?? 1000 };
    else if (kind === 'compareAndSet') yield { kind, key, value };
    else if (kind === 'clear') yield { kind, key: '' };
    else yield { kind, key };
    if (profile === 'growing') yield* addAndRead(actor, step, random);
  }
}

/** Adds a key, which stays, and reads others that may have been added: many, because reads do not wait for a doubling. */
function* addAndRead(actor: number, step: number, random: (below: number) => number): Generator<Call, void> {
  yield { kind: 'set', key: `more-${actor}-${step}`, value: step };
  for (let count = random(2 * READS); count > 0; count -= 1) {
    yield { kind: 'get', key: `more-${1 + random(READ_ACTORS)}-${1 + random(step)}` };
  }
}

function pick(weights: readonly (readonly [Call['kind'], number])[], dice: number): Call['kind'] {
  let left = dice;
  for (const [kind, weight] of weights) {
    left -= weight;
    if (left < 0) return kind;
  }
  return 'get';
}
