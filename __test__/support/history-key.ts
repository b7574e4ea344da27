// What one key of a dictionary may answer: the specification that recorded histories are held against.
import type { Recorded } from './history-log';
import type { Happening } from './linearize';

export type Scalar = string | number;

/** A call. Calls of `clear` and of nothing else are without a key. */
export interface Call {
  readonly kind: 'get' | 'has' | 'entry' | 'set' | 'add' | 'swap' | 'compareAndSet' | 'delete' | 'take' | 'incr' | 'expire' | 'clear';
  readonly key: string;
  readonly value?: Scalar;
  /** Microseconds. */
  readonly ttl?: number | undefined;
  readonly version?: string;
}

/** What came of a call, as JSON has it: null for undefined, `[value, version]` for an entry. */
export type Outcome = Scalar | boolean | null | readonly [Scalar, string];

/** A recorded call. */
export type KeyCall = Recorded<Call, Outcome>;

export interface KeyState {
  readonly value: Scalar | null;
  /** Known once somebody has seen it. Every write makes a new one. */
  readonly version: string | null;
  /** The call that gave it its time to live. */
  readonly deadline: KeyCall | null;
}

export const MISSING: KeyState = { value: null, version: null, deadline: null };

/** The clocks of deadlines and of records tick alike, but do not round alike. */
const ROUNDING = 1000;

const ids = new WeakMap<KeyCall, number>();
let lastId = 0;

/** What tells one state from another. */
export function keyOfState({ value, version, deadline }: KeyState): string {
  if (deadline && !ids.has(deadline)) ids.set(deadline, (lastId += 1));
  return `${JSON.stringify(value)} ${version ?? '-'} ${deadline ? ids.get(deadline) : '-'}`;
}

/** Everything that happens to a key: its calls, and the ends of the lives they gave. */
export function happenings(history: readonly KeyCall[]): Happening<KeyState>[] {
  return history.flatMap((recorded) => {
    const event = { ...recorded, step: stepOf(recorded), isHarmless: isHarmless(recorded), text: textOf(recorded) };
    return recorded.call.ttl ? [event, deathOf(recorded, event)] : [event];
  });
}

/** The clock was read between call and return, so the end lies between these two plus the time to live. */
function deathOf(recorded: KeyCall, event: Happening<KeyState>): Happening<KeyState> {
  const ttl = (recorded.call.ttl as number) * 1000;
  return {
    called: recorded.called + ttl - ROUNDING,
    returned: recorded.returned + ttl + ROUNDING,
    after: event,
    step: (state) => (state.deadline === recorded ? MISSING : state),
    isHarmless: true,
    text: `end of ${textOf(recorded)}`,
  };
}

/** True if its outcome says that it changed nothing, or it never does. */
function isHarmless({ call, outcome }: KeyCall): boolean {
  if (outcome === undefined) return false;
  const isRead = call.kind === 'get' || call.kind === 'has' || call.kind === 'entry';
  return isRead || outcome === false || outcome === 'ERR_SHM_WRONG_TYPE' || (call.kind === 'take' && outcome === null);
}

function textOf({ actor, call, outcome }: KeyCall): string {
  const { kind, key, ...rest } = call;
  return `${actor} ${kind} ${key} ${JSON.stringify(rest)} => ${outcome === undefined ? '?' : JSON.stringify(outcome)}`;
}

/** What a call does to the state, if it can have had its outcome there; an unknown outcome is any. */
function stepOf(recorded: KeyCall): (state: KeyState) => KeyState | undefined {
  const { outcome } = recorded;
  if (recorded.call.kind === 'entry') return (state) => seeEntry(state, outcome);
  return (state) => {
    const [expected, after] = carryOut(recorded, state);
    return outcome === undefined || expected === outcome ? after : undefined;
  };
}

/** The outcome that a call must have, and the state after it. */
function carryOut(recorded: KeyCall, state: KeyState): [Outcome, KeyState] {
  const { kind, value = 0, version } = recorded.call;
  const isThere = state.value !== null;
  const written: KeyState = { value, version: null, deadline: recorded.call.ttl ? recorded : null };
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
      // A version that nobody has seen is none that a call can name.
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
      return [null, isThere ? MISSING : state];
  }
}

function increment(state: KeyState): [Outcome, KeyState] {
  if (typeof state.value === 'string') return ['ERR_SHM_WRONG_TYPE', state];
  const value = (state.value ?? 0) + 1;
  return [value, { value, version: null, deadline: state.deadline }];
}

/** The version of a write becomes known to who looks first. */
function seeEntry(state: KeyState, outcome: Outcome | undefined): KeyState | undefined {
  if (outcome === undefined) return state;
  if (outcome === null) return state.value === null ? state : undefined;
  const [value, version] = outcome as readonly [Scalar, string];
  if (state.value !== value) return undefined;
  if (state.version === null) return { ...state, version };
  return state.version === version ? state : undefined;
}
