// Modules of Node that take about a millisecond to load and that many programs never need. They load on first use.

type V8 = typeof import('node:v8');
type Stream = typeof import('node:stream');
type Threads = typeof import('node:worker_threads');
type Crypto = typeof import('node:crypto');

let loadedV8: V8 | undefined;

/** Cached here: every object that is stored or read needs it, and Node's module table takes time. */
export function v8(): V8 {
  return (loadedV8 ??= require('node:v8') as V8);
}

export function stream(): Stream {
  return require('node:stream') as Stream;
}

export function threads(): Threads {
  return require('node:worker_threads') as Threads;
}

export function crypto(): Crypto {
  return require('node:crypto') as Crypto;
}
