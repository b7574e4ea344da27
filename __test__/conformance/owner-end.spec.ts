// The ends of an owner after which its name is gone.
import fs from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { until } from '../support/clock';
import { makeDir } from '../support/dict';
import { throwsShm } from '../support/throws';
import { KINDS } from './kinds';
import type { Kind } from './kinds/kind';
import { closing, create, NAME, open, startProcess, startThread } from './subject';

/** The name is free, nothing is left in the folder, and a handle that was open before goes on. */
async function isGone(t: ExecutionContext<unknown>, kind: Kind, dir: string, other: ReturnType<Kind['open']>): Promise<void> {
  throwsShm(t, () => kind.open(NAME, { dir }), 'ERR_SHM_NOT_FOUND');
  t.deepEqual(fs.readdirSync(dir), []);
  t.true(await kind.isWritten(other));
  await kind.write(other);
}

/** An owner that is unreachable once this returns. */
function makeUnreachable(kind: Kind, dir: string): void {
  kind.create(NAME, { dir });
}

for (const kind of KINDS) {
  test(`${kind.title}: the name is gone and other handles go on when the owner closes`, async (t) => {
    const { object, dir } = create(t, kind);
    const other = open(t, kind, dir);
    await kind.write(object);
    object.close();
    await isGone(t, kind, dir, other);
  });

  test(`${kind.title}: the name is gone when the owner is disposed of`, async (t) => {
    const { object, dir } = create(t, kind);
    const other = open(t, kind, dir);
    await kind.write(object);
    object[Symbol.dispose]();
    await isGone(t, kind, dir, other);
  });

  test(`${kind.title}: the name is gone when the owner was collected`, async (t) => {
    const dir = makeDir(t);
    makeUnreachable(kind, dir);
    const other = open(t, kind, dir);
    await kind.write(other);
    await until(() => {
      globalThis.gc?.();
      return fs.readdirSync(dir).length === 0;
    });
    await isGone(t, kind, dir, other);
  });

  test(`${kind.title}: a reachable owner keeps the name when garbage is collected`, async (t) => {
    const { object, dir } = create(t, kind);
    for (let round = 0; round < 20; round += 1) {
      globalThis.gc?.();
      await setImmediate();
    }
    t.is(fs.readdirSync(dir).length, 1);
    await kind.write(object);
  });

  for (const end of ['close', 'exit', 'end', 'throw'] as const) {
    test.serial(`${kind.title}: the name is gone when the owner's process ends by ${end}`, async (t) => {
      const dir = makeDir(t);
      const child = await startProcess(t, kind, 'create', { dir });
      const other = open(t, kind, dir);
      if (end === 'close') t.is(await child.ask('close'), 'close');
      else {
        child.process.send(end);
        await child.exited;
      }
      await isGone(t, kind, dir, other);
    });
  }

  for (const end of ['end', 'exit', 'throw', 'terminate'] as const) {
    test.serial(`${kind.title}: the name is gone when the owner's worker thread ends by ${end}`, async (t) => {
      const dir = makeDir(t);
      const { worker, exited } = await startThread(t, kind, 'create', { dir });
      const other = open(t, kind, dir);
      if (end === 'terminate') await worker.terminate();
      else worker.postMessage(end);
      await exited;
      await isGone(t, kind, dir, other);
    });
  }

  test(`${kind.title}: the late close of an unlinked owner leaves the name of its successor`, async (t) => {
    const { object, dir } = create(t, kind);
    t.true(kind.Class.unlink(NAME, { dir }));
    const second = closing(t, kind.create(NAME, { dir }));
    object.close();
    t.true(fs.existsSync(second.path));
    await kind.write(second);
    t.true(await kind.isWritten(open(t, kind, dir)));
  });
}
