// Jobs and messages whose bytes a peer has damaged, so that no value can be made of them.
import test from 'ava';
import { hear, makeChannel } from '../support/channel';
import { damage } from '../support/damage';
import { claimed, makeQueue } from '../support/queue';
import { rejectsShm, throwsShm } from '../support/throws';

/** A number of the wrong length, structured clone without its header, a list, a kind that does not exist. */
const KINDS = [[3, 'ERR_SHM_CORRUPT'], [8, 'ERR_SHM_UNSUPPORTED'], [11, 'ERR_SHM_CORRUPT'], [99, 'ERR_SHM_CORRUPT']] as const;
/** Where the kind is: bytes before those of a short value. */
const KIND = 4;

for (const [kind, code] of KINDS) {
  test(`SharedQueue: a job whose value became one of kind ${kind} is claimed and can be ended`, async (t) => {
    const queue = makeQueue(t, { size: '64kb', maxAttempts: 2 });
    queue.push(Buffer.from('unreadable'));
    damage(queue.path, 'unreadable', KIND, kind);
    const job = claimed(queue);
    t.is(job.id, '1');
    for (let read = 0; read < 2; read += 1) throwsShm(t, () => job.value, code);
    job.fail();
    (await queue.claim())?.fail();
    const [dead] = queue.dead();
    t.like(dead, { id: '1', attempts: 2 });
    throwsShm(t, () => dead?.value, code);
    t.true(queue.retry('1'));
    const again = claimed(queue);
    again.update('readable');
    t.is(again.value, 'readable');
    again.done();
    t.like(queue.stats(), { ready: 0, claimed: 0, dead: 0, done: 1, failed: 2 });
  });

  test(`SharedChannel: a message that became one of kind ${kind} throws once`, async (t) => {
    const channel = makeChannel(t, '4kb');
    const subscription = channel.subscribe();
    // Four of these fill the channel, so that the unreadable message is the oldest in the end.
    const large = 'x'.repeat(channel.stats().capacity / 4 - 100);
    for (let sequence = 1; sequence <= 100; sequence += 1) channel.post(large);
    channel.post(Buffer.from('unreadable'));
    for (let sequence = 102; sequence <= 105; sequence += 1) channel.post(large);
    damage(channel.path, 'unreadable', KIND, kind);
    await rejectsShm(t, subscription.next(), code);
    const heard = await hear(subscription, 4);
    t.deepEqual(heard.map(({ sequence, missed }) => [sequence, missed]), [[102n, 100], [103n, 0], [104n, 0], [105n, 0]]);
  });
}
