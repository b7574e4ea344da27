// The addon's part of every kind of named objects. The comments are in crates/node/src/objects/lifecycle.rs.
import type { HandleId } from '../addon/native.js';
import type { ListedObject } from './named-types.js';

/** Options after checking, in base units: those that all kinds have. */
export interface NativeOptions {
  dir?: string | undefined;
  trustUids?: readonly number[] | undefined;
  readOnly?: boolean | undefined;
  persist?: boolean | undefined;
  replace?: boolean | undefined;
  mode?: number | undefined;
}

/** A new handle. */
export interface Opened {
  readonly id: HandleId;
  readonly path: string;
  readonly segment: string;
  readonly owner: boolean;
  readonly readOnly: boolean;
}

/** A line of a list, with the one count that each kind has, which each calls by another name. */
export interface NativeListed extends ListedObject {
  entries: number;
}

/** What every kind has; `Options` are those of making one. */
export interface NativeKind<Options extends NativeOptions = NativeOptions> {
  create(name: string, options: Options): Opened;
  open(name: string, options: NativeOptions): Opened;
  openOrCreate(name: string, options: Options): Opened;
  close(handle: HandleId): void;
  unlink(name: string, dir?: string): boolean;
  prune(dir?: string): string[];
  list(dir?: string): NativeListed[];
}
