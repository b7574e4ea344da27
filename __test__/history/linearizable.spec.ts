// Histories of calls, recorded by processes and threads that are killed and stopped meanwhile: a single thread could have
// had each of them, with every call at one instant between its start and its return.
import test, { type ExecutionContext } from 'ava';
import { BROKEN } from '../support/broken-dict';
import { judge, recordHistory, type Plan } from '../support/history-run';
import { showProgress } from '../support/progress';
import { seeded } from '../support/random';

/** `npm run torture` runs more of them. */
const ROUNDS = Number(process.env['SHMKIT_HISTORIES'] ?? 1);

async function check(t: ExecutionContext<unknown>, plan: Plan): Promise<void> {
  const random = seeded(t);
  t.timeout(ROUNDS * 60_000);
  const total = { calls: 0, pending: 0, kills: 0, stops: 0, steps: 0, grown: 0, violations: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    // The local cache is on in every other round of `mixed` and `growing`, and in all rounds of the others.
    const localCache = ['reread', 'frozen'].includes(plan.profile) || round % 2 === 0;
    const { recorded, kills, stops, grown, problems } = await recordHistory(t, { ...plan, localCache }, random);
    t.deepEqual(problems, []);
    for (const [key, verdict] of judge(recorded)) {
      total.steps += verdict.steps;
      if (verdict.ok) continue;
      total.violations += 1;
      t.fail(`round ${round}, ${key}: ${verdict.problem}`);
    }
    total.calls += recorded.length;
    total.pending += recorded.filter(({ returned }) => returned === Infinity).length;
    total.kills += kills;
    total.stops += stops;
    total.grown += grown;
    showProgress(ROUNDS > 1, `${plan.profile}: round ${round + 1} of ${ROUNDS}, ${JSON.stringify(total)}`);
  }
  t.log(JSON.stringify(total));
  t.true(total.calls > 0);
}

test.serial('history: every call takes effect at one instant while processes are killed and stopped', async (t) => {
  await check(t, { processes: 3, threads: 2, calls: 1500, profile: 'mixed', kills: 4, stops: 6 });
});

test.serial('history: values of the local cache are never older than the last write', async (t) => {
  await check(t, { processes: 3, threads: 2, calls: 3000, profile: 'reread', kills: 1, stops: 12 });
});

test.serial('history: every call takes effect at one instant while a dictionary grows', async (t) => {
  await check(t, { processes: 3, threads: 2, calls: 10_000, profile: 'growing', kills: 6, stops: 4 });
});

test.serial('history: frozen objects are never older than the last write', async (t) => {
  await check(t, { processes: 3, threads: 2, calls: 3000, profile: 'frozen', kills: 1, stops: 12 });
});

for (const broken of BROKEN) {
  test.serial(`history: a dictionary that ${broken} is detected`, async (t) => {
    const random = seeded(t);
    const plan: Plan = { processes: 2, threads: 2, calls: 1000, profile: 'mixed', broken };
    // Not every history shows it: the calls of two threads must overlap.
    for (let round = 0; round < 10; round += 1) {
      const { recorded } = await recordHistory(t, plan, random);
      const found = [...judge(recorded).values()].filter(({ ok }) => !ok);
      if (found.length === 0) continue;
      t.log(found[0]?.problem);
      t.pass();
      return;
    }
    t.fail('ten histories do not show it');
  });
}
