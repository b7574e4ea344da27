// The addon's functions that every kind of named objects has. They are documented in crates/node/src/objects/lifecycle.rs.
import type { HandleId } from '../addon/native.js';
import type { TrustedUids } from '../types.js';
import type { ListedObject } from './named-types.js';

/** Checked options that all kinds have, in base units. */
export interface NativeOptions {
  dir?: string | undefined;
  /** Of `prune` alone. */
  prefix?: string | undefined;
  trustUids?: TrustedUids | undefined;
  lock?: boolean | undefined;
  readOnly?: boolean | undefined;
  persist?: boolean | undefined;
  replace?: boolean | undefined;
  onMismatch?: 'error' | 'open' | 'replace' | undefined;
  mode?: number | undefined;
}

/** The description of a new handle. */
export interface Opened {
  readonly id: HandleId;
  /** The kind's part of file names. */
  readonly kind: string;
  readonly path: string;
  readonly segment: string;
  readonly owner: boolean;
  readonly readOnly: boolean;
}

/** A listed object. Each kind has one count, for which it has its own name. */
export interface NativeListed extends ListedObject {
  entries: number;
  /** Only of objects that grow. */
  maxSize?: number;
}

/** The functions that every kind has. `Options` are those of `create` and `openOrCreate`. */
export interface NativeKind<Options extends NativeOptions = NativeOptions> {
  create(name: string, options: Options): Opened;
  open(name: string, options: NativeOptions): Opened;
  openOrCreate(name: string, options: Options): Opened;
  close(handle: HandleId): void;
  unlink(name: string, options: NativeOptions): boolean;
  prune(options: NativeOptions & { force?: boolean | undefined }): string[];
  list(options: NativeOptions): NativeListed[];
}
