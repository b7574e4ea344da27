// A package registry on this machine, empty and without an upstream.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

/** Starts a registry; returns `{ url, stop() }`. Its storage and its log are in `folder`. */
export async function startRegistry(verdaccio, folder) {
  const port = await freePort();
  const config = path.join(folder, 'verdaccio.json');
  fs.writeFileSync(
    config,
    JSON.stringify({
      storage: path.join(folder, 'storage'),
      uplinks: {},
      packages: { '**': { access: '$all', publish: '$anonymous' } },
      log: { type: 'stdout', format: 'json', level: 'http' },
      max_body_size: '100mb',
    }),
  );
  const log = fs.openSync(path.join(folder, 'verdaccio.log'), 'w');
  const child = spawn(process.execPath, [verdaccio, '--config', config, '--listen', `127.0.0.1:${port}`], {
    stdio: ['ignore', log, log, 'ipc'],
  });
  // It sends its parent a message once it listens.
  const outcome = await Promise.race([once(child, 'message').then(() => 'listens'), once(child, 'exit').then(() => 'ended')]);
  if (outcome === 'ended') throw new Error(`the registry ended: ${fs.readFileSync(path.join(folder, 'verdaccio.log'), 'utf8')}`);
  return { url: `http://127.0.0.1:${port}/`, stop: () => child.kill() };
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
