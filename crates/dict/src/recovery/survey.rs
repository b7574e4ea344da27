//! A survey of a shard: all data derived from its index, computed in private memory. A rebuild stores it; an audit
//! compares with it.

use crate::index::find::EntryLocation;
use crate::layout::geometry::SLOTS;
use crate::layout::hash::KeyHash;
use crate::layout::header::owner_of;
use crate::layout::word::IndexWord;
use crate::list;
use crate::shard::Shard;
use crate::slab::BlockId;
use std::collections::{HashMap, HashSet};

/// What a shard's derived data should be.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// Positions whose words lead to no sound entry, with the reason.
    pub unsound: Vec<(u64, &'static str)>,
    /// Bitmap words of pages with blocks in use, by page.
    pub bitmaps: HashMap<u32, Vec<u64>>,
    /// Overflow counts by bucket.
    pub overflow: Vec<u32>,
    /// Number of entries of the present epoch.
    pub live: u64,
    /// The earliest deadline; `u64::MAX` if there is none.
    pub next_deadline: u64,
    /// The highest sequence of a version.
    pub sequence: u64,
    seen: HashSet<u64>,
}

impl Survey {
    /// Walks the whole index of a shard. O(entries of the shard). Without the lock, the result is only a guess.
    pub(crate) fn of(shard: &Shard<'_>, epoch_tag: u16) -> Survey {
        let shape = shard.shape();
        let mut survey = Survey {
            overflow: vec![0; shape.buckets() as usize],
            next_deadline: u64::MAX,
            ..Survey::default()
        };
        let mut scratch = Vec::new();
        for position in (0..shape.places()).filter(|position| position % 8 < SLOTS) {
            let word = shard.index_word(position);
            if !word.is_empty()
                && let Err(reason) = survey.visit(shard, position, word, epoch_tag, &mut scratch)
            {
                survey.unsound.push((position, reason));
            }
        }
        survey
    }

    fn visit(
        &mut self,
        shard: &Shard<'_>,
        position: u64,
        word: IndexWord,
        epoch_tag: u16,
        scratch: &mut Vec<u8>,
    ) -> Result<(), &'static str> {
        let id = shard.block_id(word.block()).ok_or("the block does not belong to this shard")?;
        if !word.is_of_generation(shard.page(id.page).generation()) {
            return Err("the page has another generation");
        }
        let location = shard.locate(position, word, scratch).ok_or("the entry is unsound or out of place")?;
        if self.seen.contains(&location.hash.0) {
            return Err("the key is in the index twice");
        }
        let ids = blocks_of(shard, &location)?;
        if ids.iter().any(|id| self.is_marked(id)) {
            return Err("a block is used twice");
        }
        self.count(shard, &location, epoch_tag);
        ids.into_iter().for_each(|id| self.mark(shard, id));
        Ok(())
    }

    /// Adds the blocks that are only kept for readers.
    pub(crate) fn add_kept(&mut self, shard: &Shard<'_>) {
        for id in shard.kept_blocks().into_iter().filter_map(|block| shard.block_id(block)) {
            self.mark(shard, id);
        }
    }

    fn mark(&mut self, shard: &Shard<'_>, id: BlockId) {
        let words = shard.segment.geometry.bitmap_words() as usize;
        let bitmap = self.bitmaps.entry(id.page).or_insert_with(|| vec![0; words]);
        bitmap[id.bit as usize / 64] |= 1 << (id.bit % 64);
    }

    fn is_marked(&self, id: &BlockId) -> bool {
        self.bitmaps.get(&id.page).is_some_and(|bits| bits[id.bit as usize / 64] & 1 << (id.bit % 64) != 0)
    }

    fn count(&mut self, shard: &Shard<'_>, location: &EntryLocation, epoch_tag: u16) {
        self.seen.insert(location.hash.0);
        self.live += u64::from(location.entry.header.epoch == epoch_tag);
        self.sequence = self.sequence.max(location.entry.version.sequence());
        if location.entry.cells.deadline != 0 {
            self.next_deadline = self.next_deadline.min(location.entry.cells.deadline);
        }
        for bucket in passed(shard, location.hash, location.slot.passed) {
            self.overflow[bucket as usize] += 1;
        }
    }
}

fn passed(shard: &Shard<'_>, hash: KeyHash, passed: u32) -> impl Iterator<Item = u32> {
    crate::index::ProbeSequence::new(hash, shard.shape()).take(passed as usize)
}

/// Returns the ids of all blocks of an entry, each of them once.
fn blocks_of(shard: &Shard<'_>, location: &EntryLocation) -> Result<Vec<BlockId>, &'static str> {
    let block = location.slot.word.block();
    let mut ids = Vec::with_capacity(1);
    let mut foreign = false;
    let walked =
        list::each_block(shard.segment, block, &location.entry, &mut |part| match shard.block_id(part) {
            Some(id) if part == block || owner_of(shard.segment.region.load(part + 8)) == Some(block) => {
                ids.push(id);
            }
            _ => foreign = true,
        });
    if walked.is_err() || foreign {
        return Err("its blocks cannot all be walked");
    }
    if !location.entry.header.chained && location.entry.payload_end() > u64::from(class_size(shard, ids[0])) {
        return Err("the entry is longer than its block");
    }
    let distinct: HashSet<(u32, u32)> = ids.iter().map(|id| (id.page, id.bit)).collect();
    if distinct.len() == ids.len() { Ok(ids) } else { Err("it uses a block twice") }
}

fn class_size(shard: &Shard<'_>, id: BlockId) -> u32 {
    shard.segment.geometry.classes.size(id.class).unwrap_or(0)
}
