//! Doubling a shard's index in place: every word keeps its slot number, and either its bucket or the one a half further.
//!
//! A word stands at step k of its key's probe sequence, and one level up the same step visits the lower bucket or the upper
//! one. So the step decides which half a word goes to, not the key's home, and every key's probe, also that of a key
//! that stays in the lower half, may pass upper buckets: the overflow counts come from all keys.
//!
//! | step | store                                     | dies before the next step: the next owner     |
//! |------|-------------------------------------------|-----------------------------------------------|
//! | 1    | intent: the level; armed                  | disarms: the upper half is garbage            |
//! | 2    | upper half: words, counts, reference bits | the same                                      |
//! | 3    | **level word: the commit**                | clears what has gone up, stores lower counts  |
//! | 4    | lower half: words that have gone up are cleared | the same again: it is idempotent        |
//! | 5    | lower counts, leaks, copy of the level    | the same                                      |
//! | 6    | intent IDLE                               | does nothing                                  |
//!
//! Until its lower copy is cleared, a word stands twice, with one value, and the lock keeps others from changing either.

use super::{OVERFLOW, ProbeSequence, REFERENCES};
use crate::intent;
use crate::layout::geometry::SLOTS;
use crate::layout::hash::KeyHash;
use crate::layout::index_shape::IndexShape;
use crate::layout::shard::LEAKS;
use crate::layout::word::IndexWord;
use crate::shard::Shard;

/// Entries that are looked at between two sequence numbers, which show others that there is progress.
const ENTRIES_PER_SEQUENCE: u64 = 4096;

/// How many buckets ahead entries are prefetched: they are spread over the memory.
const AHEAD: u64 = 8;

/// Prefetches the entries of a bucket, if it exists. Most keys end in the second line of an entry.
fn prefetch_entries(shard: &Shard<'_>, bucket: u64) {
    for word in (0..SLOTS).map(|slot| shard.index_word(bucket * 8 + slot)).filter(|word| !word.is_empty()) {
        shard.segment.region.prefetch(word.block());
        shard.segment.region.prefetch(word.block() + 63);
    }
}

/// What a doubling changes, in private memory.
#[derive(Debug)]
struct Split {
    /// Positions of the lower half whose words go up.
    rising: Vec<u64>,
    /// The overflow counts of both halves.
    counts: Vec<u32>,
}

/// Where a key's probe finds a position.
struct Step {
    /// Whether the same step visits the upper half after the doubling.
    rises: bool,
    /// The buckets that it passes after the doubling.
    passed: Vec<u32>,
}

impl Step {
    /// Returns the step at which a probe of an index of shape `present` visits `bucket`, seen from the shape after the
    /// doubling. `None` if it never does.
    fn of(hash: KeyHash, present: IndexShape, after: IndexShape, bucket: u32) -> Option<Step> {
        let mut passed = Vec::new();
        for (now, then) in ProbeSequence::new(hash, present).zip(ProbeSequence::new(hash, after)) {
            if now == bucket {
                return Some(Step { rises: now != then, passed });
            }
            passed.push(then);
        }
        None
    }
}

impl Split {
    /// Looks at every entry. `is_doubled` says that the words that go up stand in the upper half already. Returns `None` if
    /// an entry is unsound.
    fn of(shard: &Shard<'_>, low: IndexShape, is_doubled: bool) -> Option<Split> {
        let high = low.doubled();
        let mut split = Split { rising: Vec::new(), counts: vec![0; high.buckets() as usize] };
        let (mut scratch, mut seen) = (Vec::new(), 0_u64);
        let buckets = if is_doubled { high.buckets() } else { low.buckets() };
        for position in (0..buckets * 8).filter(|position| position % 8 < SLOTS) {
            if position.is_multiple_of(8) {
                prefetch_entries(shard, position / 8 + AHEAD);
            }
            let word = shard.index_word(position);
            if word.is_empty() {
                continue;
            }
            seen += 1;
            if seen.is_multiple_of(ENTRIES_PER_SEQUENCE) {
                shard.draw_sequence();
            }
            let hash = shard.key_hash_of(word, &mut scratch)?;
            let bucket = (position / 8) as u32;
            let present = if position < low.places() { low } else { high };
            let step = Step::of(hash, present, high, bucket)?;
            if step.rises {
                split.rising.push(position);
            }
            // A word that stands twice counts once.
            if !(is_doubled && step.rises) {
                for passed in step.passed {
                    split.counts[passed as usize] += 1;
                }
            }
        }
        Some(split)
    }

    /// Writes the upper half, which no reader looks at yet.
    fn write_upper(&self, shard: &Shard<'_>, low: IndexShape) {
        let (region, geometry) = (&shard.segment.region, &shard.segment.geometry);
        let mut rising = self.rising.iter().copied().peekable();
        for number in 0..low.buckets() as u32 {
            let (from, to) =
                (geometry.bucket(shard.id, number), geometry.bucket(shard.id, self.upper(number)));
            for slot in 0..SLOTS {
                let rises = rising.next_if_eq(&(u64::from(number) * 8 + slot)).is_some();
                region.store(to + slot * 8, if rises { region.load(from + slot * 8) } else { 0 });
            }
            region.store32(to + OVERFLOW, self.counts[self.upper(number) as usize]);
            region.hint8(to + REFERENCES, region.load8_hint(from + REFERENCES));
        }
    }

    /// Returns the upper bucket that belongs to a lower one.
    fn upper(&self, lower: u32) -> u32 {
        lower + self.counts.len() as u32 / 2
    }

    /// Performs the steps after the commit, both for the writer and for recovery.
    fn finish(&self, shard: &Shard<'_>, low: IndexShape) {
        for &position in &self.rising {
            shard.set_index_word(position, IndexWord::EMPTY);
        }
        for number in 0..low.buckets() as u32 {
            let at = shard.segment.geometry.bucket(shard.id, number) + OVERFLOW;
            shard.segment.region.store32(at, self.counts[number as usize]);
        }
        shard.store32(LEAKS, 0);
        shard.segment.store_level(shard.id, low.level() + 1, true);
    }
}

/// Doubles a shard's index, whose upper half has memory. Returns false, with nothing changed, if an entry is unsound.
/// O(entries of the shard). The caller must hold the lock.
pub(crate) fn double(shard: &Shard<'_>) -> bool {
    let low = shard.shape();
    // The number is not used, but the change shows waiters and audits that there was progress.
    shard.draw_sequence();
    let Some(split) = Split::of(shard, low, false) else { return false };
    intent::arm_doubling(shard, low.level());
    split.write_upper(shard, low);
    shard.segment.store_level(shard.id, low.level() + 1, false);
    shard.segment.note_level(shard.id, low.level() + 1);
    split.finish(shard, low);
    intent::disarm(shard);
    true
}

/// Completes or undoes a doubling from `level`. Returns false if the record does not match the index.
pub(crate) fn recover_doubling(shard: &Shard<'_>, level: u32) -> bool {
    let present = shard.shape();
    if present.level() == level {
        return true;
    }
    let low = IndexShape::new(present.base, level.min(30));
    if low.doubled() != present {
        return false;
    }
    let Some(split) = Split::of(shard, low, true) else { return false };
    split.finish(shard, low);
    true
}
