// What the inspector costs: its server, asked as its page asks it, and the bytes of the page.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import zlib from 'node:zlib';

const SECONDS = 15;
/** As in src/inspect/page/poll.ts. */
const PAUSE_MS = 1000;
const SHARE = 40;
/** Of the system's clock in /proc/<pid>/stat, on Linux always. */
const TICKS_A_SECOND = 100;

/** Returns the compressed bytes that a browser would load, if the server compressed them. */
export function pageBytes(root) {
  return ['index.html', 'page.js', 'page.css'].reduce((sum, name) => sum + zlib.gzipSync(fs.readFileSync(path.join(root, 'dist/inspector', name)), { level: 9 }).length, 0);
}

/** Returns the share of a processor that a page of each view costs, in percent, and its updates per second. */
export async function inspectorCost(command, views) {
  const child = spawn(process.execPath, [command, 'inspect', '--json', '--quiet'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const { address, port } = JSON.parse(String(line));
  const ask = (target, token) => fetch(`http://127.0.0.1:${port}${target}`, { headers: { 'X-Shmkit': '1', Authorization: `Bearer ${token}` } }).then((response) => response.json());
  const { session } = await ask('/api/session', new URL(address).hash.slice(1));
  const costs = {};
  for (const [view, target] of Object.entries(views)) {
    await ask(target, session);
    const [before, start] = [processorSeconds(child.pid), performance.now()];
    let updates = 0;
    while (performance.now() - start < SECONDS * 1000) {
      const { took } = await ask(target, session);
      updates += 1;
      await setTimeout(Math.max(PAUSE_MS, took * SHARE));
    }
    const seconds = (performance.now() - start) / 1000;
    costs[view] = { percent: (100 * (processorSeconds(child.pid) - before)) / seconds, updates: updates / seconds };
  }
  child.kill('SIGINT');
  await once(child, 'close');
  return costs;
}

function processorSeconds(pid) {
  const [user, system] = fs.readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/.*\) /s, '').split(' ').slice(11, 13);
  return (Number(user) + Number(system)) / TICKS_A_SECOND;
}
