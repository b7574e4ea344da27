// Prints how many milliseconds importing the package takes in a fresh process.
const started = performance.now();
await import('shmkit');
process.stdout.write(String(performance.now() - started));
