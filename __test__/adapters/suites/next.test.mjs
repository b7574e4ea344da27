// The handlers of Next.js by the calls that Next.js makes. The application in examples/next-servers runs them in it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedDict } from 'shmkit';
import { createCacheHandler } from 'shmkit/next';
import { createCacheHandlers } from 'shmkit/next-use-cache';

let names = 0;

/** Returns options for the servers of one application. */
function application(t, size = '4mb') {
  const name = `adapters-next-calls-${process.pid}-${(names += 1)}`;
  t.after(() => {
    for (const each of [name, `${name}-tags`]) SharedDict.unlink(each);
  });
  return { name, size };
}

/** What Next.js stores, of each kind. */
const VALUES = {
  APP_PAGE: { kind: 'APP_PAGE', html: '<p>', rscData: Buffer.from([0, 255]), headers: { 'x-next-cache-tags': 'a,_N_T_/a' }, postponed: undefined, status: 200, segmentData: new Map([['/_tree', Buffer.from('tree')]]) },
  APP_ROUTE: { kind: 'APP_ROUTE', body: Buffer.from([1, 2]), status: 200, headers: { 'content-type': 'text/plain', 'x-next-cache-tags': 'a' } },
  PAGES: { kind: 'PAGES', html: '<p>', pageData: { props: { at: 1 } }, headers: undefined, status: 200 },
  REDIRECT: { kind: 'REDIRECT', props: { pageProps: {} } },
  IMAGE: { kind: 'IMAGE', buffer: Buffer.from([3]), etag: 'e', extension: 'webp', upstreamEtag: 'u' },
  FETCH: { kind: 'FETCH', data: { headers: {}, body: 'aGk=', status: 200, url: 'http://localhost' }, tags: ['a'], revalidate: 60 },
};

for (const [kind, value] of Object.entries(VALUES)) {
  test(`Next.js cacheHandler: a value of kind ${kind} comes back as it was, in another server`, async (t) => {
    const options = application(t);
    const [one, other] = [new (createCacheHandler(options))({}), new (createCacheHandler(options))({})];
    const cacheControl = { revalidate: 60, expire: 600 };
    const key = `/a/${kind}/HASH/$/index`;
    assert.equal(await one.get(key, { kind }), null);
    await one.set(key, value, { kind, cacheControl, ...(kind === 'FETCH' && { fetchCache: true, tags: ['a'] }) });
    const found = await other.get(key, { kind, tags: [], softTags: [] });
    assert.deepEqual(found.value, value);
    assert.deepEqual(found.cacheControl, cacheControl);
    assert.ok(Math.abs(found.lastModified - Date.now()) < 60_000);
    await one.set(key, null, { kind });
    assert.equal(await other.get(key, { kind }), null);
  });
}

test('Next.js cacheHandler: a handler is made for each request, and keeps nothing', async (t) => {
  const Handler = createCacheHandler(application(t));
  await new Handler({ dev: false, serverDistDir: undefined }).set('/a', VALUES.PAGES, { kind: 'PAGES' });
  const handler = new Handler({});
  handler.resetRequestCache();
  assert.notEqual(await handler.get('/a', { kind: 'PAGES' }), null);
});

function page(tags) {
  return { ...VALUES.APP_PAGE, headers: { 'x-next-cache-tags': tags } };
}

test('Next.js cacheHandler: tags are revalidated one by one or together, also those of no entry', async (t) => {
  const handler = new (createCacheHandler(application(t)))({});
  for (const [key, tags] of [['/1', 'a,b'], ['/2', 'b,c'], ['/3', 'd']]) await handler.set(key, page(tags), { kind: 'APP_PAGE' });
  const left = async () => (await Promise.all(['/1', '/2', '/3'].map((key) => handler.get(key, { kind: 'APP_PAGE' })))).map((each) => each !== null);
  await handler.revalidateTag('none');
  assert.deepEqual(await left(), [true, true, true]);
  await handler.revalidateTag('c');
  assert.deepEqual(await left(), [true, false, true]);
  await handler.revalidateTag(['a', 'd']);
  assert.deepEqual(await left(), [false, false, false]);
});

test('Next.js cacheHandler: keys of any length and of other kinds are told apart', async (t) => {
  const handler = new (createCacheHandler(application(t)))({});
  const [long, longer] = ['x', 'y'].map((end) => 'k'.repeat(100_000) + end);
  await handler.set(long, VALUES.PAGES, { kind: 'PAGES' });
  assert.equal(await handler.get(longer, { kind: 'PAGES' }), null);
  assert.notEqual(await handler.get(long, { kind: 'PAGES' }), null);
  assert.equal(await handler.get(long, { kind: 'FETCH' }), null);
});

test('Next.js cacheHandler: a dictionary that is full gives way, and what is too large is not cached', async (t) => {
  const handler = new (createCacheHandler(application(t, '256kb')))({});
  const large = { ...VALUES.PAGES, html: 'x'.repeat(20_000) };
  for (let index = 0; index < 50; index += 1) await handler.set(`/${index}`, large, { kind: 'PAGES' });
  assert.notEqual(await handler.get('/49', { kind: 'PAGES' }), null);
  await handler.set('/49', { ...large, html: 'x'.repeat(1_000_000) }, { kind: 'PAGES' });
  assert.equal(await handler.get('/49', { kind: 'PAGES' }), null);
});

function streamOf(...chunks) {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
}

function entryOf(text, more) {
  return { value: streamOf(...text), tags: ['a'], stale: 30, timestamp: Date.now(), expire: 600, revalidate: 60, ...more };
}

async function textOf(entry) {
  return entry && new Response(entry.value).text();
}

test("Next.js 'use cache': an entry keeps its times, and a get waits for the set of its key", async (t) => {
  const options = application(t);
  const [one, other] = [createCacheHandlers(options), createCacheHandlers(options)];
  let resolve;
  const pending = new Promise((done) => {
    resolve = done;
  });
  const setting = one.set('k', pending);
  const getting = one.get('k', []);
  const entry = entryOf('abc');
  const { value: _, ...times } = entry;
  resolve(entry);
  assert.equal(await textOf(await getting), 'abc');
  await setting;
  const { value, ...found } = await other.get('k', []);
  assert.equal(await textOf({ value }), 'abc');
  assert.deepEqual(found, times);
});

for (const [title, step] of [['forward', 3_600_000], ['back', -3_600_000]]) {
  test(`Next.js handlers: a wall clock that is set ${title} neither outdates entries nor hides revalidations`, async (t) => {
    const options = application(t);
    const [functions, pages] = [createCacheHandlers(options), new (createCacheHandler(options))()];
    const now = Date.now;
    t.mock.method(Date, 'now', () => now() + step);
    const timestamp = performance.timeOrigin + performance.now();
    await functions.set('k', Promise.resolve(entryOf('a', { timestamp })));
    await pages.set('/a', { kind: 'APP_ROUTE', body: Buffer.from('a'), headers: { 'x-next-cache-tags': 'a' }, status: 200 }, {});
    assert.ok(Math.abs((await functions.get('k', [])).timestamp - timestamp) < 1);
    // Next.js compares it with its own time.
    const { lastModified } = await pages.get('/a', { kind: 'APP_ROUTE' });
    assert.ok(Math.abs(lastModified - (performance.timeOrigin + performance.now())) < 60_000);
    t.mock.restoreAll();
    await functions.updateTags(['a']);
    assert.ok(Math.abs((await functions.getExpiration(['a'])) - (performance.timeOrigin + performance.now())) < 60_000);
    assert.equal(await functions.get('k', []), undefined);
    assert.equal(await pages.get('/a', { kind: 'APP_ROUTE' }), null);
  });
}

test("Next.js 'use cache': entries for ever have no expiry, others leave shared memory with theirs", async (t) => {
  const options = application(t);
  const handler = createCacheHandlers(options);
  await handler.set('ever', Promise.resolve(entryOf('a', { expire: 0xfffffffe })));
  await handler.set('soon', Promise.resolve(entryOf('a', { expire: 100 })));
  const dict = SharedDict.open(options.name);
  t.after(() => dict.close());
  assert.equal(dict.ttl('use-cache:ever'), 0);
  assert.ok(dict.ttl('use-cache:soon') > 50);
});

test("Next.js 'use cache': a failed set leaves what was there, and rejects nothing that waits", async (t) => {
  const handler = createCacheHandlers(application(t));
  await handler.set('k', Promise.resolve(entryOf('a')));
  const failing = handler.set('k', Promise.reject(new Error('of the render'))).catch(() => {});
  assert.equal(await textOf(await handler.get('k', [])), 'a');
  await failing;
});

test("Next.js 'use cache': revalidation with a time leaves entries for the next reader, without one removes them", async (t) => {
  const options = application(t);
  const [one, other] = [createCacheHandlers(options), createCacheHandlers(options)];
  await one.refreshTags();
  const set = () => one.set('k', Promise.resolve(entryOf('a', { timestamp: Date.now() - 5 })));
  await set();
  await other.updateTags(['a'], { expire: 31_536_000 });
  assert.equal((await one.get('k', [])).revalidate, -1);
  await set();
  await other.updateTags(['a'], { expire: 0 });
  assert.equal(await one.get('k', []), undefined);
  assert.ok(Math.abs((await one.getExpiration(['a', 'unknown'])) - Date.now()) < 60_000);
});
