// Judges what processes recorded of a channel: one order for all, whole messages, an exact count of what was missed, and no
// gap where a poster was killed.
import { grouped, type Recorded } from './history-log';

export type ChannelCall = { readonly kind: 'post'; readonly id: string } | { readonly kind: 'hear' };
/** Of a post: its sequence number. Of hearing: sequence number, how many were missed before it, its id, and whether it is whole. */
export type ChannelOutcome = number | string | null | readonly [sequence: number, missed: number, id: string, isWhole: boolean];
export type ChannelRecord = Recorded<ChannelCall, ChannelOutcome>;

interface Message {
  readonly id: string;
  readonly sequence: number;
  readonly called: number;
  readonly returned: number;
}

/** Returns what is wrong with a history after which this many messages had been posted; `kills` processes were killed. */
export function problemsOfChannel(recorded: readonly ChannelRecord[], posted: number, kills: number): string[] {
  const calls = recorded.filter(({ outcome }) => outcome !== 'ERR_SHM_LOCK_TIMEOUT');
  const posts = calls.flatMap(({ call, called, returned, outcome }) => (call.kind === 'post' && typeof outcome === 'number' ? [{ id: call.id, sequence: outcome, called, returned }] : []));
  const pending = new Map(calls.flatMap(({ call, called, outcome }) => (call.kind === 'post' && outcome === undefined ? [[call.id, called]] : [])));
  const bySequence = new Map(posts.map((post) => [post.sequence, post]));
  return [
    ...calls.filter(({ outcome }) => typeof outcome === 'string').map(({ actor, call, outcome }) => `${actor}: ${JSON.stringify(call)} gave ${outcome}`),
    ...(bySequence.size < posts.length ? ['two messages have one sequence number'] : []),
    ...gaps(posted, bySequence, Math.min(kills, pending.size)),
    ...disorder(posts),
    ...[...grouped(calls.filter(({ call }) => call.kind === 'hear'), ({ actor }) => actor).values()].flatMap(jumps),
    ...misheard(calls, bySequence, pending),
  ];
}

/** Only messages of posters that were killed in the middle of a call are not accounted for. */
function gaps(posted: number, bySequence: ReadonlyMap<number, Message>, allowed: number): string[] {
  const unknown = Array.from({ length: posted }, (_, index) => index + 1).filter((sequence) => !bySequence.has(sequence));
  const beyond = [...bySequence.keys()].filter((sequence) => sequence < 1 || sequence > posted);
  return [
    ...(unknown.length > allowed ? [`${unknown.length} of ${posted} messages were posted by no process, at most ${allowed} can be`] : []),
    ...beyond.map((sequence) => `message ${sequence} is beyond the ${posted} that were posted`),
  ];
}

/** A message that was posted after another one has a higher number. */
function disorder(posts: readonly Message[]): string[] {
  const earlier = posts.toSorted((a, b) => a.returned - b.returned);
  let [at, latest] = [0, 0];
  return posts
    .toSorted((a, b) => a.called - b.called)
    .flatMap(({ id, sequence, called }) => {
      for (let first = earlier[at]; first && first.returned < called; first = earlier[at]) {
        latest = Math.max(latest, first.sequence);
        at += 1;
      }
      return sequence < latest ? [`${id} has the number ${sequence}, but ${latest} was posted before it`] : [];
    });
}

/** Each subscriber is told exactly how many it missed between two messages. */
function jumps(hearing: readonly ChannelRecord[]): string[] {
  const heard = hearing.flatMap(({ actor, outcome }) => (Array.isArray(outcome) ? [{ actor, sequence: outcome[0] as number, missed: outcome[1] as number }] : []));
  return heard.flatMap(({ actor, sequence, missed }, index) => {
    const before = heard[index - 1]?.sequence;
    if (before === undefined || sequence === before + missed + 1) return [];
    return [`${actor} heard ${sequence} after ${before}, and was told that it missed ${missed}`];
  });
}

/** Every subscriber hears the same message under one number, whole, and not before it was posted. */
function misheard(calls: readonly ChannelRecord[], bySequence: ReadonlyMap<number, Message>, pending: ReadonlyMap<string, number>): string[] {
  const seen = new Map([...bySequence.values()].map(({ sequence, id, called }) => [sequence, { id, called }]));
  return calls.flatMap(({ actor, returned, outcome }) => {
    if (!Array.isArray(outcome)) return [];
    const [sequence, , id, isWhole] = outcome as [number, number, string, boolean];
    if (!isWhole) return [`${actor} heard a damaged message ${sequence}`];
    const known = seen.get(sequence) ?? { id, called: pending.get(id) ?? Infinity };
    seen.set(sequence, known);
    if (known.id !== id) return [`${actor} heard ${id} as ${sequence}, others ${known.id}`];
    return known.called > returned ? [`${actor} heard ${id} before it was posted`] : [];
  });
}
