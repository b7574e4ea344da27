// The kinds of objects as the command line shows them.
import type { ListedChannel, ListedDict, ListedLocks, ListedMutex, ListedObject, ListedQueue, ListedRing, ListedSemaphore } from 'shmkit';
import { api } from './api.js';
import { no, usage } from './failure.js';
import { compareText, inOrder } from './order.js';
import type { Shell } from './shell.js';

/** The static methods that the kinds share. */
interface ObjectClass {
  list(options?: object): ListedObject[];
  unlink(name: string, options?: object): boolean;
  prune(options?: object): string[];
}

export interface Kind {
  readonly name: string;
  readonly Class: () => ObjectClass;
  /** Returns the number in the column "entries", if the kind has one. */
  readonly entries: (listed: ListedObject) => number | undefined;
  /** What that number counts. */
  readonly counts: string;
}

/** An object with its kind. */
export interface Found extends ListedObject {
  readonly kind: Kind;
}

const KINDS: readonly Kind[] = [
  { name: 'channel', Class: () => api().SharedChannel, entries: (listed) => (listed as ListedChannel).messages, counts: 'messages' },
  { name: 'dict', Class: () => api().SharedDict, entries: (listed) => (listed as ListedDict).entries, counts: 'entries' },
  { name: 'locks', Class: () => api().SharedLocks, entries: (listed) => (listed as ListedLocks).requests, counts: 'requests' },
  { name: 'mutex', Class: () => api().SharedMutex, entries: (listed) => Number((listed as ListedMutex).locked), counts: 'owners' },
  { name: 'queue', Class: () => api().SharedQueue, entries: (listed) => (listed as ListedQueue).jobs, counts: 'jobs' },
  { name: 'ring', Class: () => api().SharedRing, entries: (listed) => (listed as ListedRing).messages, counts: 'messages' },
  { name: 'segment', Class: () => api().SharedSegment, entries: () => undefined, counts: '' },
  { name: 'semaphore', Class: () => api().SharedSemaphore, entries: (listed) => (listed as ListedSemaphore).value, counts: 'permits' },
];

/** Other words for kinds, as commands call them. */
const SHORT_NAMES: Record<string, string> = { lock: 'locks', sem: 'semaphore' };

export const KIND_NAMES = KINDS.map(({ name }) => name);

/** Returns the kinds that a comma-separated list names; by default all. */
export function kindsOf(list: string | undefined): readonly Kind[] {
  if (list === undefined) return KINDS;
  return list.split(',').map((name) => {
    const kind = KINDS.find((each) => each.name === (SHORT_NAMES[name] ?? name));
    if (!kind) throw usage(`"${name}" is not a kind of objects. The kinds are ${KIND_NAMES.join(', ')}`);
    return kind;
  });
}

/** Returns all objects of these kinds, by kind and name. */
export function listAll(shell: Shell, kinds: readonly Kind[]): Found[] {
  return kinds.flatMap((kind) =>
    inOrder(
      kind.Class().list(shell.place).map((listed) => Object.assign(listed, { kind })),
      (a, b) => compareText(a.name, b.name),
    ),
  );
}

/** Returns the one object of a name. */
export function findOne(shell: Shell, name: string, kinds: readonly Kind[]): Found {
  const found = listAll(shell, kinds).filter((each) => each.name === name);
  const [first] = found;
  if (!first) throw no(`there is no object "${name}"`);
  if (found.length > 1) throw usage(`"${name}" is the name of several objects: choose with --kind ${found.map(({ kind }) => kind.name).join(' or --kind ')}`);
  return first;
}
