'use strict';
// Prints how many milliseconds it takes to require a module in a fresh process: the package, or the argument.
const [name = 'shmkit'] = process.argv.slice(2);
const started = performance.now();
require(name);
const taken = performance.now() - started;
// Not earlier: the first access to `process.stdout` creates a stream, which takes a millisecond.
process.stdout.write(String(taken));
