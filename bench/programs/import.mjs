// Prints how many milliseconds it takes to import a module in a fresh process: the package, or the argument.
const [module = 'shmkit'] = process.argv.slice(2);
const started = performance.now();
await import(module);
const taken = performance.now() - started;
// Not earlier: the first access to `process.stdout` creates a stream, which takes a millisecond.
process.stdout.write(String(taken));
