// Channels of one test, removed when it ends.
import type { ExecutionContext } from 'ava';
import { type ChannelMessage, SharedChannel } from 'shmkit';
import { nameFor } from './names';

/** Creates a channel of 64 KiB, or as the options say; closed and removed when the test ends. */
export function makeChannel(t: ExecutionContext<unknown>, options: Parameters<typeof SharedChannel.create>[1] = '64kb'): SharedChannel {
  const channel = SharedChannel.create(nameFor(t, SharedChannel), options);
  t.teardown(() => channel.close());
  return channel;
}

/** Returns the next messages of a subscription. */
export async function hear<V>(subscription: AsyncIterator<ChannelMessage<V>>, count: number): Promise<Array<ChannelMessage<V>>> {
  const messages: Array<ChannelMessage<V>> = [];
  while (messages.length < count) {
    const { done, value } = await subscription.next();
    if (done) throw new Error(`the subscription ended after ${messages.length} messages`);
    messages.push(value);
  }
  return messages;
}
