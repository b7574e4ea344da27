// A server of socket.io whose parent kills it: a process, or a worker thread.
import { once } from 'node:events';
import http from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { createAdapter } from 'shmkit/socket.io';
import { Server } from 'socket.io';

const server = http.createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const sockets = new Server(server, { adapter: createAdapter(workerData ?? JSON.parse(process.argv[2])) });
sockets.on('connection', (socket) => socket.on('say', (text) => sockets.emit('said', text)));
sockets.on('ask', (done) => done(process.pid));
process.on('disconnect', () => process.exit());
if (parentPort === null) process.send(server.address().port);
else parentPort.postMessage(server.address().port);
