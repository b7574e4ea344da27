// The mutants: each breaks a copy of the engine or the package so that overlapping calls go wrong now and then, which
// nothing but the histories shows. `from` occurs exactly once in its file and is replaced by `to`.
//
// Two processors rarely meet in a window of nanoseconds, so the copies also pause there for a moment, like a thread that
// loses its processor. A pause is not a bug: with the pauses alone, every history must be linearizable.

import { PAUSE, before, behind } from './edits.mjs';

const LONG_PAUSE = 'std::thread::sleep(std::time::Duration::from_millis(20));';

const READ = 'crates/dict/src/ops/read/slow.rs';
const FAST_LOOKUP = 'crates/dict/src/ops/read/fast_lookup.rs';
const IN_PLACE = 'crates/dict/src/ops/write/in_place.rs';
const COMMIT = 'crates/dict/src/ops/commit.rs';
const RECOVERY = 'crates/dict/src/recovery/mod.rs';
const OVERWRITE = 'crates/dict/src/ops/write/overwrite.rs';
const DOUBLE = 'crates/dict/src/index/double.rs';
const CACHE = 'src/dict/local-cache.ts';

// A reader pauses between loading the index word and reading its block.
const readerPauses = [
  before(FAST_LOOKUP, 'let pattern = KeyPattern::new(key, epoch.tag());', PAUSE),
  before(READ, 'let read = Snapshot::read(segment, word.block());', PAUSE),
];
// A writer pauses between publishing an entry and freeing the old one.
const publisherPauses = [COMMIT, OVERWRITE].map((file) => behind(file, 'shard.set_word(slot, new);', PAUSE));
// A writer pauses in the middle of a change in place.
const counterPauses = [before(IN_PLACE, 'entry.store_version(next);\n    next', PAUSE)];

// A writer that doubles an index pauses between the commit and what follows it, for longer, because there are few doublings.
const doublerPauses = [before(DOUBLE, 'split.finish(shard, low);\n    intent::disarm(shard);', LONG_PAUSE)];
// A writer dies there once in each history.
const doublerDies = [
  behind(
    DOUBLE,
    'shard.segment.note_level(shard.id, low.level() + 1);',
    'if low.level() == 1 && shard.id == 0 { std::process::abort(); }',
  ),
];

/** The pauses and the death alone; every history must be linearizable. */
export const control = {
  what: 'all the pauses, a death, and nothing broken',
  profiles: ['mixed', 'reread', 'growing'],
  kills: 20,
  edits: [...readerPauses, ...publisherPauses, ...counterPauses, ...doublerPauses, ...doublerDies],
};

/** The histories must expose each of these. */
export const mutants = [
  {
    what: 'a reader does not check the index word again',
    profile: 'mixed',
    edits: [
      ...readerPauses,
      { file: FAST_LOOKUP, from: 'let mut is_current = cell.load() == word.0;', to: 'let mut is_current = true;' },
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
    what: 'a number changes in place before its version does',
    profile: 'mixed',
    edits: [
      ...counterPauses,
      {
        file: IN_PLACE,
        from: '    }\n    entry.write_cells(next, scalar, deadline);',
        to: '    }\n    entry.write_cells(entry.version, scalar, deadline);',
      },
      {
        file: IN_PLACE,
        from: 'let next = entry.version.in_place(shard.draw_sequence());\n    note_deadline(shard, deadline);',
        // Two steps, so that the new number goes into the same cell.
        to: `let next = entry.version.in_place(shard.draw_sequence()).in_place(shard.draw_sequence());
    note_deadline(shard, deadline);`,
      },
    ],
  },
  {
    what: 'the local cache does not check the index word',
    profile: 'reread',
    edits: [...publisherPauses, { file: CACHE, from: 'load(words, word) !== block ||', to: '' }],
  },
  {
    what: 'recovery undoes what a dead writer had committed',
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
  {
    what: 'a doubling goes by the bit of the home bucket for words that stand further on',
    profile: 'growing',
    edits: [
      {
        file: DOUBLE,
        from: 'return Some(Step { rises: now != then, passed });',
        to: `let rises = ProbeSequence::new(hash, present).next() != ProbeSequence::new(hash, after).next();
                _ = then;
                return Some(Step { rises, passed });`,
      },
    ],
  },
  {
    what: 'a doubling counts only the words that go up',
    profile: 'growing',
    edits: [
      { file: DOUBLE, from: 'if !(is_doubled && step.rises) {', to: 'if !is_doubled && step.rises {' },
    ],
  },
  {
    what: 'a doubling stores the upper counts after the level',
    profile: 'growing',
    edits: [
      ...doublerPauses,
      {
        file: DOUBLE,
        from: 'region.store32(to + OVERFLOW, self.counts[self.upper(number) as usize]);',
        to: 'region.store32(to + OVERFLOW, 0);',
      },
      behind(
        DOUBLE,
        'shard.segment.region.store32(at, self.counts[number as usize]);',
        `let at = shard.segment.geometry.bucket(shard.id, self.upper(number)) + OVERFLOW;
            shard.segment.region.store32(at, self.counts[self.upper(number) as usize]);`,
      ),
    ],
  },
];
