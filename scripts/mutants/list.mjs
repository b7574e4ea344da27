// What is broken in a copy of the engine and the package, each so that calls overlap wrongly now and then and nothing
// else shows it. Who reads `from` finds in each file the one place that is changed.
//
// Two processors seldom meet in a window of nanoseconds, so the copies also stop there for a moment, as a thread does
// that loses its processor. To stop is no mistake: with the pauses alone every history must be explained.

const PAUSE = 'std::thread::sleep(std::time::Duration::from_micros(50));';

const READ = 'crates/dict/src/ops/read/slow.rs';
const GLANCE = 'crates/dict/src/ops/read/fast_lookup.rs';
const ATOMIC = 'crates/dict/src/ops/write/atomic.rs';
const COMMIT = 'crates/dict/src/ops/write/commit.rs';
const RECOVERY = 'crates/dict/src/recovery/mod.rs';
const OVERWRITE = 'crates/dict/src/ops/write/overwrite.rs';
const CACHE = 'src/dict/local-cache.ts';

const behind = (file, from, more) => ({ file, from, to: `${from}\n${more}` });
const before = (file, from, more) => ({ file, from, to: `${more}\n${from}` });

// A reader stops between the index word and the block that it leads to.
const readerPauses = [
  before(GLANCE, 'let sought = Sought::new(key, epoch.tag());', PAUSE),
  before(READ, 'let read = Snapshot::read(segment, word.block());', PAUSE),
];
// A writer stops between publishing an entry and giving up the old one.
const publisherPauses = [COMMIT, OVERWRITE].map((file) => behind(file, 'shard.set_word(place, new);', PAUSE));
// A writer stops in the middle of a change in place.
const counterPauses = [before(ATOMIC, 'entry.store_version(next);', PAUSE)];

/** With the pauses alone: this must hold. */
export const control = {
  what: 'the pauses of all of them, and nothing broken',
  profiles: ['mixed', 'reread'],
  kills: 20,
  edits: [...readerPauses, ...publisherPauses, ...counterPauses],
};

/** Each must be found out. */
export const mutants = [
  {
    what: 'a reader does not look at the index word again',
    profile: 'mixed',
    edits: [
      ...readerPauses,
      { file: GLANCE, from: 'let mut stands = place.load() == word.0;', to: 'let mut stands = true;' },
      {
        file: READ,
        from: `segment.region.read_fence();
        if segment.region.load(at) != word.0 {`,
        to: `segment.region.read_fence();
        if false {`,
      },
    ],
  },
  {
    what: 'a number is changed in place before its version is',
    profile: 'mixed',
    edits: [
      ...counterPauses,
      {
        file: ATOMIC,
        from: 'entry.write_cells(next, scalar, deadline);',
        to: 'entry.write_cells(entry.version, scalar, deadline);',
      },
      {
        file: ATOMIC,
        from: 'let next = entry.version.in_place(shard.draw_sequence());\n    note_deadline(shard, deadline);',
        // Twice: the same cell, with another number.
        to: `let next = entry.version.in_place(shard.draw_sequence()).in_place(shard.draw_sequence());
    note_deadline(shard, deadline);`,
      },
    ],
  },
  {
    what: 'the local cache does not look at the index word',
    profile: 'reread',
    edits: [...publisherPauses, { file: CACHE, from: 'load(words, word) !== block ||', to: '' }],
  },
  {
    what: 'whoever recovers takes back what a dead one had committed',
    profile: 'mixed',
    kills: 20,
    edits: [
      ...publisherPauses,
      {
        file: RECOVERY,
        from: 'if current == publish.new {\n        finish_publish(shard, publish, None)',
        to: `if current == publish.new {
        shard.set_index_word(publish.position, IndexWord(publish.old));
        publish.fresh == 0 || unmark_entry(shard, IndexWord(publish.new).block())`,
      },
    ],
  },
];
