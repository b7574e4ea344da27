// What figures depend on: the machine, and what else was running on it.
import fs from 'node:fs';
import os from 'node:os';

/** Describes this machine; `load` is the mean number of running processes over the last minute. */
export function machineOf() {
  const cpu = os.cpus()[0].model.trim();
  const cores = os.availableParallelism();
  const [load] = os.loadavg();
  const machine = {
    when: new Date().toISOString(),
    cpu,
    cores,
    caches: caches(),
    memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    kernel: `${os.type()} ${os.release()}`,
    node: process.versions.node,
    load: Number(load.toFixed(2)),
  };
  return { ...machine, summary: `${cpu}, ${cores} cores, ${machine.kernel}, Node ${machine.node}, load ${machine.load}` };
}

/** The load above which figures are marked, because other processes were running. */
export function isBusy({ load, cores }) {
  return load > cores / 2 + 1;
}

function caches() {
  const folder = '/sys/devices/system/cpu/cpu0/cache';
  if (!fs.existsSync(folder)) return 'unknown';
  const read = (index, name) => fs.readFileSync(`${folder}/${index}/${name}`, 'utf8').trim();
  return fs
    .readdirSync(folder)
    .filter((name) => name.startsWith('index'))
    .map((index) => `L${read(index, 'level')} ${read(index, 'type').toLowerCase()} ${read(index, 'size')}`)
    .join(', ');
}
