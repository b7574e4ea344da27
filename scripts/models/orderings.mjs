// Runs the engine under loom: unchanged, which must hold, and without one memory ordering at a time, which loom must notice.
// The mutants are made in a copy of the sources.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT, say, SetupError } from '../setup/process.mjs';

const REGION = 'crates/object/src/region/mod.rs';
const TARGET = process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target');
const READER = 'reads_return_whole_committed_values_when_blocks_are_reused';
const WATCHER = 'a_watcher_hears_whole_records_while_the_oldest_one_is_overwritten';
const WRITERS = 'two_writers_never_hold_a_shard_at_once';

// The ordering that is removed, and a test that must then fail.
const mutants = [
  { what: 'the fence after a block’s odd version', from: 'fence(Ordering::Release);', to: '', fails: READER },
  { what: 'the fence before the checks of a read', from: 'fence(Ordering::Acquire);', to: '', fails: READER },
  {
    what: 'Release in all stores',
    from: 'const IN_ORDER: Ordering = Ordering::Release;',
    to: 'const IN_ORDER: Ordering = Ordering::Relaxed;',
    fails: READER,
  },
  {
    what: 'Acquire and Release when a lock is acquired and released',
    from: 'const SWAP: Ordering = Ordering::AcqRel;',
    to: 'const SWAP: Ordering = Ordering::Relaxed;',
    fails: WRITERS,
  },
  {
    what: 'Acquire in all loads',
    from: 'self.word(offset).load(Ordering::Acquire)',
    to: 'self.word(offset).load(Ordering::Relaxed)',
    fails: READER,
  },
  {
    what: 'the fence between what writers reserve and a record of the feed',
    file: 'crates/dict/src/feed/write.rs',
    from: 'region.write_fence();',
    to: '',
    fails: WATCHER,
  },
  {
    what: 'the fence before the check of a watcher',
    file: 'crates/dict/src/ops/watch/read.rs',
    from: 'region.read_fence();\n        let reserved = region.load_relaxed(part.at + RESERVED);\n        if',
    to: 'let reserved = region.load_relaxed(part.at + RESERVED);\n        if',
    fails: WATCHER,
  },
];

function loom(root) {
  const { status, stdout, stderr } = spawnSync(
    'cargo',
    ['test', '--locked', '--test', 'orderings', '--', '--nocapture', '--test-threads=1'],
    {
      cwd: path.join(root, 'models/loom'),
      encoding: 'utf8',
      env: {
        ...process.env,
        CARGO_TARGET_DIR: path.join(TARGET, 'loom'),
        RUSTFLAGS: '--cfg loom',
        RUST_BACKTRACE: '0',
      },
    },
  );
  return { status, output: `${stdout}${stderr}` };
}

function copyOfSources() {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-loom-'));
  for (const part of ['Cargo.toml', 'Cargo.lock', 'crates', 'models/loom']) {
    fs.cpSync(path.join(ROOT, part), path.join(copy, part), { recursive: true });
  }
  return copy;
}

function notices(copy, { what, file: name = REGION, from, to, fails }) {
  const file = path.join(copy, name);
  const source = fs.readFileSync(file, 'utf8');
  if (source.split(from).length !== 2) throw new SetupError(`${name} should have \`${from}\` once`);
  fs.writeFileSync(file, source.replace(from, to));
  const { status, output } = loom(copy);
  fs.writeFileSync(file, source);
  const noticed = status !== 0 && new RegExp(`^ +${fails}$`, 'm').test(output);
  say(`${noticed ? 'fails, as it must' : 'WRONG'}: loom: without ${what}`);
  if (!noticed) say(output);
  return noticed;
}

/** Explores the orderings and returns how many results were wrong. */
export function exploreOrderings() {
  say(`the orderings of the engine, then ${mutants.length} mutants of it (minutes)`);
  const { status, output } = loom(ROOT);
  if (status !== 0) {
    say(`WRONG: loom: reads, writes and the lock of the engine:\n${output}`);
    // Mutants mean nothing if the unchanged engine fails.
    return 1;
  }
  const executions = [...output.matchAll(/^.*executions: (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
  say(`holds: loom: reads, writes and the lock of the engine: ${executions.toLocaleString('en')} executions`);
  const copy = copyOfSources();
  try {
    return mutants.filter((mutant) => !notices(copy, mutant)).length;
  } finally {
    fs.rmSync(copy, { recursive: true, force: true });
  }
}
