// A history in files: each actor records a call before it makes it and the outcome after it, synchronously, so that the
// call in progress at a death is known.
import fs from 'node:fs';
import path from 'node:path';

/** A call of a history, with its outcome if that is known. */
export interface Recorded<Call, Outcome> {
  readonly actor: string;
  readonly call: Call;
  /** Nanoseconds of the clock that all processes share. */
  readonly called: number;
  /** Infinity if it is not known to have returned. */
  readonly returned: number;
  readonly outcome?: Outcome;
}

/** Nanoseconds. */
export function clock(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e9 + nanoseconds;
}

/** Returns a function that makes and records the calls of one actor, in a file of its own. */
export function recorder<Call, Outcome>(dir: string, actor: number, perform: (call: Call) => unknown): (call: Call) => Outcome {
  const log = fs.openSync(path.join(dir, `${actor}.log`), 'w');
  const outcomeOf = (call: Call): Outcome => {
    try {
      return (perform(call) ?? null) as Outcome;
    } catch (error) {
      const { code, message } = error as Error & { code?: string };
      return (code?.startsWith('ERR_SHM_') ? code : `${code}: ${message}`) as Outcome;
    }
  };
  return (call) => {
    fs.writeSync(log, `${clock()} ${JSON.stringify(call)}\n`);
    const called = clock();
    const outcome = outcomeOf(call);
    const returned = clock();
    fs.writeSync(log, `${called} ${returned} ${JSON.stringify(outcome)}\n`);
    return outcome;
  };
}

/** Returns what all actors recorded. */
export function readLogs<Call, Outcome>(dir: string): Recorded<Call, Outcome>[] {
  return fs.readdirSync(dir).flatMap((file) => readLog(path.basename(file, '.log'), fs.readFileSync(path.join(dir, file), 'utf8')));
}

/** Parses one line for each call and one for each outcome. What follows the last line feed was being written at a death. */
function readLog<Call, Outcome>(actor: string, text: string): Recorded<Call, Outcome>[] {
  const recorded: Recorded<Call, Outcome>[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const [first, second, rest] = split(line);
    if (rest === undefined) recorded.push({ actor, called: first, returned: Infinity, call: JSON.parse(second) as Call });
    else {
      const { call } = recorded.pop() as Recorded<Call, Outcome>;
      recorded.push({ actor, called: first, returned: Number(second), call, outcome: JSON.parse(rest) as Outcome });
    }
  }
  return recorded;
}

function split(line: string): [number, string, string?] {
  const [first, rest] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
  if (rest.startsWith('{')) return [Number(first), rest];
  const end = rest.indexOf(' ');
  return [Number(first), rest.slice(0, end), rest.slice(end + 1)];
}

/** Returns the items by their keys, in their order. */
export function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
