// Values of all encodings: those without a decoder here are shown as their bytes.
import { api, type Dict } from './api.js';
import { codeOf, Failure, EXIT } from './failure.js';
import { isForeign } from './dict.js';
import type { Shell } from './shell.js';

export type StoredType = 'string' | 'number' | 'bigint' | 'boolean' | 'null' | 'bytes' | 'json' | 'structured' | 'list' | 'codec';

/** A value with its encoding. */
export interface Stored {
  readonly type: StoredType;
  /** The bytes for a codec of the user's own; undefined for a value that was left undecoded. */
  readonly value: unknown;
  /** The name of the user's codec. */
  readonly codec?: string;
  /** Seconds left; 0: never expires. */
  readonly ttl: number;
  readonly version?: bigint;
  readonly stale?: boolean;
}

/** How the encodings that need a decoder are opened. */
const PLAIN_AND_JSON = ['plain', 'json'];

/** Reads values of all encodings from one dictionary, through one handle for each decoder. */
export class ValueReader {
  readonly #shell: Shell;
  readonly #dict: Dict;
  readonly #decodesStructured: boolean;
  readonly #others = new Map<string, Dict>();

  /** `dict` has to accept plain values and JSON only. `decode` lets V8 decode the bytes of other users. */
  constructor(shell: Shell, name: string, decode = false) {
    this.#shell = shell;
    this.#dict = api().SharedDict.open(name, { ...shell.place, readOnly: true, localCache: false, accept: PLAIN_AND_JSON });
    this.#decodesStructured = decode || !isForeign(this.#dict);
  }

  get dict(): Dict {
    return this.#dict;
  }

  /** Returns the value, or `undefined` if the key is missing. */
  read(key: string, stale = false): Stored | undefined {
    try {
      return stale ? this.#readStale(this.#dict, key) : this.#readFrom(this.#dict, key);
    } catch (error) {
      if (codeOf(error) === 'ERR_SHM_WRONG_TYPE') return this.#readList(key);
      if (codeOf(error) !== 'ERR_SHM_UNSUPPORTED') throw error;
      return this.#readEncoded(key, encodingIn(error), stale);
    }
  }

  close(): void {
    for (const dict of [this.#dict, ...this.#others.values()]) dict.close();
  }

  #readFrom(dict: Dict, key: string): Stored | undefined {
    const entry = dict.getEntry(key);
    return entry === undefined ? undefined : { type: typeOf(entry.value), ...entry };
  }

  #readStale(dict: Dict, key: string): Stored | undefined {
    const found = dict.getStale(key);
    return found === undefined ? undefined : { type: typeOf(found.value), ttl: dict.ttl(key) ?? 0, ...found };
  }

  #readList(key: string): Stored | undefined {
    const value = this.#dict.lrange(key);
    const ttl = this.#dict.ttl(key);
    return value.length === 0 || ttl === undefined ? undefined : { type: 'list', value, ttl };
  }

  #readEncoded(key: string, encoding: string, stale: boolean): Stored | undefined {
    if (encoding === 'structured' && !this.#decodesStructured) return { type: 'structured', value: undefined, ttl: this.#dict.ttl(key) ?? 0 };
    const dict = this.#handleFor(encoding);
    const found = stale ? this.#readStale(dict, key) : this.#readFrom(dict, key);
    if (found === undefined) return undefined;
    return encoding === 'structured' ? { ...found, type: 'structured' } : { ...found, type: 'codec', codec: encoding };
  }

  #handleFor(encoding: string): Dict {
    const known = this.#others.get(encoding);
    if (known) return known;
    const codec = encoding === 'structured' ? {} : { codec: { name: encoding, encode: unused, decode: (bytes: Buffer) => bytes } };
    const dict = api().SharedDict.open(this.#dict.name, { ...this.#shell.place, readOnly: true, localCache: false, accept: [encoding], ...codec });
    this.#others.set(encoding, dict);
    return dict;
  }
}

/** Returns the encoding that a refusal names. */
function encodingIn(error: unknown): string {
  const quoted = /encoding of the value is ("(?:[^"\\]|\\.)*")/.exec((error as Error).message)?.[1];
  if (quoted === undefined) throw error;
  return JSON.parse(quoted) as string;
}

function typeOf(value: unknown): StoredType {
  if (value === null) return 'null';
  if (value instanceof Uint8Array) return 'bytes';
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'bigint' || type === 'boolean' ? type : 'json';
}

function unused(): never {
  throw new Failure(EXIT.failed, 'a handle for reading does not encode');
}
