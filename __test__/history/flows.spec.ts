// Histories of queues and channels, recorded by processes that are killed and stopped meanwhile.
import test, { type ExecutionContext } from 'ava';
import { recordChannel, recordLargeChannel, recordQueue, type FlowPlan } from '../support/history-flow';
import { showProgress } from '../support/progress';
import { seeded } from '../support/random';

/** `npm run torture` runs more of them. */
const ROUNDS = Number(process.env['SHMKIT_HISTORIES'] ?? 1);

async function check(t: ExecutionContext<unknown>, recordFlow: typeof recordQueue, plan: FlowPlan): Promise<void> {
  const random = seeded(t);
  t.timeout(ROUNDS * 120_000);
  let total = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const { calls, problems } = await recordFlow(t, plan, random);
    t.deepEqual(problems.slice(0, 10), [], `round ${round}, ${problems.length} problems`);
    total += calls;
    showProgress(ROUNDS > 1, `round ${round + 1} of ${ROUNDS}, ${total} calls`);
  }
  t.log(`${total} calls`);
  t.true(total > 0);
}

test.serial('history: a queue hands out each job to one process at a time, in order, and loses none', async (t) => {
  await check(t, recordQueue, { processes: 3, calls: 2000, kills: 6, stops: 4 });
});

test.serial('history: a channel has one order for all, and tells exactly what each one missed', async (t) => {
  await check(t, recordChannel, { processes: 3, calls: 4000, kills: 6, stops: 4 });
});

test.serial('history: a channel in which no message gives way has no gap where a poster was killed', async (t) => {
  await check(t, recordLargeChannel, { processes: 3, calls: 3000, kills: 10, stops: 2 });
});
