import fs from 'node:fs';
import test from 'ava';
import { makeDir } from '../support/dict';
import { throwsArgType, throwsArgument, throwsShm } from '../support/throws';
import { KINDS } from './kinds';
import { create, NAME, open, startProcess, startThread } from './subject';

for (const kind of KINDS) {
  test(`${kind.title}: open throws ERR_SHM_NOT_FOUND when the name is missing`, (t) => {
    const dir = makeDir(t);
    const error = throwsShm(t, () => kind.open(NAME, { dir }), 'ERR_SHM_NOT_FOUND');
    t.is(error.segment, NAME);
    t.true(error.message.includes(NAME), error.message);
    t.deepEqual(fs.readdirSync(dir), []);
  });

  test(`${kind.title}: open refuses options of a wrong type or value`, (t) => {
    const { dir } = create(t, kind);
    throwsArgument(t, () => kind.open(NAME, { dir, readOnly: 'yes' as never }));
    throwsArgument(t, () => kind.open(NAME, { dir: 5 as never }));
    throwsArgument(t, () => kind.open(NAME, { dir, trustUids: 0 as never }));
    throwsArgType(t, () => kind.open(NAME, 5 as never));
  });

  test(`${kind.title}: the close of an opened handle leaves the name and the other handles`, async (t) => {
    const { object, dir } = create(t, kind);
    const [other, third] = [open(t, kind, dir), open(t, kind, dir)];
    other.close();
    t.true(fs.existsSync(object.path));
    await kind.write(third);
    t.true(await kind.isWritten(object));
  });

  test.serial(`${kind.title}: another process and another thread open the same object`, async (t) => {
    const { object, dir } = create(t, kind);
    const child = await startProcess(t, kind, 'open', { dir });
    t.is(await child.ask('isWritten'), false);
    await kind.write(object);
    t.is(await child.ask('isWritten'), true);
    const { worker, exited } = await startThread(t, kind, 'open', { dir });
    worker.postMessage('end');
    await exited;
    await child.kill();
    t.true(await kind.isWritten(open(t, kind, dir)));
  });
}
