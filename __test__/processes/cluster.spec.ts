import { startChild } from '../support/child';
import { makeDict } from '../support/dict';
import test from 'ava';

test('cluster: its workers share a dictionary, and a killed worker can be replaced', async (t) => {
  const dict = makeDict(t);
  const primary = startChild(t, 'cluster', [dict.name]);
  const { served, died } = await primary.next<{ served: number; died: number }>();
  t.is(died, 1);
  const counted = dict.get('served') as number;
  t.true(counted >= served && counted <= served + died, `${counted} counted, ${served} acknowledged`);
  t.is(await primary.exited, 0);
  t.is(dict.stats().processes, 1);
  t.true(dict.verify().ok);
});
