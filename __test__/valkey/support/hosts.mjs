// Hosts: sets of processes that share a directory, each process with both tiers open.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { RemoteDict, TieredDict } from 'shmkit/valkey';

export const PROCESS = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../fixtures/process.mjs');
const NAME = 'tier';

/** Makes a host, whose directory is removed at the end of the test. */
export function makeHost(t) {
  const dir = fs.mkdtempSync('/dev/shm/shmkit-test-valkey-');
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
  return {
    dir,
    /** Opens both tiers in this process. */
    async open(where, options = {}) {
      const remote = new RemoteDict({ prefix: 'app:', ...where });
      const dict = await TieredDict.open(NAME, { remote, dir, maxSize: '4mb', ...options });
      t.after(async () => {
        await dict.close();
        await remote.close();
      });
      return Object.assign(dict, { remote });
    },
    /** Opens both tiers in a process of their own, which answers calls. */
    start: (where, options = {}) => startProcess(t, fork(PROCESS, [], { serialization: 'advanced' }), where, { dir, ...options }),
  };
}

/** Opens both tiers in a child process, and makes the calls there that it is asked for. */
export async function startProcess(t, child, where, options) {
  const exited = once(child, 'exit');
  const answers = new Map();
  void exited.then(() => {
    for (const { reject } of answers.values()) reject(new Error('the process is gone'));
    answers.clear();
  });
  let last = 0;
  const log = [];
  child.on('message', ({ id, value, error, log: more }) => {
    if (more !== undefined) return void log.push(...more);
    const { resolve, reject } = answers.get(id);
    answers.delete(id);
    if (error === undefined) resolve(value);
    else reject(Object.assign(new Error(error.message), { code: error.code }));
  });
  const call = (method, ...args) =>
    new Promise((resolve, reject) => {
      answers.set((last += 1), { resolve, reject });
      child.send({ id: last, method, args });
    });
  const kill = async (signal = 'SIGKILL') => {
    child.kill(signal);
    await exited;
  };
  t.after(() => kill());
  await call('open', NAME, { prefix: 'app:', ...where }, { maxSize: '4mb', ...options });
  return { pid: child.pid, call, kill, log, signal: (name) => child.kill(name) };
}
