// Child processes of a test: they answer messages, and none outlives its test.
import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { until } from './clock';

const FIXTURES = path.join(__dirname, '..', 'fixtures');

/** Returns the path of a compiled fixture. */
export function fixture(name: string): string {
  return path.join(FIXTURES, `${name}.js`);
}

/** A test, or anything else with an end at which its child processes are killed. */
export interface Host {
  teardown(end: () => Promise<void>): unknown;
}

/** A running fixture. */
export interface Child {
  readonly pid: number;
  readonly process: ChildProcess;
  /** Settles when it has exited, with its exit code or the signal that ended it. */
  readonly exited: Promise<number | string>;
  /** Returns its next message; rejects if it exits without sending one. */
  next<Message = unknown>(): Promise<Message>;
  /** Sends a message and returns the answer. */
  ask<Answer = unknown>(message: unknown): Promise<Answer>;
  /** Sends a signal and waits for the exit; returns what `exited` settles with. */
  kill(signal?: NodeJS.Signals): Promise<number | string>;
}

/** Starts a fixture, which is killed at the end of the test if it still runs. */
export function startChild(t: Host, name: string, args: unknown[] = [], options: ForkOptions = {}): Child {
  const child = fork(fixture(name), args.map(String), { serialization: 'advanced', ...options });
  const exited = once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | string);
  const inbox = collectMessages(child, exited, name);
  t.teardown(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return {
    pid: child.pid as number,
    process: child,
    exited,
    next: inbox,
    async ask(message) {
      child.send(message as never);
      return inbox();
    },
    async kill(signal = 'SIGKILL') {
      child.kill(signal);
      return exited;
    },
  };
}

/** Makes a call in the fixture `remote-dict`; returns its result, or `{ thrown, message }`. */
export async function callRemote(child: Child, method: string, ...args: unknown[]): Promise<unknown> {
  const { result } = await child.ask<{ result: unknown }>([method, ...args]);
  return result;
}

/** Sends SIGSTOP to a child, and waits until it has stopped. */
export async function stop({ pid, process: child }: Child): Promise<void> {
  child.kill('SIGSTOP');
  const state = () => readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/.*\) /s, '')[0];
  await until(() => state() === 'T');
}

/** Counts the lines that a child prints: `begun` settles at the first, `total` with their number once it has ended. */
export function countLines(child: Child): { begun: Promise<unknown>; total: Promise<number> } {
  const stream = child.process.stdout as NodeJS.ReadableStream;
  let lines = 0;
  stream.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === 10) lines += 1;
  });
  return { begun: once(stream, 'data'), total: once(stream, 'close').then(() => lines) };
}

function collectMessages(child: ChildProcess, exited: Promise<unknown>, name: string) {
  const waiting: Array<{ resolve: (value: never) => void; reject: (error: Error) => void }> = [];
  const arrived: unknown[] = [];
  let ended: Error | undefined;
  child.on('message', (message) => {
    const waiter = waiting.shift();
    if (waiter) waiter.resolve(message as never);
    else arrived.push(message);
  });
  // The channel may still hold messages when the process has exited: it disconnects after the last one.
  void Promise.all([exited, child.connected ? once(child, 'disconnect') : undefined]).then(([how]) => {
    ended = new Error(`${name} ended (${String(how)}) without another message`);
    for (const waiter of waiting.splice(0)) waiter.reject(ended);
  });
  return <Message>(): Promise<Message> => {
    if (arrived.length > 0) return Promise.resolve(arrived.shift() as Message);
    if (ended) return Promise.reject(ended);
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
    });
  };
}
