// Wrong arguments of calls about many keys: refused as those of a SharedDict, before a server is asked.
import test, { type ExecutionContext } from 'ava';
import { RemoteDict, TieredDict } from 'shmkit/valkey';
import { makeDict, uniqueName } from '../support/dict';

const WRONG: ReadonlyArray<readonly [call: string, argument: unknown]> = [
  ...[undefined, null, 'abc', 5, {}].flatMap((argument) => ['getMany', 'setMany', 'deleteMany'].map((call) => [call, argument] as const)),
  ...[undefined, null, 5, {}].map((argument) => ['deletePrefix', argument] as const),
  ...[[undefined], [5], ['']].flatMap((argument) => ['getMany', 'deleteMany'].map((call) => [call, argument] as const)),
  ...[[undefined], [null], [5], ['ab'], [{}], [[]], [['k']], [[undefined, 1]], [['', 1]]].map((argument) => ['setMany', argument] as const),
];

/** Returns what a call fails with, without the part of the message that shows the argument. */
async function failureOf(dict: object, call: string, argument: unknown): Promise<object> {
  try {
    await (dict as Record<string, (argument: unknown) => unknown>)[call]?.(argument);
    return {};
  } catch (error) {
    const { name, message, code, count } = error as Error & { code?: string; count?: number };
    return { name, code, message: message.replace(/(\. Received|, not undefined).*$/u, ''), ...(call === 'setMany' && { count }) };
  }
}

async function makeTier(t: ExecutionContext, remote: RemoteDict): Promise<TieredDict> {
  const name = uniqueName();
  const tier = await TieredDict.open(name, { remote });
  t.teardown(async () => {
    await tier.close();
    TieredDict.unlink(name);
  });
  return tier;
}

test('RemoteDict and TieredDict: calls about many keys refuse what those of a SharedDict refuse', async (t) => {
  const shared = makeDict(t);
  const remote = new RemoteDict({ url: 'redis://127.0.0.1:1' });
  t.teardown(() => remote.close());
  const tier = await makeTier(t, remote);
  for (const [call, argument] of WRONG) {
    const expected = await failureOf(shared, call, argument);
    for (const dict of [remote, tier]) t.deepEqual(await failureOf(dict, call, argument), expected, `${dict.constructor.name}.${call}(${JSON.stringify(argument)})`);
  }
});
