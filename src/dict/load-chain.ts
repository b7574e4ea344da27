// Which loads wait for which: a loader that waits for its own key, through whatever other keys and dictionaries, would wait
// for ever.
import { AsyncLocalStorage } from 'node:async_hooks';

/** The load whose loader is running, in the asynchronous context of the caller. */
const running = new AsyncLocalStorage<LoadNode>();
let loaders = 0;

/** A load, as a node in the graph of waits. */
export class LoadNode {
  /** The loads that its loader waits for, with the number of waits. */
  readonly #waitsFor = new Map<LoadNode, number>();
  /** Whether its loader has ended, so that nothing can wait for it any more. */
  #hasEnded = false;

  /** Runs the loader: the waits that begin in it belong to this load. */
  async run(loader: () => unknown): Promise<unknown> {
    loaders += 1;
    try {
      return await running.run(this, loader);
    } finally {
      this.#hasEnded = true;
      loaders -= 1;
      // Following contexts costs every program that uses promises a little time.
      if (loaders === 0) running.disable();
    }
  }

  reaches(target: LoadNode): boolean {
    const seen = new Set<LoadNode>([this]);
    for (const node of seen) {
      if (node === target) return true;
      for (const next of node.#waitsFor.keys()) seen.add(next);
    }
    return false;
  }

  /** Records that this load waits for another one. Returns a function that ends that. */
  waitFor(other: LoadNode): () => void {
    const waits = this.#waitsFor;
    waits.set(other, (waits.get(other) ?? 0) + 1);
    return () => {
      const left = (waits.get(other) ?? 1) - 1;
      if (left > 0) waits.set(other, left);
      else waits.delete(other);
    };
  }

  /** Returns the load whose loader the caller is part of; `undefined` if there is none, or it has ended. */
  static get current(): LoadNode | undefined {
    const node = running.getStore();
    return node === undefined || node.#hasEnded ? undefined : node;
  }
}
