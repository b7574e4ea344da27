// Both caches of Next.js in shared memory.
module.exports = {
  cacheHandler: require.resolve('shmkit/next'), // pages, route handlers, fetches, images
  cacheMaxMemorySize: 0, // no copies in each process
  cacheComponents: true,
  partialPrefetching: false,
  cacheHandlers: { default: require.resolve('shmkit/next-use-cache') }, // 'use cache'
};
