// Mutants of recovery that histories cannot expose, because a process that cannot finish for a dead one rebuilds the shard, and
// calls go on as they should. The deaths at every store of the engine's own tests must: no death may need a rebuild.

const DOUBLE = 'crates/dict/src/index/double.rs';

/** The test that must fail in each of the copies, and hold in the unbroken one. */
export const DEATHS = 'tests::crash::death_at_any_store_of_an_operation_or_its_recovery_leaves_all_or_nothing';

/** Nothing is broken. */
export const deathControl = { what: 'deaths at every store, and nothing broken', edits: [] };

/** The deaths must expose each of these. */
export const deathMutants = [
  {
    what: 'recovery takes the steps of lower words from the level after the doubling',
    edits: [
      {
        file: DOUBLE,
        from: 'let present = if position < low.places() { low } else { high };',
        to: 'let present = if !is_doubled && position < low.places() { low } else { high };',
      },
    ],
  },
  {
    what: 'recovery counts words twice that stand twice',
    edits: [{ file: DOUBLE, from: 'if !(is_doubled && step.rises) {', to: '{' }],
  },
  {
    what: 'recovery does not clear words that have gone up',
    edits: [
      {
        file: DOUBLE,
        from: 'let Some(split) = Split::of(shard, low, true) else { return false };',
        to: `let Some(mut split) = Split::of(shard, low, true) else { return false };
    split.rising.clear();`,
      },
    ],
  },
];
