import test, { type ExecutionContext } from 'ava';
import { ShmSessionStore } from 'shmkit/express-session';
import { makeDict } from '../support/dict';

type Session = { user: string; cookie: { expires: Date | null } };

function makeStore(t: ExecutionContext<unknown>) {
  const dict = makeDict(t);
  const store = new ShmSessionStore(dict, { ttl: 100 });
  return {
    dict,
    store,
    get: (id: string) => called<Session | null>((done) => store.get(id, done)),
    set: (id: string, session: Session) => called((done) => store.set(id, session, done)),
    touch: (id: string, session: Session) => called((done) => store.touch(id, session, done)),
  };
}

/** Returns whether that many seconds are left, but for what the test itself took. */
function isNear(left: number | undefined, seconds: number): boolean {
  return left !== undefined && left <= seconds + 0.01 && left > seconds - 20;
}

/** Returns what a call hands to its callback, or rejects with the error. */
function called<Result>(call: (done: (error: unknown, result?: Result) => void) => void): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    call((error, result) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}

function sessionOf(expires: Date | null): Session {
  return { user: 'ann', cookie: { expires } };
}

test('session store: lives until the cookie expires, or for its default time', async (t) => {
  const { dict, get, set } = makeStore(t);
  await set('a', sessionOf(new Date(Date.now() + 30_000)));
  await set('b', sessionOf(null));
  t.true(isNear(dict.ttl('sess:a'), 30));
  t.true(isNear(dict.ttl('sess:b'), 100));
  t.is((await get('a'))?.user, 'ann');
  await set('a', sessionOf(new Date(Date.now() - 1)));
  t.is(await get('a'), null);
});

test('session store: touch moves the expiry and creates no session', async (t) => {
  const { dict, set, touch } = makeStore(t);
  const later = sessionOf(new Date(Date.now() + 60_000));
  await set('a', sessionOf(null));
  await touch('a', later);
  await touch('b', later);
  t.true(isNear(dict.ttl('sess:a'), 60));
  t.deepEqual([...dict.keys()], ['sess:a']);
});

test('session store: touch moves the expiry of the cookie, and of no value of another program', async (t) => {
  const { dict, get, set, touch } = makeStore(t);
  await set('a', { ...sessionOf(new Date(Date.now() + 1000)), user: 'ben' });
  const expires = new Date(Date.now() + 60_000);
  await touch('a', { ...sessionOf(expires), user: 'not written' });
  t.deepEqual(JSON.parse(JSON.stringify(await get('a'))), { user: 'ben', cookie: { expires: expires.toISOString() } });
  dict.set('sess:b', 'a text');
  await t.throwsAsync(touch('b', sessionOf(expires)));
  await touch('a', sessionOf(new Date(Date.now() - 1)));
  t.is(await get('a'), null);
});

test('session store: touch keeps a session that has no room for the new cookie', async (t) => {
  const dict = makeDict(t, { size: '64kb' });
  const store = new ShmSessionStore(dict);
  const long = { cookie: { expires: new Date(Date.now() + 60_000), path: `/${'x'.repeat(5000)}` } };
  await called((done) => store.set('a', { cookie: { expires: null } }, done));
  t.throws(() => { for (let n = 0; ; n += 1) dict.set(`filler-${n}`, 'x'.repeat(1000)); }, { code: 'ERR_SHM_FULL' });
  await called((done) => store.touch('a', long, done));
  t.true(isNear(dict.ttl('sess:a'), 60));
});

test('session store: lists and clears its sessions only', async (t) => {
  const { dict, store, set } = makeStore(t);
  dict.set('other', 1);
  await set('a', sessionOf(null));
  await set('b', sessionOf(null));
  const ids = await called<string[]>((done) => store.ids(done));
  t.deepEqual(ids?.toSorted(), ['a', 'b']);
  t.is(await called<number>((done) => store.length(done)), 2);
  await called((done) => store.clear(done));
  t.deepEqual([...dict.keys()], ['other']);
});

test('session store: hands errors to the callback, on a later turn', async (t) => {
  const { dict, store } = makeStore(t);
  dict.close();
  const order: string[] = [];
  await new Promise<void>((done) => {
    store.get('a', ({ code }) => {
      order.push(code);
      done();
    });
    order.push('returned');
  });
  t.deepEqual(order, ['returned', 'ERR_SHM_CLOSED']);
});
