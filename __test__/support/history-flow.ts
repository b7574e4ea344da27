// Records histories of queues and channels: processes use one, and are killed and stopped at random.
import { SharedChannel, SharedQueue } from 'shmkit';
import { startChild } from './child';
import { until } from './clock';
import { makeDir, uniqueName, type Host } from './dict';
import { problemsOfChannel, type ChannelRecord } from './history-channel';
import { readLogs, recorder } from './history-log';
import { problemsOfQueue, type QueueCall, type QueueOutcome, type QueueRecord } from './history-queue';
import { disturbed, type Random } from './history-processes';
import { isWhole, type JobValue } from './history-values';

/** The argument of a recording process. */
export interface FlowJob {
  readonly name: string;
  readonly dir: string;
  readonly actor: number;
  readonly seed: number;
  /** 0: it hears messages. */
  readonly calls: number;
}

export interface FlowPlan {
  readonly processes: number;
  /** Of each process. */
  readonly calls: number;
  readonly kills: number;
  readonly stops: number;
}

/** What was recorded, and what is wrong with it. */
export interface FlowHistory {
  readonly calls: number;
  readonly problems: readonly string[];
}

type Recorder = 'record-queue' | 'record-channel';

const SUBSCRIBERS = 3;

/** Lets processes work until all of them have made their calls; returns how many were killed. */
async function killsOf(t: Host, program: Recorder, object: { name: string; dir: string }, plan: FlowPlan, random: Random): Promise<number> {
  let actor = 0;
  const nextJob = (): FlowJob => ({ ...object, actor: (actor += 1), seed: random(2 ** 31), calls: plan.calls });
  return (await disturbed(t, program, plan, nextJob, random)).kills;
}

/** Runs a plan on a queue; this process does what is left at the end. */
export async function recordQueue(t: Host, plan: FlowPlan, random: Random): Promise<FlowHistory> {
  const [dir, name] = [makeDir(t), uniqueName()];
  const queue = SharedQueue.create<JobValue>(name, { size: '64kb', maxSize: '64mb', maxAttempts: 65_535 });
  t.teardown(() => queue.close());
  const kills = await killsOf(t, 'record-queue', { name, dir }, plan, random);
  let job: ReturnType<typeof queue.tryClaim> = null;
  const record = recorder<QueueCall, QueueOutcome>(dir, 0, ({ kind }) => {
    if (kind === 'claim') job = queue.tryClaim();
    else job?.done();
    return kind === 'claim' ? job && [job.id, job.attempts, isWhole(job.id, job.value)] : true;
  });
  await until(() => {
    record({ kind: 'claim' });
    if (job) record({ kind: 'done', id: job.id, attempts: job.attempts });
    const { ready, delayed, claimed } = queue.stats();
    return ready + delayed + claimed === 0;
  });
  const recorded: QueueRecord[] = readLogs(dir);
  return { calls: recorded.length, problems: problemsOfQueue(recorded, queue.stats(), kills) };
}

/** Runs a plan on a channel in which old messages give way. */
export async function recordChannel(t: Host, plan: FlowPlan, random: Random): Promise<FlowHistory> {
  return recordChannelOf('64kb', t, plan, random);
}

/** Runs a plan on a channel that has room for all messages, so that no subscriber misses one. */
export async function recordLargeChannel(t: Host, plan: FlowPlan, random: Random): Promise<FlowHistory> {
  return recordChannelOf('64mb', t, plan, random);
}

/** The subscribers are not killed. */
async function recordChannelOf(size: '64kb' | '64mb', t: Host, plan: FlowPlan, random: Random): Promise<FlowHistory> {
  const [dir, name] = [makeDir(t), uniqueName()];
  const channel = SharedChannel.create<JobValue>(name, size);
  t.teardown(() => channel.close());
  const subscribers = Array.from({ length: SUBSCRIBERS }, (_, index) => startChild(t, 'record-channel', [JSON.stringify({ name, dir, actor: 1000 + index, seed: random(2 ** 31), calls: 0 } satisfies FlowJob)]));
  await Promise.all(subscribers.map((subscriber) => subscriber.next()));
  const kills = await killsOf(t, 'record-channel', { name, dir }, plan, random);
  const { posted } = channel.stats();
  const heard = (actor: number) => readLogs<never, ChannelRecord['outcome']>(dir).findLast((record) => record.actor === String(actor))?.outcome;
  const isAtEnd = () => subscribers.every((_, index) => (heard(1000 + index) as readonly unknown[] | undefined)?.[0] === posted);
  const problems = await until(isAtEnd, 30).then((): string[] => [], () => ['a subscriber did not hear the last message']);
  for (const subscriber of subscribers) subscriber.process.send('end');
  await Promise.all(subscribers.map(({ exited }) => exited));
  const recorded: ChannelRecord[] = readLogs(dir);
  const missed = recorded.filter(({ outcome }) => Array.isArray(outcome) && outcome[1] > 0);
  if (size === '64mb') problems.push(...missed.map(({ actor }) => `${actor} missed a message, though none gave way`));
  return { calls: recorded.length, problems: [...problems, ...problemsOfChannel(recorded, posted, kills)] };
}

