// The specification of one key of a dictionary, which recorded histories are checked against.
import type { Recorded } from './history-log';
import type { Happening } from './linearize';

export type Scalar = string | number;

/** A call. Only `clear` has no key. */
export interface Call {
  readonly kind: 'get' | 'has' | 'entry' | 'set' | 'add' | 'swap' | 'compareAndSet' | 'delete' | 'take' | 'incr' | 'expire' | 'clear';
  readonly key: string;
  readonly value?: Scalar;
  /** Microseconds. */
  readonly ttl?: number | undefined;
  readonly version?: string;
}

/** The outcome of a call in JSON: null for undefined, `[value, version]` for an entry. */
export type Outcome = Scalar | boolean | null | readonly [Scalar, string];

/** A recorded call. */
export type KeyCall = Recorded<Call, Outcome>;

export interface KeyState {
  readonly value: Scalar | null;
  /** Known once a call has returned it. Every write makes a new one. */
  readonly version: string | null;
  /** The call that set its TTL. */
  readonly deadline: KeyCall | null;
  /** What was there until its time was over, unless something was written since. */
  readonly expired: Expired | null;
}

/** A writer that read the clock before the end may still give it new life: readers miss the key meanwhile. */
interface Expired {
  readonly value: Scalar;
  readonly version: string | null;
  /** The last nanosecond in which its time may have ended. */
  readonly latest: number;
}

export const MISSING: KeyState = { value: null, version: null, deadline: null, expired: null };

/** Nanoseconds by which the clock of deadlines and that of the records may differ, since they round differently. */
const ROUNDING = 1000;

const ids = new WeakMap<KeyCall, number>();
let lastId = 0;

/** Returns a string that identifies the state. */
export function keyOfState({ value, version, deadline, expired }: KeyState): string {
  if (deadline && !ids.has(deadline)) ids.set(deadline, (lastId += 1));
  const past = expired ? ` expired ${JSON.stringify(expired.value)} ${expired.version ?? '-'} ${expired.latest}` : '';
  return `${JSON.stringify(value)} ${version ?? '-'} ${deadline ? ids.get(deadline) : '-'}${past}`;
}

/** Returns all events of a key: its calls, and the expiries that they set. */
export function happenings(history: readonly KeyCall[]): Happening<KeyState>[] {
  return history.flatMap((recorded) => {
    const event = { ...recorded, step: stepOf(recorded), isHarmless: isHarmless(recorded), text: textOf(recorded) };
    return recorded.call.ttl ? [event, deathOf(recorded, event)] : [event];
  });
}

/** The clock was read between call and return, so the expiry lies between these two plus the TTL. */
function deathOf(recorded: KeyCall, event: Happening<KeyState>): Happening<KeyState> {
  const ttl = (recorded.call.ttl as number) * 1000;
  const latest = recorded.returned + ttl + ROUNDING;
  return {
    called: recorded.called + ttl - ROUNDING,
    returned: latest,
    after: event,
    step: (state) => (state.deadline === recorded ? afterDeath(state, latest) : state),
    isHarmless: true,
    text: `end of ${textOf(recorded)}`,
  };
}

function afterDeath({ value, version }: KeyState, latest: number): KeyState {
  return { ...MISSING, expired: value === null ? null : { value, version, latest } };
}

/** Returns whether the call changed nothing, by its kind or its outcome. */
function isHarmless({ call, outcome }: KeyCall): boolean {
  if (outcome === undefined) return false;
  const isRead = call.kind === 'get' || call.kind === 'has' || call.kind === 'entry';
  return isRead || outcome === false || outcome === 'ERR_SHM_WRONG_TYPE' || (call.kind === 'take' && outcome === null);
}

function textOf({ actor, call, outcome }: KeyCall): string {
  const { kind, key, ...rest } = call;
  return `${actor} ${kind} ${key} ${JSON.stringify(rest)} => ${outcome === undefined ? '?' : JSON.stringify(outcome)}`;
}

/** Returns the state after the call, if it can have had its outcome there; an unknown outcome is any outcome. */
function stepOf(recorded: KeyCall): (state: KeyState) => KeyState | undefined {
  const { outcome } = recorded;
  if (recorded.call.kind === 'entry') return (state) => seeEntry(state, outcome);
  return (state) => renewed(recorded, state) ?? stepFrom(recorded, state);
}

function stepFrom(recorded: KeyCall, state: KeyState): KeyState | undefined {
  const [expected, after] = carryOut(recorded, state);
  return recorded.outcome === undefined || recorded.outcome === expected ? after : undefined;
}

/** Returns the state after a call that found an entry in time, and committed its new life when it had expired. */
function renewed(recorded: KeyCall, { expired }: KeyState): KeyState | undefined {
  if (expired === null || !RENEWING.has(recorded.call.kind) || recorded.called > expired.latest) return undefined;
  const found: KeyState = { value: expired.value, version: expired.version, deadline: null, expired: null };
  const after = stepFrom(recorded, found);
  return after === found ? undefined : after;
}

const RENEWING: ReadonlySet<Call['kind']> = new Set(['expire', 'swap', 'compareAndSet']);

/** Returns the outcome that a call must have, and the state after it. */
function carryOut(recorded: KeyCall, state: KeyState): [Outcome, KeyState] {
  const { kind, value = 0, version } = recorded.call;
  const isThere = state.value !== null;
  const written: KeyState = { value, version: null, deadline: recorded.call.ttl ? recorded : null, expired: null };
  switch (kind) {
    case 'get':
    case 'entry':
      return [state.value, state];
    case 'has':
      return [isThere, state];
    case 'set':
      return [true, written];
    case 'add':
      return isThere ? [false, state] : [true, written];
    case 'swap':
      return [state.value, written];
    case 'compareAndSet':
      // A call cannot name a version that no call has returned.
      return isThere && state.version === version ? [true, written] : [false, state];
    case 'delete':
      return [isThere, isThere ? MISSING : state];
    case 'take':
      return [state.value, isThere ? MISSING : state];
    case 'incr':
      return increment(state);
    case 'expire':
      return isThere ? [true, { ...written, value: state.value }] : [false, state];
    case 'clear':
      return [null, isThere || state.expired ? MISSING : state];
  }
}

function increment(state: KeyState): [Outcome, KeyState] {
  if (typeof state.value === 'string') return ['ERR_SHM_WRONG_TYPE', state];
  const value = (state.value ?? 0) + 1;
  return [value, { value, version: null, deadline: state.deadline, expired: null }];
}

/** The version of a write becomes known with the first call that returns it. */
function seeEntry(state: KeyState, outcome: Outcome | undefined): KeyState | undefined {
  if (outcome === undefined) return state;
  if (outcome === null) return state.value === null ? state : undefined;
  const [value, version] = outcome as readonly [Scalar, string];
  if (state.value !== value) return undefined;
  if (state.version === null) return { ...state, version };
  return state.version === version ? state : undefined;
}
