// The checkers of queues and channels themselves, on small histories that are known to be right or wrong.
import test from 'ava';
import { problemsOfChannel, type ChannelOutcome, type ChannelRecord } from '../support/history-channel';
import { problemsOfQueue, type QueueCall, type QueueOutcome, type QueueRecord } from '../support/history-queue';

/** A call from one moment to another; without an outcome its process was killed. */
function queueCall(actor: string, from: number, to: number, call: QueueCall, outcome?: QueueOutcome): QueueRecord {
  return { actor, call, called: from, returned: outcome === undefined ? Infinity : to, ...(outcome === undefined ? {} : { outcome }) };
}

const push = (at: number, id: string, isDelayed = false) => queueCall('p', at, at + 1, { kind: 'push', id, isDelayed }, id);
const claim = (actor: string, at: number, id: string, attempts: number) => queueCall(actor, at, at + 1, { kind: 'claim' }, [id, attempts, true]);
const done = (actor: string, at: number, id: string, attempts: number, outcome: QueueOutcome = true) => queueCall(actor, at, at + 1, { kind: 'done', id, attempts }, outcome);
const release = (at: number, id: string) => queueCall('r', at, at + 1, { kind: 'release', id }, true);

function queueProblems(kills: number, ...history: QueueRecord[]): string {
  const count = (kind: string) => history.filter(({ call, outcome }) => call.kind === kind && outcome !== 'ERR_SHM_NOT_CLAIMED').length;
  const [pushed, completed] = [count('push'), count('done')];
  return problemsOfQueue(history, { ready: 0, delayed: 0, claimed: 0, dead: 0, pushed, done: completed, failed: 0, returned: 0 }, kills).join('; ');
}

test('queue checker: it accepts jobs that are done once, and those that come back', (t) => {
  t.is(queueProblems(0, push(0, 'j'), claim('a', 2, 'j', 1), done('a', 4, 'j', 1)), '');
  t.is(queueProblems(1, push(0, 'j'), claim('a', 2, 'j', 1), claim('b', 5, 'j', 2), done('b', 7, 'j', 2)), '', 'a was killed');
  t.is(queueProblems(1, push(0, 'j'), claim('b', 5, 'j', 2), done('b', 7, 'j', 2)), '', 'a process was killed in its claim');
  const released = [claim('a', 2, 'j', 1), release(4, 'j'), claim('b', 6, 'j', 2), done('a', 8, 'j', 1, 'ERR_SHM_NOT_CLAIMED'), done('b', 9, 'j', 2)];
  t.is(queueProblems(0, push(0, 'j'), ...released), '');
});

test('queue checker: it finds jobs that are lost, doubled or taken from the living', (t) => {
  t.regex(queueProblems(0, push(0, 'j')), /j is lost/);
  t.regex(queueProblems(0, push(0, 'j'), claim('a', 2, 'j', 1), claim('b', 3, 'j', 1), done('b', 7, 'j', 1)), /handed out twice/);
  t.regex(queueProblems(0, push(0, 'j'), claim('a', 2, 'j', 1), claim('b', 4, 'j', 2), done('b', 6, 'j', 2), done('a', 9, 'j', 1)), /handed out again while a had it/);
  t.regex(queueProblems(0, push(0, 'j'), claim('a', 2, 'j', 1), done('a', 4, 'j', 1), claim('b', 6, 'j', 2)), /handed out after it was done/);
  t.regex(queueProblems(0, push(0, 'j'), claim('a', 2, 'j', 1), release(4, 'j'), done('a', 6, 'j', 1)), /had been released/);
  t.regex(queueProblems(0, push(0, 'j'), claim('a', 2, 'j', 1), done('a', 4, 'j', 1, 'ERR_SHM_NOT_CLAIMED')), /was lost/);
  t.regex(queueProblems(0, push(0, 'j'), claim('a', 2, 'j', 2), done('a', 4, 'j', 2)), /claims are missing/);
  t.regex(queueProblems(0, claim('a', 2, 'j', 1), done('a', 4, 'j', 1)), /was not pushed/);
});

test('queue checker: it finds jobs that are handed out in another order, if nothing delayed them', (t) => {
  const inWrongOrder = [claim('a', 5, 'k', 1), done('a', 7, 'k', 1), claim('a', 9, 'j', 1), done('a', 11, 'j', 1)];
  t.regex(queueProblems(0, push(0, 'j'), push(2, 'k'), ...inWrongOrder), /k was handed out before j/);
  t.is(queueProblems(0, push(0, 'j', true), push(2, 'k'), ...inWrongOrder), '');
});

function channelCall(actor: string, from: number, kind: 'post' | 'hear', id: string, outcome?: ChannelOutcome): ChannelRecord {
  const call = kind === 'post' ? { kind, id } : { kind };
  return { actor, call, called: from, returned: outcome === undefined ? Infinity : from + 1, ...(outcome === undefined ? {} : { outcome }) };
}

const post = (at: number, id: string, sequence?: number) => channelCall('p', at, 'post', id, sequence);
const hear = (actor: string, at: number, sequence: number, id: string, missed = 0, isWhole = true) => channelCall(actor, at, 'hear', '', [sequence, missed, id, isWhole]);
const channelProblems = (posted: number, kills: number, ...history: ChannelRecord[]) => problemsOfChannel(history, posted, kills).join('; ');

test('channel checker: it accepts one order, exact counts, and the messages of killed posters', (t) => {
  t.is(channelProblems(3, 0, post(0, 'a', 1), post(2, 'b', 2), post(4, 'c', 3), hear('s', 5, 1, 'a'), hear('s', 6, 3, 'c', 1)), '');
  t.is(channelProblems(2, 1, post(0, 'a'), post(2, 'b', 2), hear('s', 5, 1, 'a'), hear('s', 6, 2, 'b')), '');
});

test('channel checker: it finds other orders, wrong counts, gaps and damage', (t) => {
  const posts = [post(0, 'a', 1), post(2, 'b', 2), post(4, 'c', 3)];
  t.regex(channelProblems(3, 0, ...posts, hear('s', 5, 1, 'a'), hear('s', 6, 3, 'c')), /told that it missed 0/);
  t.regex(channelProblems(3, 0, ...posts, hear('s', 5, 1, 'a'), hear('s', 6, 3, 'c', 2)), /told that it missed 2/);
  t.regex(channelProblems(3, 0, ...posts, hear('s', 5, 2, 'c')), /others b/);
  t.regex(channelProblems(3, 0, ...posts, hear('s', 5, 2, 'b', 0, false)), /damaged/);
  t.regex(channelProblems(3, 0, ...posts, hear('s', 1, 3, 'c')), /before it was posted/);
  t.regex(channelProblems(3, 0, post(0, 'a', 2), post(2, 'b', 1), post(4, 'c', 3)), /b has the number 1/);
  t.regex(channelProblems(4, 0, ...posts), /posted by no process/);
  t.regex(channelProblems(2, 0, ...posts), /beyond/);
});
