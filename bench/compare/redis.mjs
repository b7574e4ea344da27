// A private Redis server on a socket in a temporary folder, which saves nothing.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

const POLLS = 500;

/** Starts the server and returns a function that ends it. */
export async function startRedis(folder) {
  const socket = `${folder}/redis.sock`;
  const args = ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no', '--dir', folder];
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  const gone = once(server, 'exit');
  for (let poll = 0; !fs.existsSync(socket); poll += 1) {
    if (poll === POLLS || server.exitCode !== null) throw new Error('redis-server did not open its socket');
    await wait(10);
  }
  return async () => {
    server.kill();
    await gone;
  };
}
