// `npm run bench:adapters`: the stores of frameworks in memory, in shared memory, and on a Valkey server on a Unix socket,
// measured in turn in one run.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { installPeers, installShmkit } from '../../__test__/adapters/packed.mjs';
import { ensurePackage } from '../../scripts/setup/build.mjs';
import { explaining } from '../../scripts/setup/process.mjs';

const HERE = path.dirname(new URL(import.meta.url).pathname);
const HELP = `npm run bench:adapters -- [options]

  --only TEXT   only what has TEXT in its title
  --quick       fewer rounds
  --help        prints this
`;

const { values: options } = parseArgs({ options: { only: { type: 'string' }, quick: { type: 'boolean' }, help: { type: 'boolean' } } });

await explaining(async () => {
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  ensurePackage();
  installPeers(HERE);
  installShmkit(path.join(HERE, 'node_modules'));
  const { run } = await import('./run.mjs');
  await run({ only: options.only ?? '', rounds: options.quick ? 20 : 60 });
});
