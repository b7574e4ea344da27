import { cacheLife, cacheTag } from 'next/cache';
import { connection } from 'next/server';
import { Suspense } from 'react';

// Cached by the handler in `cacheHandlers`, for all servers.
async function getNews(id) {
  'use cache';
  cacheTag('news');
  cacheLife('hours');
  return { id, stamp: crypto.randomUUID(), by: process.pid };
}

async function News() {
  await connection();
  const { stamp, by } = await getNews('today');
  return <p id="news" data-stamp={stamp}>{`News ${stamp}, made by process ${by}`}</p>;
}

export default function Page() {
  return (
    <main>
      <h1>News</h1>
      <Suspense fallback={<p>loading</p>}>
        <News />
      </Suspense>
    </main>
  );
}
