// A running inspector, and raw requests to it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { until } from './clock';

/** The command `shmkit`. */
export const COMMAND = path.join(path.dirname(require.resolve('shmkit')), 'dist', 'cli.js');

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RunningInspector {
  readonly port: number;
  /** The token that opens the page once. */
  readonly opening: string;
  /** Ends it by an interrupt; resolves to the exit code. */
  end(): Promise<number | null>;
}

/** Starts `shmkit inspect`, which is killed at the end of the test. */
export async function startInspector(t: ExecutionContext, ...args: string[]): Promise<RunningInspector> {
  const child = spawn(process.execPath, [COMMAND, 'inspect', '--json', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  t.teardown(() => child.kill('SIGKILL'));
  const texts = { out: '', err: '' };
  child.stdout.on('data', (data) => (texts.out += String(data)));
  child.stderr.on('data', (data) => (texts.err += String(data)));
  await until(() => texts.out.endsWith('\n') || child.exitCode !== null);
  if (texts.out === '') throw new Error(texts.err);
  const { address, port } = JSON.parse(texts.out) as { address: string; port: number };
  return {
    port,
    opening: new URL(address).hash.slice(1),
    end() {
      child.kill('SIGINT');
      return ended;
    },
  };
}

/** Sends these bytes and returns the answer, whose connection has to close. */
export async function raw(port: number, request: string): Promise<Answer> {
  const socket = net.connect(port, '127.0.0.1');
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  // The server may close while the rest of a large request is on its way: after an answer, that is no failure.
  let failure: Error | undefined;
  socket.on('error', (error) => (failure = error));
  socket.write(request);
  await new Promise((resolve) => socket.once('close', resolve));
  if (parts.length === 0 && failure !== undefined) throw failure;
  return parsed(Buffer.concat(parts).toString());
}

/** Sends a request whose answer goes on, and returns a function for what has come of it. */
export function listen(t: ExecutionContext, port: number, request: string): () => string {
  const socket = net.connect(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  // The server may end first; what has come until then counts.
  socket.on('error', () => {});
  let text = '';
  socket.on('data', (part: Buffer) => (text += part.toString()));
  socket.write(request);
  return () => text;
}

function parsed(text: string): Answer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]));
  return { status: Number(first.split(' ')[1]), headers, body: rest.join('\r\n\r\n') };
}

/** Returns the text of a request with our own headers; those given replace them, and `undefined` leaves one out. */
export function requestTo(port: number, target: string, headers: Record<string, string | undefined> = {}, method = 'GET', body = ''): string {
  const all = { Host: `127.0.0.1:${port}`, 'X-Shmkit': '1', Connection: 'close', ...(body !== '' && { 'Content-Length': String(Buffer.byteLength(body)) }), ...headers };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** A session, as the page has it. */
export class InspectorSession {
  private constructor(
    readonly port: number,
    readonly token: string,
  ) {}

  static async open({ port, opening }: RunningInspector): Promise<InspectorSession> {
    const { body } = await raw(port, requestTo(port, '/api/session', { Authorization: `Bearer ${opening}` }));
    return new InspectorSession(port, (JSON.parse(body) as { session: string }).session);
  }

  /** Sends a request with the session's token. */
  ask(target: string, headers: Record<string, string | undefined> = {}): Promise<Answer> {
    return raw(this.port, requestTo(this.port, target, { Authorization: `Bearer ${this.token}`, ...headers }));
  }

  /** Sends a change. */
  post(target: string, body: unknown, headers: Record<string, string | undefined> = {}): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return raw(this.port, requestTo(this.port, target, { Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/json', ...headers }, 'POST', text));
  }

  /** Returns what a call answers, which has to succeed. */
  async get<T>(target: string, parameters: Record<string, string> = {}): Promise<T> {
    const { status, body } = await this.ask(`${target}?${new URLSearchParams(parameters).toString()}`);
    if (status !== 200) throw new Error(`${status}: ${body}`);
    return JSON.parse(body) as T;
  }
}
