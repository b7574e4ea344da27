import { randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { createCacheHandler } from 'shmkit/next';
import { createCacheHandlers } from 'shmkit/next-use-cache';
import { SharedDict } from 'shmkit';

/** Returns options for two servers of one application, whose dictionaries are removed when the test ends. */
function options(t: ExecutionContext<unknown>): { name: string; size: '1mb' } {
  const name = `test-next-${process.pid}-${randomBytes(4).toString('hex')}`;
  t.teardown(() => {
    for (const each of [name, `${name}-tags`]) SharedDict.unlink(each);
  });
  return { name, size: '1mb' };
}

function page(tags: string) {
  return { kind: 'APP_PAGE', html: '<p>', rscData: Buffer.from('rsc'), headers: { 'x-next-cache-tags': tags }, segmentData: new Map([['/a', Buffer.from('s')]]) };
}

test('Next.js cacheHandler: another server reads a page until a tag is revalidated', async (t) => {
  const shared = options(t);
  const [one, other] = [new (createCacheHandler(shared))(), new (createCacheHandler(shared))()];
  await one.set('/a', page('x,y'), { cacheControl: { revalidate: false } });
  const found = await other.get('/a', { kind: 'APP_PAGE' });
  t.deepEqual(found.value, page('x,y'));
  t.true(Buffer.isBuffer(found.value.rscData));
  t.deepEqual(found.cacheControl, { revalidate: false });
  await other.revalidateTag('z');
  t.not(await one.get('/a', { kind: 'APP_PAGE' }), null);
  await other.revalidateTag(['y']);
  t.is(await one.get('/a', { kind: 'APP_PAGE' }), null);
});

test('Next.js cacheHandler: with durations a page is stale at once, and still served', async (t) => {
  const handler = new (createCacheHandler(options(t)))();
  await handler.set('/a', page('x'), { cacheControl: { revalidate: 3600 } });
  await handler.revalidateTag('x', { expire: 1000 });
  const { lastModified, cacheControl } = await handler.get('/a', { kind: 'APP_PAGE' });
  t.true(lastModified + cacheControl.revalidate * 1000 < Date.now());
});

test('Next.js cacheHandler: null removes, and soft tags outdate a fetch', async (t) => {
  const handler = new (createCacheHandler(options(t)))();
  const value = { kind: 'FETCH', data: { body: 'x' }, tags: ['a'], revalidate: 60 };
  await handler.set('f', value, { fetchCache: true, tags: ['a'] });
  t.deepEqual((await handler.get('f', { kind: 'FETCH' })).value, value);
  await handler.revalidateTag('path');
  t.is(await handler.get('f', { kind: 'FETCH', softTags: ['path'] }), null);
  await handler.set('f', null, { kind: 'FETCH', fetchCache: true });
  t.is(await handler.get('f', { kind: 'FETCH' }), null);
});

function entry(text: string, times: object = {}) {
  const value = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
  return { value, tags: ['x'], stale: 0, timestamp: Date.now(), expire: 1000, revalidate: 500, ...times };
}

test("Next.js 'use cache': each get has a stream of its own, in another server too", async (t) => {
  const shared = options(t);
  const [one, other] = [createCacheHandlers(shared), createCacheHandlers(shared)];
  const storing = one.set('k', Promise.resolve(entry('hello')));
  for (const handler of [one, one]) t.is(await new Response((await handler.get('k', [])).value).text(), 'hello');
  await storing;
  t.is(await new Response((await other.get('k', [])).value).text(), 'hello');
});

test("Next.js 'use cache': tags make entries stale or remove them, and tell when", async (t) => {
  const shared = options(t);
  const [one, other] = [createCacheHandlers(shared), createCacheHandlers(shared)];
  await one.set('k', Promise.resolve(entry('hello', { timestamp: Date.now() - 10 })));
  await other.updateTags(['x'], { expire: 1000 });
  t.is((await one.get('k', [])).revalidate, -1);
  t.is(await one.getExpiration(['unknown']), 0);
  await other.updateTags(['soft']);
  t.true(Math.abs((await one.getExpiration(['soft'])) - Date.now()) < 60_000);
  t.is(await one.get('k', ['soft']), undefined);
});

test("Next.js 'use cache': a failed stream, and an entry that is due, are not cached", async (t) => {
  const handler = createCacheHandlers(options(t));
  await handler.set('a', Promise.resolve(entry('', { value: new ReadableStream({ start: (controller) => controller.error(new Error('broken')) }) })));
  await handler.set('b', Promise.resolve(entry('x', { expire: 0 })));
  await handler.set('c', Promise.resolve(entry('x', { revalidate: 1, timestamp: Date.now() - 2000 })));
  for (const key of ['a', 'b', 'c']) t.is(await handler.get(key, []), undefined, key);
});

test("Next.js 'use cache': a tag revalidated in the same ms outdates what was begun before", async (t) => {
  const shared = options(t);
  const [one, other] = [createCacheHandlers(shared), createCacheHandlers(shared)];
  for (let round = 0; round < 100; round += 1) {
    // As Next.js takes the time.
    await one.set('k', Promise.resolve(entry('old', { timestamp: performance.timeOrigin + performance.now() })));
    await other.updateTags(['x']);
    t.is(await one.get('k', []), undefined, `${round}`);
  }
});

test("Next.js 'use cache': a set that fails leaves what is there, perhaps from another server", async (t) => {
  const shared = options(t);
  const [one, other] = [createCacheHandlers(shared), createCacheHandlers(shared)];
  await other.set('k', Promise.resolve(entry('good')));
  await one.set('k', Promise.reject(new Error('of the render')));
  const half = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('half')), pull: (controller) => controller.error(new Error('broken')) });
  await one.set('k', Promise.resolve(entry('', { value: half })));
  for (const handler of [one, other]) t.is(await new Response((await handler.get('k', [])).value).text(), 'good');
});

test("Next.js 'use cache': what does not fit is not cached, nor is the entry before it", async (t) => {
  const handler = createCacheHandlers(options(t));
  await handler.set('k', Promise.resolve(entry('small')));
  await handler.set('k', Promise.resolve(entry('x'.repeat(2_000_000))));
  t.is(await handler.get('k', []), undefined);
});

test('Next.js cacheHandler: null removes a fetch, of which the context alone tells', async (t) => {
  const handler = new (createCacheHandler(options(t)))();
  const fetched = { kind: 'FETCH', data: { body: 'x' }, revalidate: 10 };
  await handler.set('k', fetched, { fetchCache: true });
  t.deepEqual((await handler.get('k', { kind: 'FETCH' }))?.value, fetched);
  await handler.set('k', null, { fetchCache: true });
  t.is(await handler.get('k', { kind: 'FETCH' }), null);
});

test('Next.js handlers: the value of another program is a miss, and is written over', async (t) => {
  const shared = options(t);
  const dict = SharedDict.openOrCreate(shared.name, { size: shared.size, onFull: 'evict' });
  t.teardown(() => dict.close());
  const [pages, functions] = [new (createCacheHandler(shared))(), createCacheHandlers(shared)];
  for (const foreign of ['a text', 7, { tags: 7 }, { tags: [] }, { tags: ['a'], value: null }]) {
    dict.set('page::/a', foreign);
    dict.set('use-cache:a', foreign);
    t.is(await pages.get('/a', { kind: 'APP_PAGE' }), null);
    t.is(await functions.get('a', []), undefined);
  }
  dict.delete('page::/a');
  dict.rpush('page::/a', 'an item');
  t.is(await pages.get('/a', { kind: 'APP_PAGE' }), null);
  await pages.set('/a', page('x'), {});
  t.deepEqual((await pages.get('/a', { kind: 'APP_PAGE' })).value, page('x'));
});

test('Next.js handlers: a server that is configured with another size shares what is there', async (t) => {
  const shared = options(t);
  const [one, other] = [new (createCacheHandler(shared))(), new (createCacheHandler({ ...shared, size: '2mb' }))()];
  await one.set('/a', page('x'), {});
  t.deepEqual((await other.get('/a', { kind: 'APP_PAGE' })).value, page('x'));
});
