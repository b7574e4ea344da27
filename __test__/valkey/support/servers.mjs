// Real servers: single ones and clusters, which tests kill, stop and start again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';
import { until } from './until.mjs';

const { createClient } = createRequire(import.meta.url)('redis');
const BINARY = process.env.SHMKIT_VALKEY_SERVER;

/** Returns ports that are free now, and whose cluster bus ports are valid. */
export async function freePorts(count) {
  const servers = [];
  while (servers.length < count) {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
  }
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Starts a server, which is killed at the end of the test. */
export async function startServer(t, { args = [], binary = BINARY, sentinel = false, tls } = {}) {
  const [port, tlsPort] = await freePorts(2);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-valkey-'));
  const server = { port, tlsPort, url: `redis://127.0.0.1:${port}`, child: null };
  const encryption = tls === undefined ? [] : ['--tls-port', String(tlsPort), '--tls-cert-file', `${tls}/server.crt`, '--tls-key-file', `${tls}/server.key`, '--tls-ca-cert-file', `${tls}/ca.crt`, '--tls-auth-clients', 'no'];
  server.start = async () => {
    const configuration = path.join(folder, 'sentinel.conf');
    if (sentinel) fs.writeFileSync(configuration, `port ${port}\nbind 127.0.0.1\ndir ${folder}\n`);
    const options = sentinel ? [configuration, '--sentinel'] : ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, '--enable-debug-command', 'local', ...encryption, ...args];
    server.child = spawn(binary, options, { stdio: 'ignore' });
    await until(() => answers(port, args));
  };
  server.signal = (name) => server.child.kill(name);
  server.kill = async () => {
    const exited = once(server.child, 'exit');
    if (server.child.exitCode === null && server.child.signalCode === null) {
      server.child.kill('SIGKILL');
      await exited;
    }
  };
  t.after(async () => {
    await server.kill();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  await server.start();
  return server;
}

/** Starts a cluster of masters, and replicas of the first ones if asked for. */
export async function startCluster(t, { masters = 3, replicas = 0, args = [] } = {}) {
  const servers = [];
  for (let index = 0; index < masters + replicas; index += 1) servers.push(await startServer(t, { args: ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000', '--cluster-config-file', 'nodes.conf', ...args] }));
  const clients = await Promise.all(servers.map((server) => clientOf(t, server.url)));
  const bounds = Array.from({ length: masters + 1 }, (_, index) => Math.floor((16_384 * index) / masters));
  for (const [index, client] of clients.slice(0, masters).entries()) {
    await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', String(bounds[index]), String(bounds[index + 1] - 1)]);
    await client.sendCommand(['CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1)]);
  }
  for (const { port } of servers.slice(1)) await clients[0].sendCommand(['CLUSTER', 'MEET', '127.0.0.1', String(port)]);
  await until(async () => {
    const infos = await Promise.all(clients.map((client) => client.sendCommand(['CLUSTER', 'INFO'])));
    return infos.every((info) => info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${masters + replicas}`));
  }, 20_000);
  await replicate(clients, masters);
  return { servers, clients, urls: servers.map(({ url }) => url) };
}

/** Makes the clients past the masters replicas of them. */
async function replicate(clients, masters) {
  for (const [index, client] of clients.slice(masters).entries()) {
    const master = await clients[index].sendCommand(['CLUSTER', 'MYID']);
    await until(() => client.sendCommand(['CLUSTER', 'REPLICATE', master]).then(() => true, () => false), 20_000);
    await until(async () => /master_link_status:up/.test(await client.sendCommand(['INFO', 'replication'])), 20_000);
  }
}

/** Starts a replica of a server, and resolves when it has everything. */
export async function startReplica(t, master) {
  const replica = await startServer(t, { args: ['--replicaof', '127.0.0.1', String(master.port), '--repl-diskless-sync-delay', '0'] });
  const admin = await clientOf(t, replica.url);
  await until(async () => /master_link_status:up/.test(await admin.sendCommand(['INFO', 'replication'])), 20_000);
  return replica;
}

/** Starts a server, a replica of it, and Sentinels that promote the replica a second after the server is gone. */
export async function startSentinels(t, { sentinels = 3 } = {}) {
  const master = await startServer(t);
  const replica = await startReplica(t, master);
  const watchers = [];
  for (let index = 0; index < sentinels; index += 1) watchers.push(await startServer(t, { sentinel: true }));
  for (const { url } of watchers) {
    const client = await clientOf(t, url);
    await client.sendCommand(['SENTINEL', 'MONITOR', 'main', '127.0.0.1', String(master.port), String(Math.floor(sentinels / 2) + 1)]);
    await client.sendCommand(['SENTINEL', 'SET', 'main', 'down-after-milliseconds', '1000']);
    await client.sendCommand(['SENTINEL', 'SET', 'main', 'failover-timeout', '5000']);
    watchers[watchers.findIndex((watcher) => watcher.url === url)].client = client;
  }
  // They find each other, and the replica, through the master.
  await until(async () => {
    const infos = await Promise.all(watchers.map(({ client }) => client.sendCommand(['INFO', 'sentinel'])));
    return infos.every((info) => info.includes(`slaves=1,sentinels=${sentinels}`));
  }, 30_000, 50);
  return { master, replica, sentinels: watchers, where: { sentinel: { name: 'main', urls: watchers.map(({ url }) => url) } } };
}

/** Connects a plain client, which is closed at the end of the test. */
export async function clientOf(t, url) {
  const client = createClient({ url, RESP: 3 });
  client.on('error', () => {});
  await client.connect();
  t.after(() => client.destroy());
  return client;
}

async function answers(port) {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [data] = await once(socket, 'data');
    return /^\+PONG|^-NOAUTH/.test(String(data));
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
