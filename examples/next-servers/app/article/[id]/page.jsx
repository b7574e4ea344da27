import { cacheLife, cacheTag } from 'next/cache';

// A whole page that is rendered at the first request, and kept by `cacheHandler`.
export async function generateStaticParams() {
  return [{ id: 'first' }];
}

export default async function Article({ params }) {
  'use cache';
  cacheTag('articles');
  cacheLife('days');
  const { id } = await params;
  return <p id="article" data-stamp={crypto.randomUUID()}>{`Article ${id}, rendered by process ${process.pid}`}</p>;
}
