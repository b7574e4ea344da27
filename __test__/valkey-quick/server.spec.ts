import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { RemoteDict, TieredDict } from 'shmkit/valkey';
import { until } from '../support/clock';
import { notRun } from '../support/not-run';

const DOWNLOADED = path.join(__dirname, '..', '..', 'valkey');

/** Returns a server that is here already: the one that `npm run test:valkey` downloads, or one of Valkey or Redis that is installed. */
function serverHere(): string | undefined {
  const downloaded = fs.existsSync(DOWNLOADED) ? fs.readdirSync(DOWNLOADED).filter((name) => name.startsWith('valkey-server')) : [];
  return [...downloaded.map((name) => path.join(DOWNLOADED, name)), 'valkey-server', 'redis-server'].find((name) => spawnSync(name, ['--version']).status === 0);
}

/** Starts a server on a socket in a folder of its own; returns its address and the folder. */
async function startServer(t: ExecutionContext, binary: string): Promise<{ url: string; folder: string }> {
  const folder = fs.mkdtempSync('/dev/shm/shmkit-test-valkey-');
  const socket = path.join(folder, 'socket');
  const server: ChildProcess = spawn(binary, ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', folder], { stdio: 'ignore' });
  t.teardown(async () => {
    server.kill('SIGKILL');
    await once(server, 'exit');
    fs.rmSync(folder, { recursive: true, force: true });
  });
  await until(() => fs.existsSync(socket));
  return { url: `unix://${socket}`, folder };
}

test('shmkit/valkey: two hosts share what a server has, and each sees what the other writes', async (t) => {
  const binary = process.platform === 'linux' ? serverHere() : undefined;
  if (binary === undefined) return notRun(t, 'there is no Valkey or Redis server: npm run test:valkey downloads one');
  const { url, folder } = await startServer(t, binary);
  const remotes = [0, 1].map(() => new RemoteDict({ url, prefix: 'app:' }));
  const hosts = await Promise.all(
    remotes.map((remote, index) => {
      const dir = path.join(folder, `host-${index}`);
      fs.mkdirSync(dir, { mode: 0o700 });
      return TieredDict.open('tier', { remote, dir, maxSize: '1mb' });
    }),
  );
  const [one, two] = hosts as [TieredDict, TieredDict];
  await one.set('k', { a: [1n, new Date(1)] }, 60);
  t.deepEqual(await two.get('k'), { a: [1n, new Date(1)] });
  t.is(await one.incr('n', 1, { init: 0 }), 1);
  t.is(await one.get('n'), 1);
  while ((await two.get('n')) !== 1) await setImmediate();
  await one.delete('n');
  while ((await two.get('n')) !== undefined) await setImmediate();
  await Promise.all(hosts.map((host) => host.close()));
  await Promise.all(remotes.map((remote) => remote.close()));
});
