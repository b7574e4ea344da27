import { type DictIterator, type KeyedDict, SharedDict } from 'shmkit';
import { expectType, is, type Same } from './expect.test-d.js';

interface User {
  name: string;
}

interface Settings {
  flags: { dark: boolean };
  limit: number;
  total: bigint;
  jobs: string[];
  [user: `user:${string}`]: User;
}

const dict = SharedDict.openOrCreate('name', '1mb') as KeyedDict<Settings>;
const unchecked: KeyedDict<Settings> = SharedDict.open<Settings['flags'] | User>('name') as unknown as KeyedDict<Settings>;
unchecked.close();

const flags = dict.get('flags');
expectType<Same<typeof flags, Settings['flags'] | undefined>>();
const user = dict.get('user:ann');
expectType<Same<typeof user, User | undefined>>();
is<boolean>(dict.set('limit', 5, { ttl: 60 }));
// @ts-expect-error the value of another key
dict.set('limit', { dark: true });
// @ts-expect-error no such key
dict.get('other');
// @ts-expect-error no such key
dict.delete('other');

is<number | undefined>(dict.incr('limit'));
is<bigint | undefined>(dict.incr('total', 1n));
is<number>(dict.incr('limit', 1, { init: 0 }));
// @ts-expect-error not a number
dict.incr('flags');
// @ts-expect-error bigints are counted with bigints
dict.incr('total', 1);

is<Settings['flags'] | undefined>(dict.update('flags', (value) => ({ dark: !value?.dark })));
is<Promise<User>>(dict.getOrSet('user:bob', async (key) => ({ name: key })));
// @ts-expect-error the loader returns the value of another key
void dict.getOrSet('limit', async () => ({ name: 'x' }));
is<number>(dict.setMany([['limit', 1], ['user:ann', { name: 'ann' }, 60]]));
// @ts-expect-error the value of another key
dict.setMany([['limit', { name: 'ann' }]]);
const some = dict.getMany(['limit']);
expectType<Same<typeof some, Map<'limit', number>>>();

is<number>(dict.rpush('jobs', 'a', 'b'));
is<string[]>(dict.lrange('jobs'));
// @ts-expect-error an item of another type
dict.rpush('jobs', 5);
// @ts-expect-error not a list
dict.llen('limit');

const keys = dict.keys({ prefix: 'user:' });
expectType<Same<typeof keys, DictIterator<'flags' | 'limit' | 'total' | 'jobs' | `user:${string}`>>>();
for (const [key, value] of dict) if (key === 'limit') is<number>(value);
is<string>(dict.name);
is<number>(dict.size + dict.stats().hits + dict.deletePrefix('user:', { max: 5 }));
dict.close();
