// Which loads wait for which: a loader that waits for its own key, through whatever other keys and dictionaries, would wait
// for ever. All copies of the package in a thread share the graph, because their loads wait for each other.
import { AsyncLocalStorage } from 'node:async_hooks';

/** A load, as a node of the graph. */
export interface LoadNode {
  /** The loads that it waits for, with the number of waits. */
  readonly waitsFor: Map<LoadNode, number>;
  /** Whether its loader has ended, so that nothing can wait for it any more. */
  hasEnded: boolean;
}

/** What the copies share. Its name has a number that rises with each change of this type. */
interface Chains {
  /** The load whose loader is running, in the asynchronous context of the caller. */
  readonly running: AsyncLocalStorage<LoadNode>;
  /** The loads whose loaders are running, by segment and key. */
  readonly holders: Map<string, LoadNode>;
  /** The number of loaders that are running. */
  loaders: number;
}

const NAME = Symbol.for('shmkit.loads.1');
const chains = sharedChains();

function sharedChains(): Chains {
  const found = (globalThis as { [NAME]?: Chains })[NAME];
  if (found !== undefined) return found;
  const made: Chains = { running: new AsyncLocalStorage(), holders: new Map(), loaders: 0 };
  // A program may have frozen its global object: then each copy knows its own loads only.
  Reflect.defineProperty(globalThis, NAME, { value: made });
  return made;
}

export function makeNode(): LoadNode {
  return { waitsFor: new Map(), hasEnded: false };
}

/** Runs the loader of a key, of which the caller has the lease: the waits that begin in it belong to this load. */
export async function runLoader(node: LoadNode, segment: string, key: string, loader: () => unknown): Promise<unknown> {
  const { running, holders } = chains;
  const name = nameOf(segment, key);
  holders.set(name, node);
  chains.loaders += 1;
  try {
    return await running.run(node, loader);
  } finally {
    node.hasEnded = true;
    if (holders.get(name) === node) holders.delete(name);
    // Following contexts costs every program that uses promises a little time.
    chains.loaders -= 1;
    if (chains.loaders === 0) running.disable();
  }
}

/** Returns the load whose loader is running for a key, of whatever copy of the package. */
export function holderOf(segment: string, key: string): LoadNode | undefined {
  return chains.holders.get(nameOf(segment, key));
}

function nameOf(segment: string, key: string): string {
  return `${segment} ${key}`;
}

/** Returns whether a load waits for the other one, also through others, or is the same. */
export function reaches(node: LoadNode, target: LoadNode): boolean {
  const seen = new Set<LoadNode>([node]);
  for (const one of seen) {
    if (one === target) return true;
    for (const next of one.waitsFor.keys()) seen.add(next);
  }
  return false;
}

/** Records that a load waits for another one. Returns a function that ends that. */
export function waitFor({ waitsFor }: LoadNode, other: LoadNode): () => void {
  waitsFor.set(other, (waitsFor.get(other) ?? 0) + 1);
  return () => {
    const left = (waitsFor.get(other) ?? 1) - 1;
    if (left > 0) waitsFor.set(other, left);
    else waitsFor.delete(other);
  };
}

/** Returns the load whose loader the caller is part of; `undefined` if there is none, or it has ended. */
export function currentNode(): LoadNode | undefined {
  const node = chains.running.getStore();
  return node === undefined || node.hasEnded ? undefined : node;
}
