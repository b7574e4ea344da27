// A private Valkey server on a Unix socket, and clients of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ensureValkey } from '../../scripts/setup/valkey.mjs';

const POLLS = 500;

/** Starts the server that the tests use, and returns its socket and a function that ends it; or why there is none. */
export async function startValkey() {
  const { server: binary, reason } = ensureValkey();
  if (binary === null) return { socket: undefined, reason, end: async () => {} };
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-bench-'));
  const socket = path.join(folder, 'valkey.sock');
  const server = spawn(binary, ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no', '--dir', folder], { stdio: 'ignore' });
  const gone = once(server, 'exit');
  for (let poll = 0; !fs.existsSync(socket); poll += 1) {
    if (poll === POLLS || server.exitCode !== null) throw new Error('the Valkey server did not open its socket');
    await wait(10);
  }
  const end = async () => {
    server.kill();
    await gone;
    fs.rmSync(folder, { recursive: true, force: true });
  };
  return { socket, reason, end };
}

/** Returns clients of the two kinds that the frameworks' stores take, and a function that closes them. */
export async function connect(socket) {
  const { createClient } = await import('redis');
  const { default: Valkey } = await import('iovalkey');
  const redis = createClient({ socket: { path: socket } });
  await redis.connect();
  const valkey = new Valkey({ path: socket });
  const close = () => {
    redis.destroy();
    valkey.disconnect();
  };
  return { redis, valkey, close };
}
