// Runs one section of the benchmark in a process of its own, so that V8's heap and caches carry nothing over from another.
import { removeAll } from './table.mjs';

const [name, options] = process.argv.slice(2);
try {
  const { title, run } = await import(`./sections/${name}.mjs`);
  process.send({ title, rows: await run(JSON.parse(options)) });
} finally {
  removeAll();
  process.disconnect();
}
