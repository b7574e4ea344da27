import fs from 'node:fs';
import test from 'ava';
import { makeDir } from '../support/dict';
import { throwsArgType } from '../support/throws';
import { KINDS } from './kinds';
import { closing, create, NAME, open, startProcess } from './subject';

for (const kind of KINDS) {
  test.serial(`${kind.title}: list returns name, size, state and processes of each object`, async (t) => {
    const { object, dir } = create(t, kind);
    await kind.write(object);
    open(t, kind, dir);
    const child = await startProcess(t, kind, 'open', { dir });
    const processes = [process.pid, child.pid].toSorted();
    const size = kind.listedSize(fs.statSync(object.path).size);
    const listed = kind.Class.list({ dir }).map((line) => ({ ...line, processes: line.processes.toSorted() }));
    t.deepEqual(listed, [{ name: NAME, size, processes, stale: false, ...kind.listed }]);
    await child.kill();
    t.deepEqual(kind.Class.list({ dir })[0]?.processes, [process.pid]);
  });

  test.serial(`${kind.title}: list leaves out the processes that only read`, async (t) => {
    const { dir } = create(t, kind);
    await startProcess(t, kind, 'open', { dir, readOnly: true });
    t.deepEqual(kind.Class.list({ dir })[0]?.processes, [process.pid]);
  });

  test(`${kind.title}: list returns every object of its kind, and nothing when there is none`, (t) => {
    const dir = makeDir(t);
    t.deepEqual(kind.Class.list({ dir }), []);
    const names = ['a', 'b', 'c'];
    for (const name of names) closing(t, kind.create(name, { dir }));
    for (const other of KINDS) if (other !== kind) t.deepEqual(other.Class.list({ dir }), []);
    t.deepEqual(kind.Class.list({ dir }).map((line) => line.name).toSorted(), names);
    throwsArgType(t, () => kind.Class.list(5 as never));
    throwsArgType(t, () => kind.Class.prune(5 as never));
  });
}
