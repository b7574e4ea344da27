// Limits and sessions over several processes, one of which is killed.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { SharedDict } from 'shmkit';

const WORKER = new URL('worker.mjs', import.meta.url);

function makeDict(t) {
  const dict = SharedDict.create(`adapters-processes-${process.pid}-${t.name.length}`, '4mb');
  t.after(() => dict.close());
  return dict;
}

function start(t, dict) {
  const worker = fork(WORKER, [dict.name]);
  t.after(() => worker.kill('SIGKILL'));
  return {
    worker,
    async ask(message) {
      worker.send(message);
      return (await once(worker, 'message'))[0];
    },
  };
}

test('the limit is exact with four workers, and a killed one changes nothing', async (t) => {
  const dict = makeDict(t);
  const workers = [1, 2, 3, 4].map(() => start(t, dict));
  const victim = start(t, dict);
  assert.equal(await victim.ask({ hits: 10, limit: 1000 }), 10);
  victim.worker.send({ hits: 0, forever: true });
  victim.worker.kill('SIGKILL');
  await once(victim.worker, 'exit');
  const allowed = await Promise.all(workers.map((each) => each.ask({ hits: 500, limit: 1000 })));
  assert.equal(allowed.reduce((sum, each) => sum + each, 10), 1000);
});

test('a session that one process wrote is read in another', async (t) => {
  const dict = makeDict(t);
  const [one, other] = [start(t, dict), start(t, dict)];
  await one.ask({ session: 'a', user: 'ann' });
  assert.equal(await other.ask({ session: 'a' }), 'ann');
});
