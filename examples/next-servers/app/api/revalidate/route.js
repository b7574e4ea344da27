import { revalidateTag } from 'next/cache';

export async function POST(request) {
  const tag = new URL(request.url).searchParams.get('tag') ?? 'news';
  revalidateTag(tag, { expire: 0 });
  return Response.json({ revalidated: tag, by: process.pid });
}
