// One lane of a storm: one process at a time, and the content that it acknowledged.
import type { ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { SharedDict } from 'shmkit';
import { startChild, type Child, type Host } from './child';
import { until } from './clock';
import { canGrow, operationsOf, valueOf, type Operation } from './storm-plan';

/** A test, or anything else that takes violations. */
export interface Judge extends Host {
  fail(problem?: string): unknown;
}

type Written = Extract<Operation, { tag: string }>;

/** The totals of a storm. */
export interface Tally {
  acknowledged: number;
  timeouts: number;
  /** For each counter: acknowledged increments, and those in progress at a death. */
  readonly counted: Map<string, number>;
  readonly inFlight: Map<string, number>;
}

/** The present process of a lane. */
export interface Run {
  readonly child: Child;
  /** Settles at its first acknowledgement. */
  readonly begun: Promise<unknown>;
  acknowledged: number;
}

/** The processes of a lane, one after the other, and the oracle of its keys. */
export class Lane {
  readonly values = new Map<string, Written>();
  list: Written[] = [];
  run: Run | undefined;
  #operations = operationsOf(0, 0, 1, false);
  #unread = '';

  constructor(
    readonly t: Judge,
    readonly dict: SharedDict,
    readonly tally: Tally,
    readonly lane: number,
    readonly lanes: number,
    /** How its processes are started: a program that starts the worker in its turn stands for it. */
    readonly how: ForkOptions = {},
  ) {}

  /** Starts the next process. */
  start(seed: number): Run {
    this.#operations = operationsOf(seed, this.lane, this.lanes, canGrow(this.dict));
    this.#unread = '';
    const stdio = ['ignore', 'pipe', 'inherit', 'ipc'] as const;
    const child = startChild(this.t, 'storm', [this.dict.name, seed, this.lane, this.lanes], { stdio: [...stdio], ...this.how });
    const output = child.process.stdout as NodeJS.ReadableStream;
    output.on('data', (chunk: Buffer) => this.#hear(chunk.toString('latin1')));
    this.run = { child, begun: once(output, 'data'), acknowledged: 0 };
    return this.run;
  }

  /** Sends a signal to the worker. */
  signal(signal: NodeJS.Signals): void {
    process.kill(this.#worker() ?? (this.run as Run).child.pid, signal);
  }

  // The worker itself, if the program that was started has started it.
  #worker(): number | undefined {
    const { pid } = (this.run as Run).child;
    if (this.how.execPath === undefined) return pid;
    const [own] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    return Number(own) || undefined;
  }

  /** Kills the worker; the operation in progress must have happened completely or not at all. */
  async kill(): Promise<void> {
    const { child } = this.run as Run;
    const closed = once(child.process.stdout as NodeJS.ReadableStream, 'close');
    const worker = this.#worker() ?? child.pid;
    child.process.kill('SIGKILL');
    await child.exited;
    // About once in some thousand times, the death of the program that started it did not end it.
    if (worker !== child.pid) await gone(worker);
    await closed;
    this.run = undefined;
    this.#settle(this.#operations.next().value);
  }

  /** Compares everything that the lane wrote with the content of the dictionary. */
  check(): void {
    for (const [key, written] of this.values) {
      if (!this.#isThere(key, written)) this.t.fail(`${key} is not what was acknowledged (${written.tag})`);
    }
    if (!this.#isList(this.list)) this.t.fail(`list-${this.lane} is not what was acknowledged`);
  }

  #hear(text: string): void {
    const lines = (this.#unread + text).split('\n');
    this.#unread = lines.pop() as string;
    for (const line of lines) {
      const operation = this.#operations.next().value;
      if (line.startsWith('!')) this.t.fail(`lane ${this.lane}: ${operation.kind} ${operation.key}: ${line}`);
      if (line.startsWith('t')) this.tally.timeouts += 1;
      if (line === 'k') this.#apply(operation);
    }
    this.tally.acknowledged += lines.length;
    if (this.run) this.run.acknowledged += lines.length;
  }

  #apply(operation: Operation): void {
    const { kind, key } = operation;
    if (kind === 'incr') this.tally.counted.set(key, (this.tally.counted.get(key) ?? 0) + 1);
    else if (kind === 'set') this.values.set(key, operation);
    else if (kind === 'delete') this.values.delete(key);
    else if (kind === 'push') this.list.push(operation);
    else if (kind === 'pop') this.list.shift();
  }

  /** Checks whether the operation in progress has happened, and updates the oracle. */
  #settle(operation: Operation): void {
    const { kind, key } = operation;
    const { t } = this;
    if (kind === 'incr') {
      this.tally.inFlight.set(key, (this.tally.inFlight.get(key) ?? 0) + 1);
    } else if (kind === 'set' || kind === 'delete') {
      if (this.#isThere(key, this.values.get(key))) return;
      if (!this.#isThere(key, kind === 'set' ? operation : undefined)) t.fail(`${kind} ${key} is neither whole nor absent`);
      this.#apply(operation);
    } else if (kind === 'push' || kind === 'pop') {
      if (this.#isList(this.list)) return;
      this.#apply(operation);
      if (!this.#isList(this.list)) t.fail(`${kind} ${key} is neither whole nor absent`);
    }
  }

  #isThere(key: string, written: Written | undefined): boolean {
    const found = this.dict.get(key) as Buffer | undefined;
    if (!written) return found === undefined;
    return found !== undefined && found.equals(valueOf(key, written.tag, written.length));
  }

  #isList(expected: Written[]): boolean {
    const found = this.dict.lrange(`list-${this.lane}`) as Buffer[];
    const isSame = (item: Buffer, { key, tag, length }: Written) => item.equals(valueOf(key, tag, length));
    return found.length === expected.length && expected.every((written, index) => isSame(found[index] as Buffer, written));
  }
}

/** Kills a process that is no child of this one, and waits until it is gone. */
async function gone(pid: number): Promise<void> {
  await until(() => {
    try {
      return !process.kill(pid, 'SIGKILL');
    } catch {
      return true;
    }
  });
}
