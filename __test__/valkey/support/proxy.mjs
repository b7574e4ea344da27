// A proxy before a server that can go silent: it keeps connections open, and passes nothing on, or only later.
import { once } from 'node:events';
import net from 'node:net';

export async function startProxy(t, port) {
  const sockets = new Set();
  let isSilent = false;
  let held = null;
  const server = net.createServer((client) => {
    const target = net.connect(port, '127.0.0.1');
    for (const [from, to] of [[client, target], [target, client]]) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('data', (data) => {
        if (held !== null) held.push(() => to.write(data));
        else if (!isSilent) to.write(data);
      });
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    url: `redis://127.0.0.1:${server.address().port}`,
    /** What arrives from now on is lost, or passed on again. */
    silence: (silent) => (isSilent = silent),
    /** What arrives from now on waits for `release`. */
    hold: () => (held ??= []),
    release: () => {
      const waiting = held ?? [];
      held = null;
      for (const pass of waiting) pass();
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
