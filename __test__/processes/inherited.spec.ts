import { once } from 'node:events';
import test from 'ava';
import { startChild } from '../support/child';
import { until } from '../support/clock';
import { makeDict } from '../support/dict';

test('processes: a killed process counts as dead while programs it started live on', async (t) => {
  const dict = makeDict(t);
  const child = startChild(t, 'spawn-others', [dict.name]);
  const { started } = await child.next<{ started: number[] }>();
  t.teardown(() => started.forEach((pid) => process.kill(pid, 'SIGKILL')));
  t.is(dict.stats().processes, 2);
  await child.kill('SIGKILL');
  await until(() => dict.stats().processes === 1);
  for (const pid of started) t.true(process.kill(pid, 0), 'they live on');
  t.true(dict.set('a', 1));
});

test('processes: a handle of the parent is not one of the child', async (t) => {
  const dict = makeDict(t);
  const child = startChild(t, 'read', [dict.name]);
  await child.next();
  t.is(dict.stats().processes, 2);
  child.process.kill('SIGKILL');
  await once(child.process, 'exit');
  await until(() => dict.stats().processes === 1);
  t.true(dict.set('a', 1));
});
