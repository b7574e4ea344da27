import { setImmediate, setTimeout } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import type { ShmError } from 'shmkit';
import { type Child, countLines, startChild, stop } from '../support/child';
import { now, until } from '../support/clock';
import { makeDict, openAgain } from '../support/dict';
import { seeded } from '../support/random';

// The child reports each write that has returned over a pipe, synchronously: all of them must be there.
test('SIGKILL: every acknowledged write is there when a writer was killed', async (t) => {
  const random = seeded(t);
  const dict = makeDict(t, { size: '8mb' });
  for (let round = 0; round < 12; round += 1) {
    const child = startChild(t, 'write-and-report', [dict.name, round], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    const reports = countLines(child);
    await reports.begun;
    await setTimeout(random(60));
    await child.kill('SIGKILL');
    const acknowledged = await reports.total;
    checkRound(t, dict, round, acknowledged);
    t.true(dict.set(`after-${round}`, 'goes on'));
  }
  t.deepEqual(dict.verify(), { ok: true, problems: [] });
});

/** Step `n` of a round increments, sets `n`, and deletes `n - 10`: each has happened completely or not at all. */
function checkRound(t: ExecutionContext<unknown>, dict: ReturnType<typeof makeDict>, round: number, acknowledged: number) {
  const steps = dict.get(`steps-${round}`) as number;
  t.true(steps === acknowledged || steps === acknowledged + 1, `${steps} steps, ${acknowledged} acknowledged`);
  for (let step = Math.max(0, acknowledged - 10); step < acknowledged; step += 1) {
    const value = dict.get(`round-${round}-${step}`);
    // The step in progress may have deleted the oldest.
    if (step === acknowledged - 10 && value === undefined) continue;
    if (value !== `${step}:`.repeat((step * 37) % 1500)) t.fail(`round ${round}, step ${step}: ${String(value).slice(0, 30)}`);
  }
  for (let step = 0; step < acknowledged - 10; step += 1) {
    if (dict.has(`round-${round}-${step}`)) t.fail(`round ${round}: step ${step} came back`);
  }
}

test('SIGKILL: counters are exact when writers are killed again and again', async (t) => {
  const random = seeded(t);
  const dict = makeDict(t, { size: '1mb' });
  dict.set('total', 0);
  let acknowledged = 0;
  let kills = 0;
  for (let round = 0; round < 6; round += 1) {
    const children = Array.from({ length: 4 }, () =>
      startChild(t, 'count-and-report', [dict.name], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] }),
    );
    const reports = children.map((child) => countLines(child));
    await Promise.all(reports.map((report) => report.begun));
    await setTimeout(random(80));
    for (const child of children) {
      await child.kill('SIGKILL');
      kills += 1;
    }
    for (const report of reports) acknowledged += await report.total;
  }
  const total = dict.get('total') as number;
  t.log(`${acknowledged} acknowledged`);
  t.true(total >= acknowledged && total <= acknowledged + kills, `${total} counted, ${acknowledged} acknowledged, ${kills} kills`);
  t.true(dict.verify().ok);
  t.true(dict.incr('total') === total + 1);
});

test('SIGSTOP: reads continue and writes time out with the pid when a writer is stopped', async (t) => {
  const dict = makeDict(t, { size: '64kb', lockTimeout: 0.2 });
  dict.set('stable', 'value');
  const child = startChild(t, 'overwrite', [dict.name, 1000]);
  await child.next();
  const error = await stopWithLock(t, dict, child);
  t.is(error?.code, 'ERR_SHM_LOCK_TIMEOUT');
  t.is(error?.pid, child.pid);
  t.true(error?.message.includes(String(child.pid)), error?.message);
  t.is(dict.get('stable'), 'value');
  t.true(dict.getKeys().includes('stable'));
  child.process.kill('SIGCONT');
  t.true(await eventually(() => dict.set('mine', 'after')));
  await child.kill();
  t.true(await eventually(() => dict.set('mine', 'after the kill')));
  t.true(dict.verify().ok);
});

/** Stops a writer until it holds the lock then; returns the error of a write that needs the lock. */
async function stopWithLock(t: ExecutionContext<unknown>, dict: ReturnType<typeof makeDict>, child: Child): Promise<ShmError | undefined> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    await stop(child);
    t.is(dict.get('stable'), 'value');
    const start = now();
    try {
      dict.set('mine', attempt);
    } catch (error) {
      t.true(now() - start >= 0.19);
      return error as ShmError;
    }
    child.process.kill('SIGCONT');
    await setImmediate();
  }
  return undefined;
}

async function eventually(call: () => boolean): Promise<boolean> {
  const end = now() + 10;
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (now() > end) throw error;
      await setImmediate();
    }
  }
}

test('SIGKILL: a killed reader affects no other process', async (t) => {
  const dict = makeDict(t);
  const reader = openAgain(t, dict, { readOnly: true });
  for (let index = 0; index < 100; index += 1) dict.set(`k${index}`, 'x'.repeat(index * 20));
  const children = Array.from({ length: 4 }, () => startChild(t, 'read', [dict.name]));
  await Promise.all(children.map((child) => child.next()));
  await Promise.all(children.map((child) => child.kill('SIGKILL')));
  t.is(dict.stats().recoveries, 0);
  t.true(dict.set('k0', 'after'));
  t.is(reader.get('k0'), 'after');
  t.is(dict.size, 100);
  t.true(dict.verify().ok);
});

test('SIGKILL: a zombie counts as dead', async (t) => {
  const dict = makeDict(t);
  const child = startChild(t, 'leave-zombie', [dict.name]);
  const { zombie } = await child.next<{ zombie: string }>();
  // Its first thread is dead; the others may still be exiting.
  await until(() => dict.stats().processes === 1);
  t.regex(readFileSync(`/proc/${zombie}/status`, 'utf8'), /^State:\s+Z/m);
  t.true(dict.set('a', 1));
  t.is(dict.get('from'), 'victim');
  await child.ask('end');
});
