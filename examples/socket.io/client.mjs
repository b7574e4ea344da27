// Eight clients in one room: each says a sentence and hears those of all.
import { once } from 'node:events';
import { io } from 'socket.io-client';

const PORT = Number(process.env.PORT ?? 3000);
const CLIENTS = 8;

const sockets = Array.from({ length: CLIENTS }, () => io(`http://127.0.0.1:${PORT}`, { transports: ['websocket'], forceNew: true }));
const workers = new Set(await Promise.all(sockets.map(async (socket) => (await once(socket, 'welcome'))[0])));
console.log(`${CLIENTS} clients are connected to ${workers.size} workers`);
await Promise.all(sockets.map((socket) => socket.emitWithAck('join', 'lobby')));
const heard = sockets.map((socket) => hears(socket, CLIENTS));
for (const [index, socket] of sockets.entries()) socket.emit('say', 'lobby', `hello from ${index}`);
const counts = (await Promise.all(heard)).map((messages) => new Set(messages).size);
console.log(`each heard ${Math.min(...counts)} sentences; the room has ${await sockets[0].emitWithAck('count', 'lobby')} clients`);
for (const socket of sockets) socket.close();

function hears(socket, count) {
  const messages = [];
  return new Promise((resolve) => {
    socket.on('said', ({ text }) => {
      messages.push(text);
      if (messages.length === count) resolve(messages);
    });
  });
}
