// Starts two servers of the built application, as a load balancer would have them.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

const PORT = Number(process.env.PORT ?? 3000);
const next = createRequire(import.meta.url).resolve('next/dist/bin/next');
const servers = [PORT, PORT + 1].map((port) => spawn(process.execPath, [next, 'start', '--hostname', '127.0.0.1', '--port', String(port)], { stdio: 'inherit' }));

for (const server of servers) {
  server.on('exit', (code) => {
    process.exitCode ||= code ?? 0;
    for (const other of servers) other.kill();
  });
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => servers.forEach((server) => server.kill(signal)));
