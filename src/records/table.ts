// The structures that all processes share, as one handle knows them.
import { areKeys, Structure } from './structure.js';

/** The outcomes of an append. */
export const STORED = 0;
export const CHANGED = 1;
export const FULL = 2;

/** The shared memory that a table is in. */
export interface TableMemory {
  /** Returns the bytes past the first `known` ones. */
  read(known: number): Buffer;
  /** Appends structures if there are `expected` ones, and returns the outcome. */
  append(expected: number, added: number, bytes: Uint8Array): number;
  readonly readOnly: boolean;
}

/** Structures of more keys, or of more bytes, are not shared. */
const MOST_KEYS = 64;
const MOST_BYTES = 4096;
/** From this many structures on, only those that occur again are shared: keys may be data. */
const FEW = 64;
/** The most nodes of the tree that belong to no shared structure. */
const MOST_NODES = 16_384;
/** The bytes of a structure's length. */
const LENGTH_BYTES = 2;
/** Zeros after a structure align the next one. */
const ALIGNMENT = 8;

/** A sequence of keys, as a node of a tree: the writer goes down by one step for each key of an object. */
export class Node {
  /** The child that was last used. */
  nextKey: string | undefined = undefined;
  next: Node | undefined = undefined;
  children: Map<string, Node> | undefined = undefined;
  /** The number of the shared structure; -1 if there is none. */
  number = -1;
  /** The number among the structures of the value `ownOf`. */
  own = 0;
  ownOf = 0;
  sightings = 0;

  constructor(
    readonly key: string,
    readonly parent: Node | undefined,
    readonly depth: number,
  ) {}

}

/** Returns the keys that lead to a node. */
export function keysOf(node: Node): string[] {
  const keys = Array.from({ length: node.depth }, () => '');
  for (let { depth, key, parent } = node; parent !== undefined; { depth, key, parent } = parent) keys[depth - 1] = key;
  return keys;
}

export class Table {
  root: Node = new Node('', undefined, 0);
  readonly #memory: TableMemory;
  readonly #list: Structure[] = [];
  #knownBytes = 0;
  #nodes = 0;
  #isFull: boolean;

  constructor(memory: TableMemory) {
    this.#memory = memory;
    this.#isFull = memory.readOnly;
  }

  /** Returns the structure of a number, which may be new; `undefined` if there is none. */
  structure(number: number): Structure | undefined {
    if (number >= this.#list.length) this.refresh();
    return this.#list[number];
  }

  /** Returns the child of a node for the next key. */
  step(node: Node, key: string): Node {
    node.children ??= new Map();
    let child = node.children.get(key);
    if (child === undefined) {
      child = new Node(key, node, node.depth + 1);
      node.children.set(key, child);
      this.#nodes += 1;
    }
    node.nextKey = key;
    node.next = child;
    return child;
  }

  /** Frees the memory of structures that are not shared, before a value is written. */
  trim(): void {
    if (this.#nodes < MOST_NODES) return;
    this.root = new Node('', undefined, 0);
    this.#nodes = 0;
    for (const [number, { keys }] of this.#list.entries()) this.#plant(keys, number);
  }

  /** Shares those of a value's own structures that should be. Returns whether the value must be written anew. */
  share(own: readonly Node[]): boolean {
    if (this.#isFull) return false;
    const lists: string[][] = [];
    const framed: Buffer[] = [];
    for (const node of own) {
      node.sightings += 1;
      const isFew = this.#list.length + lists.length < FEW;
      if (node.depth > MOST_KEYS || (!isFew && node.sightings !== 2)) continue;
      const keys = keysOf(node);
      const bytes = frame(keys);
      if (bytes.length > MOST_BYTES) continue;
      lists.push(keys);
      framed.push(bytes);
    }
    return lists.length > 0 && this.#append(lists, Buffer.concat(framed));
  }

  #append(lists: readonly string[][], bytes: Buffer): boolean {
    switch (this.#memory.append(this.#list.length, lists.length, bytes)) {
      case STORED:
        for (const keys of lists) this.#add(keys);
        this.#knownBytes += bytes.length;
        return true;
      case CHANGED:
        this.refresh();
        return true;
      default:
        this.#isFull = true;
        return false;
    }
  }

  /** Reads what other processes have added. Throws if it is not made of structures. */
  refresh(): void {
    const bytes = this.#memory.read(this.#knownBytes);
    for (let at = 0; at < bytes.length; ) {
      const start = at + LENGTH_BYTES;
      const end = start + bytes.readUInt16LE(at);
      if (end > bytes.length) throw new Error('a record structure is cut off');
      const next = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
      const keys = JSON.parse(bytes.toString('utf8', start, end)) as unknown;
      if (!areKeys(keys)) throw new Error('a record structure is not a list of distinct keys');
      this.#add(keys);
      this.#knownBytes += next - at;
      at = next;
    }
  }

  #add(keys: readonly string[]): void {
    this.#plant(keys, this.#list.length);
    this.#list.push(new Structure(keys));
  }

  #plant(keys: readonly string[], number: number): void {
    const unshared = this.#nodes;
    let node = this.root;
    for (const key of keys) node = this.step(node, key);
    if (node.number < 0) node.number = number;
    this.#nodes = unshared;
  }
}

/** Returns the bytes of a structure in the table: the length of a text, the keys as JSON, and zeros. */
function frame(keys: readonly string[]): Buffer {
  const text = JSON.stringify(keys);
  const length = Buffer.byteLength(text);
  const bytes = Buffer.alloc(Math.ceil((LENGTH_BYTES + length) / ALIGNMENT) * ALIGNMENT);
  // Longer ones are not stored.
  bytes.writeUInt16LE(Math.min(length, 0xffff));
  bytes.write(text, LENGTH_BYTES);
  return bytes;
}
