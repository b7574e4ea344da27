// The specification of one name, which recorded creations, attachments and removals are checked against.
// A dictionary is identified by its inode, which no other one of the same run has.
import type { Recorded } from './history-log';
import type { Happening, Nature } from './linearize';

/**
 * `look` asks the file system what the name leads to; `use` and `close` concern what the actor has open; `die` is its
 * death by a signal.
 */
export interface NameAction {
  readonly kind: 'create' | 'replace' | 'openOrCreate' | 'open' | 'unlink' | 'look' | 'use' | 'close' | 'die';
  /** The inode of what it has open. */
  readonly inode?: number;
  readonly isOwner?: boolean;
}

/** An inode, the code of an error, `true` or `false`, null for nothing. */
export type NameOutcome = number | string | boolean | null;
export type NameCall = Recorded<NameAction, NameOutcome>;

export interface NameState {
  /** The inode it leads to; the creator, if that was killed in the call and no call has returned the inode yet. */
  readonly inode: number | string | null;
  readonly isOwned: boolean;
  /** The actors that have it open. */
  readonly attached: readonly string[];
  readonly dead: readonly string[];
  /** All known inodes that ever had the name. */
  readonly known: ReadonlySet<number>;
}

const FREE: NameState = { inode: null, isOwned: false, attached: [], dead: [], known: new Set() };

export const NAME: Nature<NameState> = {
  initial: FREE,
  /** Dead actors and known inodes follow from the calls that have taken effect, so they are no part of it. */
  keyOf: ({ inode, isOwned, attached }) => `${inode} ${isOwned} ${attached.join(',')}`,
  eraOf: ({ inode }) => inode,
};

const CREATORS = new Set(['create', 'replace', 'openOrCreate']);
const REFUSALS = new Set<unknown>(['ERR_SHM_EXISTS', 'ERR_SHM_NOT_FOUND', false]);

/** Returns the calls, and the removals of leftovers that creators may begin with. */
export function nameHappenings(history: readonly NameCall[]): Happening<NameState>[] {
  return history.flatMap((recorded) => {
    const happening: Happening<NameState> = {
      called: recorded.called,
      returned: recorded.returned,
      step: (state) => carryOut(recorded, state),
      // Closing what has lost its name changes nothing, then or later.
      isHarmless: REFUSALS.has(recorded.outcome) || ['close', 'look', 'use'].includes(recorded.call.kind),
      era: eraOf(recorded),
      text: `${recorded.actor} ${JSON.stringify(recorded.call)} => ${JSON.stringify(recorded.outcome) ?? '?'}`,
    };
    return CREATORS.has(recorded.call.kind) ? [removalBefore(happening), happening] : [happening];
  });
}

/** It can take effect only if there is a leftover, and need not even then: another creator may be first. */
function removalBefore(creation: Happening<NameState>): Happening<NameState> {
  return {
    called: creation.called,
    returned: Infinity,
    before: creation,
    step: (state) => (state.inode !== null && isFree(state) ? { ...state, ...NOTHING } : undefined),
    isHarmless: false,
    text: `removal of a leftover before ${creation.text}`,
  };
}

/** A removal is an era of its own: no state lasts across it. */
function eraOf(recorded: NameCall): unknown {
  if (recorded.outcome === true) return recorded;
  return typeof recorded.outcome === 'number' ? recorded.outcome : undefined;
}

function carryOut(recorded: NameCall, state: NameState): NameState | undefined {
  const { actor, call, outcome } = recorded;
  // A call in progress at a death took effect before it, or never.
  if (outcome === undefined && state.dead.includes(actor)) return state;
  switch (call.kind) {
    case 'create':
      if (outcome === 'ERR_SHM_EXISTS') return isFree(state) ? undefined : state;
      return isFree(state) || outcome === undefined ? make(recorded, state, true) : undefined;
    case 'replace':
      return make(recorded, state, true);
    case 'openOrCreate':
      return state.inode === null ? make(recorded, state, false) : attach(recorded, state);
    case 'open':
      if (outcome === 'ERR_SHM_NOT_FOUND') return state.inode === null ? state : undefined;
      return state.inode === null ? undefined : attach(recorded, state);
    case 'unlink':
      if (outcome === false || state.inode === null) return state.inode === null && outcome !== true ? state : undefined;
      return { ...state, ...NOTHING };
    case 'look':
      return outcome === null || state.inode === null ? (outcome === state.inode ? state : undefined) : see(outcome, state);
    case 'use':
      return state;
    case 'close':
      return state.inode === call.inode ? leave(actor, state, call.isOwner === true) : state;
    case 'die':
      return { ...leave(actor, state, false), dead: [...state.dead, actor] };
  }
}

const NOTHING = { inode: null, isOwned: false, attached: [] };

/** Returns whether the name is free, or that of a leftover: its owner died, and no live process has it open. */
function isFree({ inode, isOwned, attached }: NameState): boolean {
  return inode === null || (isOwned && attached.length === 0);
}

/** Returns whether the inode is new, or not known yet. */
function make({ actor, outcome, called }: NameCall, state: NameState, isOwned: boolean): NameState | undefined {
  const attached = [actor];
  if (outcome === undefined) return { ...state, inode: `of ${actor} at ${called}`, isOwned, attached };
  if (typeof outcome !== 'number' || state.known.has(outcome)) return undefined;
  return { ...state, inode: outcome, isOwned, attached, known: new Set([...state.known, outcome]) };
}

function attach({ actor, outcome }: NameCall, state: NameState): NameState | undefined {
  const seen = outcome === undefined ? state : see(outcome, state);
  return seen && { ...seen, attached: [...state.attached, actor].toSorted() };
}

/** The inode of what a killed process made becomes known with the first call that returns it. */
function see(outcome: NameOutcome | undefined, state: NameState): NameState | undefined {
  if (outcome === undefined || outcome === state.inode) return state;
  if (typeof outcome !== 'number' || typeof state.inode === 'number' || state.known.has(outcome)) return undefined;
  return { ...state, inode: outcome, known: new Set([...state.known, outcome]) };
}

function leave(actor: string, state: NameState, isOwner: boolean): NameState {
  if (isOwner) return { ...state, ...NOTHING };
  return { ...state, attached: state.attached.filter((other) => other !== actor) };
}
