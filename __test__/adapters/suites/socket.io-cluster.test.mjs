// Three servers of socket.io over rings, as the adapters of its own repository are tested.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import { SharedDict } from 'shmkit';
import { createAdapter } from 'shmkit/socket.io';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';

const NAME = `adapters-cluster-${process.pid}`;
const COUNT = 3;
const servers = [];
const clients = [];
const sockets = [];

before(async () => {
  for (let index = 0; index < COUNT; index += 1) {
    const server = http.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(new Server(server, { adapter: createAdapter({ name: NAME }) }));
    const url = `http://127.0.0.1:${server.address().port}`;
    const connected = once(servers[index], 'connection');
    clients.push(io(url));
    sockets.push((await connected)[0]);
  }
  await until(async () => (await servers[0].fetchSockets()).length === COUNT);
});

beforeEach(() => {
  for (const client of clients) client.off('test');
  for (const socket of sockets) for (const room of ['room1', 'room2', 'room3']) socket.leave(room);
  for (const server of servers) server.of('/').removeAllListeners('hello');
});

after(async () => {
  for (const client of clients) client.close();
  for (const server of servers) await server.close();
  SharedDict.unlink(`${NAME}.members`);
});

async function until(condition) {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves to the indices of the clients that hear what `emit` sends, and then an end that all hear. */
async function hearersOf(emit) {
  const heard = [];
  const ends = clients.map((client, index) => {
    client.on('test', () => heard.push(index));
    return new Promise((resolve) => client.once('end', resolve));
  });
  emit();
  servers[0].emit('end');
  await Promise.all(ends);
  return heard.toSorted();
}

function answerWith(answers) {
  clients.forEach((client, index) => client.on('test', (done) => answers[index] !== undefined && done(answers[index])));
}

test('socket.io cluster: broadcasts reach all clients, with bytes', async () => {
  const received = Promise.all(clients.map((client) => once(client, 'test')));
  servers[0].emit('test', 1, '2', Buffer.from([3, 4]));
  assert.deepEqual(await received, clients.map(() => [1, '2', Buffer.from([3, 4])]));
});

test('socket.io cluster: broadcasts to rooms, to all but a room, and to local clients', async () => {
  sockets[1].join('room1');
  assert.deepEqual(await hearersOf(() => servers[0].to('room1').emit('test')), [1]);
  for (const client of clients) client.off('test');
  assert.deepEqual(await hearersOf(() => servers[0].of('/').except('room1').emit('test')), [0, 2]);
  for (const client of clients) client.off('test');
  assert.deepEqual(await hearersOf(() => servers[0].local.emit('test')), [0]);
});

test('socket.io cluster: broadcasts within a namespace', async (t) => {
  const inNamespace = clients.map((client) => client.io.socket('/custom'));
  t.after(() => inNamespace.forEach((socket) => socket.disconnect()));
  for (const server of servers) server.of('/custom');
  await Promise.all(inNamespace.map((socket) => socket.connected || once(socket, 'connect')));
  await until(async () => (await servers[0].of('/custom').fetchSockets()).length === COUNT);
  const received = Promise.all(inNamespace.map((socket) => once(socket, 'test')));
  servers[0].of('/custom').emit('test', 'custom');
  assert.deepEqual(await received, inNamespace.map(() => ['custom']));
});

test('socket.io cluster: acknowledgements of all clients, with bytes, and of none', async () => {
  answerWith([1, '2', Buffer.from([3])]);
  const responses = await servers[0].timeout(30_000).emitWithAck('test');
  assert.deepEqual(responses.map(String).toSorted(), ['\u0003', '1', '2']);
  assert.ok(responses.some((each) => Buffer.isBuffer(each)));
  assert.deepEqual(await servers[0].to('nothing').timeout(30_000).emitWithAck('test'), []);
});

test('socket.io cluster: acknowledgements that do not come are a timeout, with those that came', async () => {
  answerWith([1, 2]);
  const { error, responses } = await new Promise((resolve) => servers[0].timeout(1000).emit('test', (...[each, all]) => resolve({ error: each, responses: all })));
  assert.ok(error instanceof Error);
  assert.deepEqual(responses.toSorted(), [1, 2]);
});

test('socket.io cluster: an acknowledgement of one remote socket', async () => {
  answerWith([undefined, 2]);
  const [remote, ...others] = await servers[0].in(sockets[1].id).fetchSockets();
  assert.deepEqual(others, []);
  assert.deepEqual([await remote.timeout(30_000).emitWithAck('test')].flat(), [2]);
});

test('socket.io cluster: sockets of all servers join and leave rooms', async () => {
  const inRoom = (room) => sockets.map((socket) => socket.rooms.has(room));
  servers[0].socketsJoin('room1');
  await until(() => inRoom('room1').every(Boolean));
  sockets[0].leave('room1');
  servers[0].in('room1').socketsJoin('room2');
  await until(() => inRoom('room2')[1] && inRoom('room2')[2]);
  assert.deepEqual(inRoom('room2'), [false, true, true]);
  servers[0].in(sockets[1].id).socketsJoin('room3');
  await until(() => inRoom('room3')[1]);
  servers[0].in('room3').socketsLeave('room2');
  await until(() => !inRoom('room2')[1]);
  assert.deepEqual(inRoom('room2'), [false, false, true]);
  servers[2].socketsLeave('room1');
  await until(() => !inRoom('room1').some(Boolean));
});

test('socket.io cluster: finds sockets with their data and rooms, or the local ones', async () => {
  sockets[1].data = { user: 'ann' };
  const [found] = await servers[0].in(sockets[1].id).fetchSockets();
  assert.deepEqual([found.id, found.data, [...found.rooms]], [sockets[1].id, { user: 'ann' }, [sockets[1].id]]);
  assert.equal(found.handshake.address, sockets[1].handshake.address);
  assert.equal((await servers[0].local.fetchSockets()).length, 1);
  assert.equal(servers[0].of('/').adapter.requests?.size ?? 0, 0);
});

test('socket.io cluster: servers send each other events, and collect the responses', async () => {
  const heard = [];
  servers[0].on('hello', () => heard.push(0));
  servers[1].on('hello', (text, done) => done?.(`one ${text}`));
  servers[2].of('/').on('hello', (text, done) => done?.(`two ${text}`));
  const responses = await servers[0].serverSideEmitWithAck('hello', 'world');
  assert.deepEqual(responses.toSorted(), ['one world', 'two world']);
  assert.deepEqual(heard, []);
});

test('socket.io cluster: an event succeeds when a server closes instead of answering', async (t) => {
  const server = http.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const leaving = new Server(server, { adapter: createAdapter({ name: NAME }) });
  t.after(() => leaving.close());
  await until(async () => (await servers[0].of('/').adapter.serverCount()) === COUNT + 1);
  servers[1].on('hello', (done) => done('one'));
  servers[2].on('hello', (done) => done('two'));
  leaving.on('hello', () => leaving.of('/').adapter.close());
  const responses = await servers[0].serverSideEmitWithAck('hello');
  assert.deepEqual(responses.toSorted(), ['one', 'two']);
});

test('socket.io cluster: disconnects the sockets of all servers, after what was sent before', async () => {
  const order = clients.map(() => []);
  const gone = clients.map((client, index) => {
    client.on('bye', () => order[index].push('bye'));
    return new Promise((resolve) => client.once('disconnect', (reason) => resolve(order[index].push(reason))));
  });
  servers[0].emit('bye');
  servers[0].disconnectSockets(true);
  await Promise.all(gone);
  assert.deepEqual(order, clients.map(() => ['bye', 'io server disconnect']));
});
