// Starts an application of examples/, loads it, and ends it with its test.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import { ROOT } from '../../scripts/setup/process.mjs';

/** Where an application is installed. */
export function folderOf(name) {
  return path.join(process.env.SHMKIT_EXAMPLES ?? path.join(ROOT, 'build', 'examples'), name);
}

/** Returns a free port whose successor is free too. */
export async function freePort() {
  for (;;) {
    const [first] = await freePorts(0);
    if ((await freePorts(first + 1)).length === 1) return first;
  }
}

async function freePorts(port) {
  const server = net.createServer().listen(port, '127.0.0.1');
  const listens = await Promise.race([once(server, 'listening').then(() => true), once(server, 'error').then(() => false)]);
  if (!listens) return [];
  const { port: free } = server.address();
  server.close();
  await once(server, 'close');
  return [free];
}

/**
 * Starts `program` of an application and waits until its output matches `ready` this many times. Returns the address of
 * its server and the numbers of its processes, which are those that the matches name.
 */
export async function start(t, name, { program = 'server.mjs', ready = /process (\d+) listens/gu, count = 4, env = {} } = {}) {
  const port = await freePort();
  const child = spawn(process.execPath, [program], { cwd: folderOf(name), env: { ...process.env, PORT: String(port), ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGTERM');
    await gone;
  });
  let output = '';
  const matches = () => [...output.matchAll(ready)];
  for await (const text of child.stdout.setEncoding('utf8')) {
    output += text;
    if (matches().length >= count) break;
  }
  if (matches().length < count) throw new Error(`${name} ended before it was ready: ${output}`);
  return { child, port, url: `http://127.0.0.1:${port}`, pids: matches().map(([, pid]) => Number(pid)) };
}

/** Makes requests with autocannon, and returns what it counted. */
export async function load(name, url, options) {
  const autocannon = createRequire(path.join(folderOf(name), 'package.json'))('autocannon');
  const result = await autocannon({ url, connections: 40, ...options });
  const total = result.requests.total;
  if (result.errors > 0 || total === 0) throw new Error(`${result.errors} of ${total} requests failed`);
  return { total, ok: result['2xx'], refused: result.statusCodeStats?.['429']?.count ?? 0, perSecond: result.requests.average, p99: result.latency.p99 };
}

/** Asks on connections of their own until `isEnough` of the answers so far. */
export async function askUntil(url, isEnough, options = {}) {
  const answers = [];
  while (!isEnough(answers)) {
    if (answers.length === 500) throw new Error('500 answers were not enough');
    const response = await fetch(url, { ...options, headers: { connection: 'close', ...options.headers } });
    answers.push({ status: response.status, headers: response.headers, text: await response.text(), worker: Number(response.headers.get('x-worker')) });
  }
  return answers;
}

/** Kills a process and waits until it is gone. */
export async function killProcess(pid) {
  process.kill(pid, 'SIGKILL');
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Runs a program of an application to its end and returns its output. */
export function runProgram(name, args, env = {}) {
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: folderOf(name), env: { ...process.env, ...env }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`${args.join(' ')} failed: ${stdout}`);
  return stdout;
}
