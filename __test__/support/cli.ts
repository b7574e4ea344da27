// The command `shmkit`, run as its users run it: a process of its own.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';

const COMMAND = path.join(path.dirname(require.resolve('shmkit')), 'dist', 'cli.js');

/** How a run of the command ended. */
export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Options of a run. */
export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
  /** In ms. A run that takes longer is killed, and its code is null. */
  readonly timeout?: number;
}

/** Runs the command to its end. */
export function shmkit(args: readonly string[], { input = '', env = {}, timeout }: RunOptions = {}): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], { input, env: { ...process.env, ...env }, maxBuffer: 2 ** 28, timeout, killSignal: 'SIGKILL' });
  return { code: status, out: stdout.toString(), err: stderr.toString() };
}

/** Runs the command and returns the bytes that it printed. */
export function bytesOf(args: readonly string[]): Buffer {
  return spawnSync(process.execPath, [COMMAND, ...args], { maxBuffer: 2 ** 28 }).stdout;
}

/** Runs the command with `--json` and returns what it printed. */
export function json<T = unknown>(...args: string[]): T {
  const { code, out, err } = shmkit([...args, '--json']);
  if (code !== 0) throw new Error(`shmkit ${args.join(' ')} ended with ${code}: ${err}`);
  return JSON.parse(out) as T;
}

/** Runs a line of shell in which `$SHMKIT` is the command. */
export async function shell(line: string): Promise<Run> {
  const child = spawn('bash', ['-c', line], { env: { ...process.env, SHMKIT: `${process.execPath} ${COMMAND}` } });
  const parts = { out: '', err: '' };
  child.stdout.on('data', (data) => (parts.out += String(data)));
  child.stderr.on('data', (data) => (parts.err += String(data)));
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return { code, ...parts };
}
