//! One quick look for a key, which is all that most reads need.
//!
//! It knows only plain entries ([`crate::entry::plain`]) and does nothing twice. Whatever is otherwise, or
//! changes under it, is left to the general way, which starts again.

use super::Dict;
use super::reading::{Reading, Witness};
use crate::entry::plain::Sought;
use crate::entry::read::Want;
use crate::index::hash::KeyHash;
use crate::index::{OVERFLOW, Probe};
use crate::layout::superblock::EpochWord;
use crate::layout::word::IndexWord;
use crate::value::Key;

/// What a look showed.
pub(super) enum Glance {
    /// The entry: its key, and its value if it was wanted, are in the buffer.
    Found(Reading, Witness),
    /// The key is not there.
    Missing,
    /// It takes a closer look.
    Unclear,
}

impl Dict {
    /// Looks for a key's live entry. `buffer` is overwritten.
    #[inline(always)]
    pub(super) fn glance(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        epoch: EpochWord,
        want: Want,
        buffer: &mut Vec<u8>,
    ) -> Glance {
        let geometry = &self.segment.geometry;
        let region = &self.segment.region;
        let shard = hash.shard(geometry.shards);
        for number in Probe::new(hash, geometry) {
            let bucket = geometry.bucket(shard, number);
            let words = region.index_words(bucket);
            for (slot, word) in words.iter().enumerate() {
                let word = IndexWord(word.load());
                if word.tag() == hash.tag() && !word.is_empty() {
                    return self.glance_at(bucket + slot as u64 * 8, word, key, epoch, want, buffer);
                }
            }
            if region.load32(bucket + OVERFLOW) == 0 {
                return Glance::Missing;
            }
        }
        Glance::Unclear
    }

    /// Reads what a word of the key's tag leads to. In one case of 2^16 it is another key's.
    #[inline(always)]
    fn glance_at(
        &self,
        at: u64,
        word: IndexWord,
        key: Key<'_>,
        epoch: EpochWord,
        want: Want,
        buffer: &mut Vec<u8>,
    ) -> Glance {
        buffer.clear();
        let segment = &*self.segment;
        let sought = Sought::new(key, epoch.tag());
        let Some(entry) = sought.read(segment, word.block(), key, want == Want::Value, buffer) else {
            return Glance::Unclear;
        };
        // The index word, then the version: see `read`.
        segment.region.read_fence();
        if segment.region.load(at) != word.0 || segment.region.load(word.block()) != entry.version.0 {
            return Glance::Unclear;
        }
        let reading = Reading {
            kind: entry.kind,
            scalar: entry.scalar,
            value_at: entry.value_at,
            version: entry.version.0,
            deadline: 0,
            seen_at: 0,
        };
        Glance::Found(reading, Witness::new(epoch, at, word, entry.version))
    }
}
