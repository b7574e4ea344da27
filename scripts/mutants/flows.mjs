// Mutants of queues and channels; see list.mjs.

import { PAUSE, before } from './edits.mjs';

const CLAIM = 'crates/primitives/src/queue/claim.rs';
const CHANGE = 'crates/primitives/src/queue/change.rs';
const REAP = 'crates/primitives/src/queue/reap.rs';
const REBUILD = 'crates/primitives/src/queue/rebuild.rs';
const POST = 'crates/primitives/src/channel/post.rs';
const SUBSCRIBE = 'crates/primitives/src/channel/subscribe.rs';
const SUBSCRIPTION = 'src/channel/subscription.ts';

// A process pauses between the commit of a change of a queue and its counter.
const counterPauses = [before(CHANGE, 'region.store(counter.at(), value);', PAUSE)];
// A process pauses before a job is found where its new state says.
const orderPauses = [before(CHANGE, 'let word = job.word();\n        match word.state().ok_or_else(damaged)? {', PAUSE)];
// A poster pauses before it commits a message.
const posterPauses = [before(POST, 'let sequence = number.wrapping_add(1);', PAUSE)];
// A subscriber pauses between copying messages and checking that they are whole.
const subscriberPauses = [before(SUBSCRIBE, '// Pairs with the fence of posters.', PAUSE)];

/** The pauses of queues and channels alone. */
export const flowControl = {
  what: 'all the pauses of queues and channels, and nothing broken',
  profiles: ['queue', 'channel', 'large channel'],
  kills: 10,
  edits: [...counterPauses, ...orderPauses, ...posterPauses, ...subscriberPauses],
};

/** The histories must expose each of these. */
export const flowMutants = [
  {
    what: 'a job is done by a process whose claim has ended',
    profile: 'queue',
    edits: [
      {
        file: CLAIM,
        from: `let is_held = word.state() == Some(JobState::Claimed) && word.owner() == self.membership.me;
        if !is_held || job.claim() != claim.claim {`,
        to: `if word.state() != Some(JobState::Claimed) {`,
      },
    ],
  },
  {
    what: 'a claim does not raise the attempts',
    profile: 'queue',
    edits: [{ file: CLAIM, from: 'word.attempts() + 1, self.membership.me', to: 'word.attempts().max(1), self.membership.me' }],
  },
  {
    what: 'a job that comes back forgets the attempt of its dead claimer',
    profile: 'queue',
    kills: 20,
    edits: [
      {
        file: CLAIM,
        from: 'self.commit(job, JobWord::new(state, word.attempts()), Counter::Returned);',
        to: 'self.commit(job, JobWord::new(state, word.attempts() - 1), Counter::Returned);',
      },
    ],
  },
  {
    what: 'a change of a queue is committed without its intent',
    profile: 'queue',
    kills: 20,
    edits: [...counterPauses, { file: CHANGE, from: 'region.store(INTENT, job.link.into());', to: '' }],
  },
  {
    what: 'a change of a queue does not say that it is in progress',
    profile: 'queue',
    kills: 20,
    edits: [...orderPauses, { file: CHANGE, from: 'region.store(JOBS, region.load(JOBS) | 1);', to: '' }],
  },
  {
    what: 'jobs are taken from living claimers',
    profile: 'queue',
    edits: [{ file: REAP, from: 'if !self.membership.is_dead(word.owner()) {', to: 'if word.owner() == self.membership.me {' }],
  },
  {
    what: 'a rebuild forgets the order of the jobs',
    profile: 'queue',
    kills: 20,
    edits: [...orderPauses, { file: REBUILD, from: 'JobState::Ready | JobState::Delayed | JobState::Dead => job.place(),', to: 'JobState::Ready | JobState::Delayed | JobState::Dead => 0,' }],
  },
  {
    what: 'a message is committed before its bytes',
    profile: 'channel',
    edits: [
      {
        file: POST,
        from: 'data.copy_in(at + HEADER_BYTES, bytes);',
        to: `data.store(at + record, number.wrapping_add(1));
        region.store(layout::HEAD, head + record);
        ${PAUSE}
        data.copy_in(at + HEADER_BYTES, bytes);`,
      },
    ],
  },
  {
    what: 'a subscriber does not check that what it copied is whole',
    profile: 'channel',
    edits: [...subscriberPauses, { file: SUBSCRIBE, from: 'let intact = self.oldest().max(start);', to: 'let intact = start;' }],
  },
  {
    what: 'a subscriber that missed messages is told of one fewer',
    profile: 'channel',
    edits: [{ file: SUBSCRIPTION, from: 'this.#missed = Number(this.#sequence) - 1 - heard;', to: 'this.#missed = Math.max(Number(this.#sequence) - 2 - heard, 0);' }],
  },
  {
    what: 'a poster takes a number before its message is whole',
    profile: 'large channel',
    kills: 20,
    edits: [
      {
        file: POST,
        from: 'let number = data.load(at);',
        to: `let number = data.load(at);
        data.store(at, number.wrapping_add(1));
        ${PAUSE}
        data.store(at, number);`,
      },
    ],
  },
];
