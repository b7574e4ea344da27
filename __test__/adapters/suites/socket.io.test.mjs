// socket.io: servers that hear each other, and what other programs do to their rings.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import { serialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { SharedDict, SharedRing } from 'shmkit';
import { createAdapter } from 'shmkit/socket.io';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';

async function startServer(t, options) {
  const server = http.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new Server(server, { adapter: createAdapter(options) });
  t.after(() => sockets.close());
  return { io: sockets, port: server.address().port };
}

async function until(condition) {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

test('socket.io: a broadcast reaches a socket of another server', async (t) => {
  const name = `adapters-socket-${process.pid}`;
  t.after(() => SharedDict.unlink(`${name}.members`));
  const [one, other] = [await startServer(t, { name }), await startServer(t, { name })];
  const client = io(`http://127.0.0.1:${other.port}`);
  t.after(() => client.close());
  await new Promise((done) => client.on('connect', done));
  const received = new Promise((done) => client.on('hello', (...values) => done(values)));
  one.io.emit('hello', Buffer.from('bytes'), 2);
  assert.deepEqual(await received, [Buffer.from('bytes'), 2]);
  await until(async () => (await one.io.fetchSockets()).length === 1);
});

test('socket.io: bytes of another program, and a missing list of members, end no process', async (t) => {
  const name = `adapters-socket-foreign-${process.pid}`;
  const { io: sockets } = await startServer(t, { name });
  const { adapter } = sockets.of('/');
  const members = SharedDict.open(`${name}.members`);
  const [id] = [...members.keys()];
  const ring = SharedRing.open(id);
  for (const bytes of [Buffer.from('not v8'), serialize(5), serialize({ sender: 'a', message: { nsp: 7 } })]) assert.equal(ring.trySend(bytes), true);
  await until(() => adapter.dropped >= 3);
  for (const type of [3, 4, 7, 9]) assert.equal(ring.trySend(serialize({ sender: 'a', message: { uid: 'b', nsp: '/', type } })), true);
  assert.equal(ring.trySend(serialize({ sender: 'a', to: adapter.uid, message: { uid: 'b', nsp: '/', type: 8 } })), true);
  await until(() => adapter.dropped >= 8);
  // A member that another program has entered, and one whose ring does not exist.
  members.set('odd', 7);
  members.set(`${name}.gone`, 'pid:[1] 1');
  sockets.emit('hello');
  await until(() => !members.has(`${name}.gone`));
  ring.close();
  members.close();
  SharedDict.unlink(`${name}.members`);
  SharedRing.unlink(id);
  sockets.emit('hello');
});

test('socket.io: an error in a handler of the application is uncaught, and the next message arrives', async (t) => {
  const name = `adapters-socket-handler-${process.pid}`;
  t.after(() => SharedDict.unlink(`${name}.members`));
  const [one, other] = [await startServer(t, { name }), await startServer(t, { name })];
  const heard = [];
  other.io.on('order', (text) => {
    heard.push(text);
    if (text === 'bad') throw new Error('of the application');
  });
  const uncaught = new Promise((resolve) => process.setUncaughtExceptionCaptureCallback(resolve));
  t.after(() => process.setUncaughtExceptionCaptureCallback(null));
  for (const text of ['bad', 'good']) one.io.serverSideEmit('order', text);
  assert.equal((await uncaught).message, 'of the application');
  await until(() => heard.length === 2);
  assert.deepEqual(heard, ['bad', 'good']);
});

test('socket.io: a full ring drops messages, counts them, and delays no other server', async (t) => {
  const name = `adapters-socket-full-${process.pid}`;
  t.after(() => SharedDict.unlink(`${name}.members`));
  const [one, other] = [await startServer(t, { name, ringSize: '64kb' }), await startServer(t, { name, ringSize: '64kb' })];
  const { adapter } = one.io.of('/');
  // The other server shares this thread, so it does not read meanwhile.
  for (let message = 0; message < 20; message += 1) one.io.emit('hello', 'x'.repeat(10_000));
  assert.ok(adapter.dropped > 0);
  const client = io(`http://127.0.0.1:${other.port}`);
  t.after(() => client.close());
  await new Promise((done) => client.on('connect', done));
  const received = new Promise((done) => client.on('later', done));
  one.io.emit('later', 1);
  assert.equal(await received, 1);
});

const PROGRAM = new URL('socket-worker.mjs', import.meta.url);

/** Starts a server in a process of its own, and a client of it. */
async function startProcess(t, options) {
  const worker = fork(PROGRAM, [JSON.stringify(options)]);
  t.after(() => worker.kill('SIGKILL'));
  return { worker, ...(await connect(t, worker)) };
}

/** Starts a server in a worker thread, and a client of it. */
async function startThread(t, options) {
  const worker = new Worker(PROGRAM, { workerData: options });
  t.after(() => worker.terminate());
  return { worker, ...(await connect(t, worker)) };
}

async function connect(t, worker) {
  const [port] = await once(worker, 'message');
  const client = io(`http://127.0.0.1:${port}`, { reconnection: false });
  t.after(() => client.close());
  await new Promise((done) => client.on('connect', done));
  return { client };
}

test('socket.io: processes hear each other, and one that is killed is not waited for', async (t) => {
  const name = `adapters-socket-processes-${process.pid}`;
  t.after(() => SharedDict.unlink(`${name}.members`));
  const { io: here } = await startServer(t, { name });
  const processes = await Promise.all([1, 2, 3].map(() => startProcess(t, { name })));
  t.after(async () => {
    await Promise.all(processes.map(({ worker }) => worker.exitCode ?? worker.signalCode ?? (worker.kill('SIGKILL') && once(worker, 'exit'))));
    SharedRing.prune({ prefix: `${name}.` });
  });
  await until(async () => (await here.fetchSockets()).length === 3);
  const said = Promise.all(processes.map(({ client }) => once(client, 'said')));
  processes[0].client.emit('say', 'hello');
  assert.deepEqual(await said, processes.map(() => ['hello']));
  assert.deepEqual((await here.serverSideEmitWithAck('ask')).toSorted(), processes.map(({ worker }) => worker.pid).toSorted());
  const [killed, ...left] = processes;
  killed.worker.kill('SIGKILL');
  await once(killed.worker, 'exit');
  const begun = performance.now();
  assert.equal((await here.fetchSockets()).length, 2);
  // The base class alone finds out after ten seconds, and then lets requests time out.
  assert.ok(performance.now() - begun < 4000);
  assert.deepEqual((await here.serverSideEmitWithAck('ask')).toSorted(), left.map(({ worker }) => worker.pid).toSorted());
});

const ENDINGS = {
  'a worker thread that is terminated': async (t, options) => {
    const { worker } = await startThread(t, options);
    return () => worker.terminate();
  },
  'a process that is killed': async (t, options) => {
    const { worker } = await startProcess(t, options);
    return () => {
      worker.kill('SIGKILL');
      return once(worker, 'exit');
    };
  },
};

for (const [title, start] of Object.entries(ENDINGS)) {
  test(`socket.io: the server of ${title} leaves the list, and no message to it is dropped`, async (t) => {
    const options = { name: `adapters-socket-end-${process.pid}-${title.length}`, ringSize: '64kb' };
    t.after(() => SharedDict.unlink(`${options.name}.members`));
    const { io: here } = await startServer(t, options);
    const end = await start(t, options);
    await until(async () => (await here.fetchSockets()).length === 1);
    const members = SharedDict.open(`${options.name}.members`);
    t.after(() => members.close());
    assert.equal(members.size, 2);
    const { adapter } = here.of('/');
    const dropped = adapter.dropped;
    await end();
    for (let message = 0; message < 20; message += 1) here.emit('hello', 'x'.repeat(10_000));
    assert.equal(adapter.dropped, dropped);
    assert.equal(members.size, 1);
    assert.equal(SharedRing.list().filter(({ name }) => name.startsWith(`${options.name}.`)).length, 1);
    assert.equal((await here.fetchSockets()).length, 0);
  });
}
