// What the processes of one host know of its agent, in a small dictionary beside the tier's: a clock, a beat and a pulse.
//   beat   when the tracking connection was last asked for an answer that came, after everything that was reported before
//   pulse  when the agent's thread last ran, whether its connection works or not
// Both are words of 64 bits, set by compare-and-swap: the time, and the low digits of the agent's fencing token.
import { ShmError, SharedDict } from 'shmkit';
import { type SlotOwner, SlotTable, slotText } from './slots.js';

/** Bits of a word that hold a token. */
const TOKEN_BITS = 22n;
const TOKENS = 2 ** 22;
const MASK = BigInt(TOKENS - 1);
/** Ten years, in seconds: the clock is what is left of a time that long. */
const HORIZON = 3.1536e8;
const SIZE = '64kb';
/** Slots of a cluster that are dealt out in small pieces take more. */
const MAX_SIZE = '512kb';

const BEAT = 'beat';
const PULSE = 'pulse';
const CLOCK = 'clock';
const SERVERS = 'servers';

/** What the processes of a host use a tier for. */
export interface Use {
  readonly prefix: string;
  readonly server: string;
}

export class Control {
  readonly #dict: SharedDict<number | bigint | string>;
  #word: bigint | undefined;
  #time = 0;
  #serversText = '';
  #servers: SlotTable | undefined;

  constructor(name: string, dir: string | undefined) {
    this.#dict = SharedDict.openOrCreate<number | bigint | string>(controlName(name), { size: SIZE, maxSize: MAX_SIZE, ...(dir === undefined ? {} : { dir }) });
    this.#dict.add(CLOCK, 0, HORIZON);
  }

  /** Returns the seconds of a clock that all processes of the host share, and that goes on while the machine is suspended. */
  now(): number {
    const left = this.#dict.ttl(CLOCK);
    if (left === undefined) throw new ShmError('ERR_SHM_CORRUPT', 'The clock of the tier is gone: unlink the tier');
    return HORIZON - left;
  }

  /** Returns the seconds since the beat; infinite if there was none. */
  beatAge(): number {
    const word = this.#dict.get(BEAT) as bigint | undefined;
    if (word === undefined) return Infinity;
    // The word changes a few times a second, and is read at every hit.
    if (word !== this.#word) {
      this.#word = word;
      this.#time = timeOf(word);
    }
    return this.now() - this.#time;
  }

  /** Returns the seconds since the agent's thread ran; infinite if none ever did. */
  pulseAge(): number {
    const word = this.#dict.get(PULSE) as bigint | undefined;
    return word === undefined ? Infinity : this.now() - timeOf(word);
  }

  /** Returns whether the agent of the last pulse runs, and is not just being started. */
  isRunning(): boolean {
    const word = this.#dict.get(PULSE) as bigint | undefined;
    return word !== undefined && this.#dict.get('running') === tokenOf(word);
  }

  /** Records that the agent with this token runs, in this process. */
  noteRunning(token: number): void {
    this.#dict.set('pid', process.pid);
    this.#dict.set('running', token);
  }

  /** Records a beat of this time. Returns false if a later agent has taken over. */
  beat(time: number, token: number): boolean {
    return this.#write(BEAT, time, token);
  }

  /** Records that the agent's thread runs. Returns false if a later agent has taken over. */
  pulse(token: number): boolean {
    return this.#write(PULSE, this.now(), token);
  }

  /** Returns the seconds since everything in the tier became suspect and was removed. */
  sinceEpoch(): number {
    const time = this.#dict.get('epoch') as number | undefined;
    return time === undefined ? Infinity : this.now() - time;
  }

  /** Records that everything was removed. */
  noteEpoch(): void {
    this.#dict.set('epoch', this.now());
  }

  /** Returns the servers that are tracked, or were until the beat grew old; undefined if none ever were. */
  servers(): SlotTable | undefined {
    const text = (this.#dict.get(SERVERS) as string | undefined) ?? '';
    if (text !== this.#serversText) {
      this.#serversText = text;
      this.#servers = new SlotTable(text.slice(text.indexOf(' ') + 1));
    }
    return this.#servers;
  }

  /** Records the servers that are tracked. Returns false if a later agent has taken over. */
  noteServers(servers: SlotOwner[], token: number): boolean {
    for (;;) {
      const entry = this.#dict.getEntry(SERVERS);
      if (entry !== undefined && isLater(Number.parseInt(entry.value as string, 10), token)) return false;
      if (this.#dict.set(SERVERS, `${token} ${slotText(servers)}`, { ifVersion: entry?.version ?? 0n })) return true;
    }
  }

  /** Checks that all processes of the host use the tier for the same keys on the same server. Closes it if they do not. */
  checkUse(use: Use): void {
    for (const [name, value] of Object.entries(use)) {
      this.#dict.add(name, value);
      const first = this.#dict.get(name);
      if (first === value) continue;
      this.close();
      throw new ShmError('ERR_SHM_OPTIONS_MISMATCH', `The tier was opened for the ${name} ${JSON.stringify(first)}, not ${JSON.stringify(value)}: give this one another name`);
    }
  }

  /** What the agent's last attempt to track failed with; empty if it tracks. */
  get failure(): string {
    return (this.#dict.get('failure') as string | undefined) ?? '';
  }

  set failure(failure: string) {
    this.#dict.set('failure', failure);
  }

  get pid(): number | undefined {
    return this.#dict.get('pid') as number | undefined;
  }

  count(what: 'fetches' | 'invalidations', by: number): void {
    this.#dict.incr(what, by, { init: 0 });
  }

  counted(what: 'fetches' | 'invalidations'): number {
    return (this.#dict.get(what) as number | undefined) ?? 0;
  }

  close(): void {
    this.#dict.close();
  }

  static unlink(name: string, dir: string | undefined): boolean {
    return SharedDict.unlink(controlName(name), dir === undefined ? {} : { dir });
  }

  #write(key: string, time: number, token: number): boolean {
    for (;;) {
      const entry = this.#dict.getEntry(key);
      if (entry !== undefined && isLater(tokenOf(entry.value as bigint), token)) return false;
      if (this.#dict.set(key, wordOf(time, token), { ifVersion: entry?.version ?? 0n })) return true;
    }
  }
}

/** Returns the part of a fencing token that words have room for. */
export function shortToken(token: bigint): number {
  return Number(token & MASK);
}

function controlName(name: string): string {
  return `${name}.tier`;
}

/** Times are rounded down: a beat is never younger than it was. */
function wordOf(time: number, token: number): bigint {
  return (BigInt(Math.floor(time * 1000)) << TOKEN_BITS) | BigInt(token);
}

function timeOf(word: bigint): number {
  return Number(word >> TOKEN_BITS) / 1000;
}

function tokenOf(word: bigint): number {
  return Number(word & MASK);
}

/** Compares tokens that start again at 0 after the last one. */
function isLater(one: number, other: number): boolean {
  const distance = (one - other + TOKENS) % TOKENS;
  return distance > 0 && distance < TOKENS / 2;
}
