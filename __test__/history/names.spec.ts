// Many processes create, replace, open, use, close and remove one name at once, and some are killed: there is an order of
// these calls in which the name never leads to two dictionaries, and never to an incomplete one.
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { SharedDict } from 'shmkit';
import { startChild, type Child } from '../support/child';
import { makeDir } from '../support/dict';
import { clock, readLogs } from '../support/history-log';
import { NAME, nameHappenings, type NameAction, type NameCall, type NameOutcome } from '../support/history-name';
import { linearize } from '../support/linearize';
import { showProgress } from '../support/progress';
import { seeded } from '../support/random';

/** How often each process acquires the name. */
const CALLS = 4;
/** `npm run torture` runs more of them, with 64 processes. */
const ROUNDS = Number(process.env['SHMKIT_NAME_HISTORIES'] ?? 1);
const PROCESSES = Number(process.env['SHMKIT_NAME_PROCESSES'] ?? 20);
const KILLS = PROCESSES / 2;

type Random = (below: number) => number;

/** Kills some children at random moments; returns their deaths, each from the signal to the exit. */
async function killSome(children: Child[], random: Random): Promise<NameCall[]> {
  const deaths: Promise<NameCall | undefined>[] = [];
  const actors = children.map((_, index) => index);
  for (let kills = 0; kills < KILLS; kills += 1) {
    await setTimeout(random(3));
    const [index] = actors.splice(random(actors.length), 1) as [number];
    deaths.push(kill(children[index] as Child, String(index + 1)));
  }
  return (await Promise.all(deaths)).filter((death) => death !== undefined);
}

/** Kills a child; returns undefined if it had exited by itself. */
async function kill(child: Child, actor: string): Promise<NameCall | undefined> {
  const called = clock();
  if ((await child.kill()) !== 'SIGKILL') return undefined;
  return { actor, call: { kind: 'die' }, called, returned: clock(), outcome: null };
}

async function race(t: ExecutionContext<unknown>, random: Random): Promise<NameCall[]> {
  const [dir, log] = [makeDir(t), makeDir(t)];
  const children = Array.from({ length: PROCESSES }, (_, index) =>
    startChild(t, 'record-names', [log, dir, index + 1, random(2 ** 31), CALLS]),
  );
  await Promise.all(children.map((child) => child.next()));
  for (const child of children) child.process.send('go');
  const deaths = await killSome(children, random);
  await Promise.all(children.map((child) => child.exited));
  const last = SharedDict.openOrCreate('name', { dir, size: '64kb' });
  t.deepEqual(last.verify(), { ok: true, problems: [] });
  last.close();
  t.true(SharedDict.unlink('name', { dir }));
  t.deepEqual(SharedDict.list({ dir }), []);
  return [...readLogs<NameAction, NameOutcome>(log), ...deaths];
}

test('history: a name always leads to one complete dictionary or to none', async (t) => {
  t.timeout(ROUNDS * 120_000);
  const random = seeded(t);
  let decided = 0;
  for (let round = 0; decided < ROUNDS; round += 1) {
    const history = await race(t, random);
    const verdict = linearize(nameHappenings(history), NAME);
    const made = new Set(history.map(({ outcome }) => outcome).filter((outcome) => typeof outcome === 'number')).size;
    const deaths = history.filter(({ call }) => call.kind === 'die').length;
    const came = `${history.length} calls, ${made} dictionaries, ${deaths} deaths, ${verdict.steps} steps`;
    t.log(came);
    showProgress(ROUNDS > 1, `round ${round + 1}, ${decided} of ${ROUNDS} decided: ${came}`);
    // Some histories overlap so much that the search is given up. Then another is recorded, up to a limit.
    if (verdict.isDecided || round > ROUNDS + 2) t.true(verdict.ok, verdict.problem);
    if (verdict.isDecided) decided += 1;
    if (!verdict.ok && round > ROUNDS + 2) return;
  }
});
