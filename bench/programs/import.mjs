// Prints how many milliseconds importing a module takes in a fresh process: the package, or what the argument names.
const [module = 'shmkit'] = process.argv.slice(2);
const started = performance.now();
await import(module);
const taken = performance.now() - started;
// Only now: the first look at `process.stdout` makes a stream, which takes a millisecond.
process.stdout.write(String(taken));
