// Modules of Node that take about a millisecond to load and that many programs never need: loaded at the first use.

type V8 = typeof import('node:v8');
type Stream = typeof import('node:stream');
type Threads = typeof import('node:worker_threads');
type Crypto = typeof import('node:crypto');

let loadedV8: V8 | undefined;

/** Asked for with every object that is stored or read, so without a look into Node's table of modules. */
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
