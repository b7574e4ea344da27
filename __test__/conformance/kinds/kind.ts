// What the conformance suite needs to know of a kind of named object.
import type { DirectoryOptions, ListedObject, NamedObject, PruneOptions, ShmErrorCode } from 'shmkit';

/** Options of `create`, `open` and `openOrCreate`, those of one kind among them. */
export interface Options {
  dir?: string | undefined;
  mode?: number | undefined;
  persist?: boolean | undefined;
  readOnly?: boolean | undefined;
  replace?: boolean | undefined;
  trustUids?: number[] | 'any' | undefined;
  [own: string]: unknown;
}

/** The static methods that all classes have with the same arguments. */
export interface NamedClass extends Function {
  unlink(name: string, options?: DirectoryOptions): boolean;
  prune(options?: PruneOptions): string[];
  list(options?: DirectoryOptions): ListedObject[];
}

/** A method or property of an object, by its own name, used in the ordinary way. */
export interface Use<Subject> {
  readonly name: string;
  readonly call: (object: Subject) => unknown;
  /** Whether a read-only handle refuses it. */
  readonly changes: boolean;
}

/** A difference between the options that an object was made with and those that `openOrCreate` asks for. */
export interface Mismatch {
  readonly made: Options;
  readonly asked: Options;
  /** What the error names. */
  readonly fields: readonly string[];
}

/** One row of the table. */
export interface Kind<Subject extends NamedObject = NamedObject> {
  readonly title: string;
  readonly Class: NamedClass;
  /** What the name of a file begins with; the object's name follows. */
  readonly prefix: string;
  readonly create: (name: string, options?: Options) => Subject;
  readonly open: (name: string, options?: Options) => Subject;
  /** Absent if the kind has none, by contract. */
  readonly openOrCreate?: (name: string, options?: Options) => Subject;
  /** Whether `create` chooses a name if it gets none, and `open` takes what `share` returned, by contract. */
  readonly canBeAnonymous: boolean;
  /** Whether an object can become larger, so that a file that is longer than it must be is no damage. */
  readonly canGrow: boolean;
  /** Whether `create` takes `replace`, by contract. */
  readonly canReplace: boolean;
  /** Changes the state for good: `isWritten` of every handle tells, also after the writer's death. */
  readonly write: (object: Subject) => void | Promise<void>;
  /** Returns whether `write` was called on the object before. */
  readonly isWritten: (object: Subject) => boolean | Promise<boolean>;
  /** What a read-only handle sees of a change; absent if the kind has nothing to read. */
  readonly seen?: {
    readonly change: (object: Subject) => void;
    readonly isSeen: (reader: Subject) => boolean;
  };
  /** Members of a line of `list` besides those of every kind, after one `write`. */
  readonly listed: Record<string, unknown>;
  /** Bytes that `list` gives as the size of a new object. */
  readonly listedSize: (fileBytes: number) => number;
  /** Every method and property of its own. */
  readonly uses: ReadonlyArray<Use<Subject>>;
  /** Those of them that a closed handle allows, by contract. */
  readonly allowedWhenClosed: readonly string[];
  /** Starts to wait for what never comes; absent if the kind has nothing to wait for. */
  readonly wait?: (object: Subject) => Promise<unknown>;
  readonly mismatches: readonly Mismatch[];
  /** Options of `create` that are refused, besides those that every kind refuses. */
  readonly refused: readonly unknown[];
}

/** Takes a row for one kind as a row for any. */
export function defineKind<Subject extends NamedObject>(kind: Kind<Subject>): Kind {
  return kind as unknown as Kind;
}

/** A use that reads. */
export function reads<Subject>(name: string, call: (object: Subject) => unknown): Use<Subject> {
  return { name, call, changes: false };
}

/** A use that changes something. */
export function changes<Subject>(name: string, call: (object: Subject) => unknown): Use<Subject> {
  return { name, call, changes: true };
}

/** Returns the code of the error that a call throws or rejects with; undefined if it does neither. */
export async function codeOf(call: () => unknown): Promise<ShmErrorCode | string | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
