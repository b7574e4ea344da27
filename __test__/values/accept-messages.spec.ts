// Handles of channels and queues: with which codec they store objects, and which values they decode.
import test from 'ava';
import { SharedChannel, SharedQueue } from 'shmkit';
import { nameFor } from '../support/names';
import { claimed } from '../support/queue';
import { throwsArgument, throwsShm } from '../support/throws';

const upper = { name: 'upper', encode: () => Buffer.from('custom'), decode: (bytes: Uint8Array) => ({ text: String(bytes).toUpperCase() }) };

for (const [codec, value] of [['json', { a: 1 }], [upper, { text: 'CUSTOM' }], ['structured', { a: 1 }]] as const) {
  const title = typeof codec === 'string' ? codec : 'a custom codec';

  test(`SharedQueue: objects are stored with ${title}`, (t) => {
    const name = nameFor(t, SharedQueue);
    using queue = SharedQueue.create(name, { size: '64kb', codec });
    using other = SharedQueue.open(name, { codec });
    queue.push({ a: 1 });
    const job = claimed(other);
    t.deepEqual(job.value, value);
    job.update({ b: 2 });
    job.fail();
    t.deepEqual(claimed(queue).value, codec === upper ? value : { b: 2 });
  });

  test(`SharedChannel: objects are posted with ${title}`, async (t) => {
    const name = nameFor(t, SharedChannel);
    using channel = SharedChannel.create(name, { size: '64kb', codec });
    using other = SharedChannel.openOrCreate(name, { codec });
    const messages = other.subscribe();
    channel.post({ a: 1 });
    t.deepEqual((await messages.next()).value?.value, value);
  });
}

test('SharedQueue: a handle decodes what it accepts, and hands out the other jobs all the same', (t) => {
  const name = nameFor(t, SharedQueue);
  using queue = SharedQueue.create(name, '64kb');
  using json = SharedQueue.open(name, { codec: 'json' });
  using plain = SharedQueue.open(name, { accept: ['plain'] });
  queue.push({ structured: true });
  json.push({ json: true });
  queue.push('plain');
  const [first, second, third] = [claimed(json), claimed(json), claimed(json)];
  const error = throwsShm(t, () => first.value, 'ERR_SHM_UNSUPPORTED');
  t.regex(error.message, /"structured".*"plain", "json"/);
  t.deepEqual([second.value, third.value], [{ json: true }, 'plain']);
  for (const job of [first, second, third]) job.fail();
  throwsShm(t, () => claimed(plain).value, 'ERR_SHM_UNSUPPORTED');
  throwsShm(t, () => claimed(plain).value, 'ERR_SHM_UNSUPPORTED');
  t.is(claimed(plain).value, 'plain');
});

test('SharedChannel: a handle decodes what it accepts, and hears the messages after others', async (t) => {
  const name = nameFor(t, SharedChannel);
  using channel = SharedChannel.create(name, '64kb');
  using json = SharedChannel.open(name, { codec: 'json' });
  const messages = json.subscribe();
  channel.post({ structured: true });
  json.post({ json: true });
  await t.throwsAsync(messages.next(), { code: 'ERR_SHM_UNSUPPORTED' });
  t.deepEqual(await messages.next(), { done: false, value: { value: { json: true }, sequence: 2n, missed: 0 } });
});

const PLAIN_VALUES = ['text', 5, true, 5n, null, Buffer.from('bytes')];

test('SharedQueue: a handle that accepts no plain values hands out none', (t) => {
  const name = nameFor(t, SharedQueue);
  using queue = SharedQueue.create(name, '64kb');
  using json = SharedQueue.open(name, { accept: ['json'] });
  for (const value of PLAIN_VALUES) {
    queue.push(value);
    throwsShm(t, () => claimed(json).value, 'ERR_SHM_UNSUPPORTED');
  }
});

test('SharedChannel: a handle that accepts no plain values hears none', async (t) => {
  const name = nameFor(t, SharedChannel);
  using channel = SharedChannel.create(name, '64kb');
  using json = SharedChannel.open(name, { accept: ['json'] });
  const messages = json.subscribe();
  for (const value of PLAIN_VALUES) {
    channel.post(value);
    await t.throwsAsync(messages.next(), { code: 'ERR_SHM_UNSUPPORTED' });
  }
});

for (const kind of [SharedQueue, SharedChannel]) {
  test(`${kind.name}: wrong codecs and wrong lists are refused`, (t) => {
    const name = nameFor(t, kind);
    throwsArgument(t, () => kind.create(name, { size: '64kb', codec: 'msgpack' as never }));
    throwsArgument(t, () => kind.create(name, { size: '64kb', accept: [''] }));
    using object = kind.create(name, '64kb');
    throwsArgument(t, () => kind.open(object.name, { accept: [''] }));
  });
}
