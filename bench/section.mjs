// One section of the benchmark in a process of its own, so that none finds what another left in V8's heap and caches.
import { removeAll } from './table.mjs';

const [name, options] = process.argv.slice(2);
try {
  const { title, run } = await import(`./sections/${name}.mjs`);
  process.send({ title, rows: await run(JSON.parse(options)) });
} finally {
  removeAll();
  process.disconnect();
}
