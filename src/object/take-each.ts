// Iterators over what waits get: the jobs of a queue, the messages of a ring.
import { AbortController } from '../addon/intrinsics.js';

type Taken<T> = AsyncGenerator<T, void, undefined>;

/**
 * Yields what `take` resolves to, until that is null. Ending the iterator, as `destroy` of a stream over it does, ends the wait in
 * progress: otherwise that would take a job or message that no caller gets.
 */
export function takeEach<T>(take: (signal: AbortSignal) => Promise<T | null>): Taken<T> {
  const end = new AbortController();
  const taken = eachOf(take, end.signal);
  const { return: finish, throw: fail } = taken;
  taken.return = (value): ReturnType<Taken<T>['return']> => {
    end.abort();
    return finish.call(taken, value);
  };
  taken.throw = (error): ReturnType<Taken<T>['throw']> => {
    end.abort();
    return fail.call(taken, error);
  };
  return taken;
}

async function* eachOf<T>(take: (signal: AbortSignal) => Promise<T | null>, signal: AbortSignal): Taken<T> {
  for (;;) {
    const taken = await take(signal).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (taken === null) return;
    yield taken;
  }
}
