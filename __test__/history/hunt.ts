// Records histories of a package that is known to be broken until one cannot be explained, or
// `verify` finds a problem, and reports it:
//   node hunt.js --profile mixed --rounds 40 --kills 20 --seed 1
// The last line is JSON: `{ "found": true, ... }`. For `npm run mutants`.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Host } from '../support/dict';
import type { Profile } from '../support/history-plan';
import { recordChannel, recordLargeChannel, recordQueue } from '../support/history-flow';
import { judge, recordHistory, type Plan } from '../support/history-run';
import { showProgress } from '../support/progress';
import { generator } from '../support/random';

const { values } = parseArgs({
  options: {
    profile: { type: 'string', default: 'mixed' },
    rounds: { type: 'string', default: '20' },
    kills: { type: 'string', default: '0' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  },
});

/** Calls of a thread: a dictionary grows by few of them. */
const CALLS = values.profile === 'growing' ? 8000 : 1000;
const PLAN: Plan = { processes: 3, threads: 2, calls: CALLS, profile: values.profile as Profile, kills: Number(values.kills) };

/** Calls `body` with a host of its own, whose teardowns run when it is done. */
async function hosted<Result>(action: (host: Host) => Promise<Result>): Promise<Result> {
  const ends: Array<() => unknown> = [];
  const teardown = (end: () => unknown): void => {
    ends.unshift(end);
  };
  try {
    return await action({ teardown });
  } finally {
    for (const end of ends) await end();
  }
}

/** Histories of other objects than dictionaries, by profile. */
const FLOWS = new Map([['queue', recordQueue], ['channel', recordChannel], ['large channel', recordLargeChannel]]);

/** Records a history; returns its calls, and a problem if there is one. */
async function recordOne(random: (below: number) => number): Promise<{ calls: number; problem: string | undefined }> {
  const flow = FLOWS.get(values.profile);
  if (flow) {
    const { calls, problems } = await hosted((host) => flow(host, { processes: 3, calls: 1500, kills: PLAN.kills ?? 0, stops: 2 }, random));
    return { calls, problem: problems[0] };
  }
  const { recorded, problems } = await hosted((host) => recordHistory(host, PLAN, random));
  const verdict = [...judge(recorded).values()].find(({ ok, isDecided }) => !ok && isDecided);
  return { calls: recorded.length, problem: verdict?.problem ?? problems[0] };
}

async function main(): Promise<void> {
  const random = generator(Number(values.seed));
  let calls = 0;
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    const recorded = await recordOne(random);
    calls += recorded.calls;
    showProgress(true, `round ${round} of ${values.rounds}, ${calls} calls`);
    if (recorded.problem === undefined) continue;
    console.log(JSON.stringify({ found: true, seed: values.seed, round, calls, problem: recorded.problem }));
    return;
  }
  console.log(JSON.stringify({ found: false, seed: values.seed, round: Number(values.rounds), calls }));
}

void main();
