// Writes values of all encodings to one dictionary, through one handle for each codec.
import { api, type Dict } from './api.js';
import type { Loaded } from './dump-reader.js';
import type { Shell } from './shell.js';

/** A value that is already encoded. */
interface Encoded {
  readonly bytes: Uint8Array;
}

/** The most handles that are open at a time: a dump may name any number of codecs. */
const MOST_HANDLES = 16;

export class ValueWriter {
  readonly #shell: Shell;
  readonly #name: string;
  readonly #handles = new Map<string, Dict>();

  constructor(shell: Shell, name: string) {
    this.#shell = shell;
    this.#name = name;
  }

  /** Stores an entry in place of what the key holds. */
  write({ key, type, value, codec, ttl }: Loaded): void {
    const dict = this.#handleFor(type === 'json' ? 'json' : 'structured', codec);
    if (type === 'list') this.#writeList(dict, key, value as string[], ttl);
    else dict.set(key, codec === undefined ? value : ({ bytes: value } as Encoded), ttl);
  }

  close(): void {
    for (const dict of this.#handles.values()) dict.close();
  }

  #writeList(dict: Dict, key: string, items: readonly string[], ttl: number): void {
    dict.delete(key);
    for (const item of items) dict.rpush(key, item);
    if (ttl > 0) dict.expire(key, ttl);
  }

  #handleFor(builtIn: 'json' | 'structured', custom: string | undefined): Dict {
    const id = custom === undefined ? builtIn : `codec ${custom}`;
    const known = this.#handles.get(id);
    if (known) return known;
    const codec = custom === undefined ? builtIn : { name: custom, encode: (value: unknown) => (value as Encoded).bytes, decode: (bytes: Buffer): Encoded => ({ bytes }) };
    const dict = api().SharedDict.open(this.#name, { ...this.#shell.place, localCache: false, codec });
    this.#handles.set(id, dict);
    if (this.#handles.size > MOST_HANDLES) this.#closeOldest();
    return dict;
  }

  #closeOldest(): void {
    const [id, dict] = this.#handles.entries().next().value as [string, Dict];
    dict.close();
    this.#handles.delete(id);
  }
}
