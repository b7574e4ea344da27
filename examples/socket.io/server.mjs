// socket.io with four workers: a message reaches the clients of all of them.
import cluster from 'node:cluster';
import http from 'node:http';
import { createAdapter } from 'shmkit/socket.io';
import { Server } from 'socket.io';

const PORT = Number(process.env.PORT ?? 3000);
const WORKERS = Number(process.env.WORKERS ?? 4);

function startPrimary() {
  for (let count = 0; count < WORKERS; count += 1) cluster.fork();
  cluster.on('exit', () => cluster.fork());
  // Workers end with the primary process.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit());
}

function startWorker() {
  const server = http.createServer();
  // With WebSockets alone every request of a client reaches the same worker. Long polling needs sticky sessions.
  const io = new Server(server, { adapter: createAdapter({ name: 'example-socket.io' }), transports: ['websocket'] });
  io.on('connection', (socket) => {
    socket.emit('welcome', process.pid);
    socket.on('join', (room, done) => {
      socket.join(room);
      done();
    });
    socket.on('say', (room, text) => io.to(room).emit('said', { room, text, by: process.pid }));
    socket.on('count', async (room, done) => done((await io.in(room).fetchSockets()).length));
  });
  server.listen(PORT, '127.0.0.1', () => console.log(`process ${process.pid} listens on http://127.0.0.1:${PORT}`));
}

if (cluster.isPrimary) startPrimary();
else startWorker();
