'use strict';
// Prints how many milliseconds requiring a module takes in a fresh process: the package, or what the argument names.
const [name = 'shmkit'] = process.argv.slice(2);
const started = performance.now();
require(name);
const taken = performance.now() - started;
// Only now: the first look at `process.stdout` makes a stream, which takes a millisecond.
process.stdout.write(String(taken));
