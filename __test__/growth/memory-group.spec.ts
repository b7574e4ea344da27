// A memory limit of a control group does not refuse memory: the kernel ends a process. So a dictionary looks before each step.
import test from 'ava';
import { SharedDict } from 'shmkit';
import { startChild } from '../support/child';
import { testName } from '../support/dict';
import { createMemoryGroup } from '../support/memory-group';
import { notRun } from '../support/not-run';

const MIB = 2 ** 20;

interface Filled {
  code: string;
  message: string;
  stored: number;
  found: number;
  size: number;
  problems: string[];
}

test('SharedDict: it does not grow into the memory limit of a control group, and says so', async (t) => {
  const group = createMemoryGroup(t, 64 * MIB);
  if (!group) return notRun(t, 'needs a control group that limits memory');
  const name = testName(t);
  const child = startChild(t, 'grow-in-group', [group.entrance, name]);
  t.is(await child.next(), 'ready');
  const full = await child.ask<Filled>(512 * MIB);
  t.is(full.code, 'ERR_SHM_FULL');
  t.regex(full.message, /memory limit of the control group leaves \d+ bytes; delete entries, or raise that limit/);
  t.true(full.size > 8 * MIB && full.size < 48 * MIB, `${full.size} bytes`);
  t.true(group.used() < 50 * MIB, `${group.used()} bytes are in use`);
  t.is(full.found, full.stored);
  t.deepEqual(full.problems, []);
  // A second write, of which the system is not asked again, is told the same.
  const again = await child.ask<Filled>(512 * MIB);
  t.regex(again.message, /memory limit of the control group/);
  t.is(again.found, again.stored);

  group.setLimit(256 * MIB);
  const more = await child.ask<Filled>(full.size + 32 * MIB);
  t.true(more.size >= full.size + 32 * MIB, JSON.stringify(more));
  const reader = SharedDict.open(name, { readOnly: true });
  t.teardown(() => reader.close());
  t.is(reader.get('key 0'), 'x'.repeat(4000));
});
