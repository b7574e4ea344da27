// Machines that are namespaces of this one: each has a network and a /dev/shm of its own, and a link to the server's.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { PROCESS, startProcess } from './hosts.mjs';
import { until } from './until.mjs';

const BINARY = process.env.SHMKIT_VALKEY_SERVER;
const PORT = 7379;

/** Why machines cannot be made here; null if they can. */
export function whyNoNamespaces() {
  const { status, stderr, error } = spawnSync('unshare', ['-n', '-m', 'sh', '-c', 'ip link set lo up && mount -t tmpfs tmpfs /dev/shm && command -v nsenter'], { encoding: 'utf8' });
  return status === 0 ? null : `namespaces cannot be made here: ${error?.message ?? stderr.trim()}`;
}

/** Makes a machine, which ends with the test. */
async function makeMachine(t) {
  const keeper = spawn('unshare', ['-n', '-m', 'sh', '-c', 'ip link set lo up && mount -t tmpfs tmpfs /dev/shm && echo ready && exec sleep 600'], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(async () => {
    const exited = once(keeper, 'exit');
    keeper.kill('SIGKILL');
    await exited;
  });
  await once(keeper.stdout, 'data');
  return { pid: keeper.pid, inside: ['nsenter', '-t', String(keeper.pid), '-n', '-m', '--'] };
}

function run(command, ...args) {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')}: ${stderr}`);
}

/** Starts a server on a machine of its own, and two machines that reach it. */
export async function startMachines(t) {
  const home = await makeMachine(t);
  const hosts = [];
  for (const number of [1, 2]) {
    const machine = await makeMachine(t);
    const [link, far] = [`10.77.${number}.2`, `10.77.${number}.1`];
    run('ip', 'link', 'add', `host${number}`, 'netns', String(home.pid), 'type', 'veth', 'peer', 'name', 'cable', 'netns', String(machine.pid));
    run(...home.inside, 'sh', '-c', `ip addr add ${far}/24 dev host${number} && ip link set host${number} up`);
    run(...machine.inside, 'sh', '-c', `ip addr add ${link}/24 dev cable && ip link set cable up`);
    const where = { url: `redis://${far}:${PORT}`, timeout: 1 };
    const [command, ...args] = machine.inside;
    hosts.push({
      where,
      start: (options = {}) => startProcess(t, spawn(command, [...args, process.execPath, PROCESS], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' }), where, options),
      /** Cuts the cable, or mends it: nothing is told to either side. */
      link: (state) => run(...home.inside, 'ip', 'link', 'set', `host${number}`, state),
    });
  }
  const [command, ...args] = home.inside;
  const server = spawn(command, [...args, BINARY, '--port', String(PORT), '--bind', '0.0.0.0', '--protected-mode', 'no', '--save', ''], { stdio: 'ignore' });
  t.after(async () => {
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  });
  await until(() => spawnSync(command, [...args, 'sh', '-c', `grep -q ':1CD3 00000000:0000 0A' /proc/net/tcp`]).status === 0);
  return hosts;
}
