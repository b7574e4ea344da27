import { SharedDict, type Entry, type IncrDetail, type StaleValue, type ValueType } from 'shmkit';
import { expectType, is, type Same } from './expect.test-d.js';

interface User {
  name: string;
}

// Opening

const dict: SharedDict = SharedDict.create('name', 65_536);
const users: SharedDict<User> = SharedDict.create<User>('name', { size: '64mb', onFull: 'evict' });
SharedDict.create('name', '64mb');
SharedDict.open('name');
SharedDict.open<User>('name', { readOnly: true, dir: '/tmp', lockTimeout: 0.5 });
SharedDict.openOrCreate('name', { size: 1024, persist: true });
SharedDict.openOrCreate('name');
SharedDict.openOrCreate('name', '1gb');
// @ts-expect-error create needs a size
SharedDict.create('name');
// @ts-expect-error create needs a size in its options
SharedDict.create('name', { persist: true });
// @ts-expect-error only create and openOrCreate take a size
SharedDict.open('name', { size: 1024 });
// @ts-expect-error no such policy
SharedDict.create('name', { size: 1024, onFull: 'panic' });
// @ts-expect-error a name is a string
SharedDict.open(5);
// @ts-expect-error not a codec
SharedDict.open('name', { codec: 'xml' });
// @ts-expect-error the constructor is not for users
is<unknown>(new SharedDict());

// Reading

expectType<Same<ReturnType<typeof dict.get>, unknown>>();
const user = users.get('a');
expectType<Same<typeof user, User | undefined>>();
expectType<Same<ReturnType<typeof users.getEntry>, Entry<User> | undefined>>();
expectType<Same<ReturnType<typeof users.getStale>, StaleValue<User> | undefined>>();
expectType<Same<ReturnType<typeof users.ttl>, number | undefined>>();
expectType<Same<ReturnType<typeof users.getInto>, number>>();
users.getInto('a', Buffer.alloc(8), 4);
// @ts-expect-error the buffer is one of bytes
users.getInto('a', new Float64Array(8));
// @ts-expect-error a key is a string
users.get(1);

// Writing

expectType<Same<ReturnType<typeof users.set>, boolean>>();
users.set('a', { name: 'x' });
users.set('a', { name: 'x' }, 60);
users.set('a', { name: 'x' }, { ttl: 60, ifAbsent: true });
users.set('a', { name: 'x' }, { ifVersion: 5n, keepTtl: true });
users.add('a', { name: 'x' }, 60);
users.replace('a', { name: 'x' }, { ttl: 60 });
users.swap('a', { name: 'x' }, { keepTtl: true });
users.delete('a', { ifVersion: 5n });
users.expire('a', 60);
is<boolean>(users.expire('a', { expiresAt: new Date() }));
is<boolean>(users.persist('a'));
is<User | undefined>(users.getAndExpire('a', { ttl: 60 }));
is<ValueType | undefined>(users.type('a'));
is<number | undefined>(users.sizeOf('a'));
// @ts-expect-error no such option
users.set('a', { name: 'x' }, { ex: 60 });
// @ts-expect-error not a user
users.set('a', { title: 'x' });
// @ts-expect-error a version is a bigint
users.set('a', { name: 'x' }, { ifVersion: 5 });
// @ts-expect-error add has its own condition
users.add('a', { name: 'x' }, { ifPresent: true });
// @ts-expect-error expire needs its TTL
users.expire('a');
// @ts-expect-error a TTL is a number
users.set('a', { name: 'x' }, '60');

// Counting

is<number | undefined>(dict.incr('n', 1));
is<IncrDetail | undefined>(dict.incr('n', 1, { detail: true }));
is<IncrDetail>(dict.incr('n', 1, { init: 0, detail: true }));
is<IncrDetail<bigint>>(dict.incr('n', 1n, { init: 0n, detail: true }));
is<number>(dict.incr('n', 1, { init: 0, initTtl: 60 }));
is<number>(dict.incr('n', undefined, { init: 0 }));
is<bigint | undefined>(dict.incr('n', 1n, 60));
is<bigint>(dict.incr('n', 1n, { init: 0n }));
is<number | bigint | undefined>(dict.incr('n'));
// @ts-expect-error numbers and bigints do not mix
dict.incr('n', 1, { init: 0n });
// @ts-expect-error a delta is a number or a bigint
dict.incr('n', '1');

// Iterating

for (const [key, value] of users) expectType<Same<[typeof key, typeof value], [string, User]>>();
is<string[]>([...users.keys({ prefix: 'a' })]);
is<User[]>([...users.values()]);
is<Map<string, User>>(new Map(users));
users.forEach((value, key, owner) => expectType<Same<[typeof value, typeof key, typeof owner], [User, string, SharedDict<User>]>>());
// @ts-expect-error a prefix is a string
users.keys({ prefix: 5 });

// Updating, several keys, lists

is<User | undefined>(users.update('a', (old) => (old ? { ...old, name: 'y' } : undefined), { keepTtl: true }));
// @ts-expect-error the function must not be asynchronous
users.update('a', async () => ({ name: 'x' }));
is<Map<string, User>>(users.getMany(new Set(['a', 'b'])));
is<number>(users.setMany(new Map([['a', { name: 'x' }]]), 60) + users.deleteMany(['a']));
// @ts-expect-error pairs of key and value
users.setMany(['a']);
is<string | number | Buffer | undefined>(users.lpop('l'));
is<Array<string | number | Buffer>>(users.lrange('l', 0, -1));
users.rpush('l', new Uint8Array(1));
// @ts-expect-error a list holds strings, numbers and bytes
users.rpush('l', { name: 'x' });

// Loading

is<Promise<User>>(users.getOrSet('a', async (key) => ({ name: key }), { ttl: 60, staleFor: 5, timeout: 1, signal: AbortSignal.timeout(5) }));
users.getOrSet('a', () => ({ name: 'x' }));
// @ts-expect-error the loader returns a user
users.getOrSet('a', () => 5, { ttl: 60 });

// Statistics and closing

is<{ ok: boolean; problems: string[] }>(users.verify());
is<number>(users.stats().perClass.reduce((sum, { used: blocks }) => sum + blocks, users.stats().used));
is<Array<{ name: string; processes: number[]; stale: boolean }>>(SharedDict.list({ dir: '/tmp' }));
is<string[]>(SharedDict.prune());
is<boolean>(SharedDict.unlink('name'));
// @ts-expect-error properties are read-only
users.name = 'other';
{
  using scoped = SharedDict.open('name');
  scoped.close();
}
