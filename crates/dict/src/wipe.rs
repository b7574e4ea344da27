//! Wiping, for dictionaries made with that option: freed memory holds zeros instead of the keys and values that were in it.
//!
//! An operation wipes what it has freed after its intent is idle again, while it still holds the lock and before it
//! returns a page, so that nothing of another entry can be there. After a death, the next owner of the lock wipes every
//! free block of the shard, since nothing says how far the dead one got. Only items that are popped from a chunk that
//! stays are wiped before that (`list::popped`): no bitmap shows where they were.
//!
//! A reader that is still in a freed block notices: its index word has changed, and so has the version, whether it is odd
//! by now or already 0.

use crate::entry::blocks::{self, block_size};
use crate::entry::read::Snapshot;
use crate::intent::ListChange;
use crate::layout::word::{IndexWord, Link};
use crate::list;
use crate::shard::Shard;

const ZEROS: [u8; 4096] = [0; 4096];

impl Shard<'_> {
    /// Wipes the blocks of a freed entry. The intent must be idle.
    #[cold]
    pub(crate) fn wipe_entry(&self, word: IndexWord, entry: &Snapshot) {
        // Collected first, because wiping a list's chunk takes the way to the next one.
        let mut freed = Vec::new();
        // After an error, the next owner of the lock rebuilds the shard, and wipes what this walk did not find.
        let _ = list::each_block(self.segment, word.block(), entry, &mut |block| freed.push(block));
        freed.into_iter().for_each(|block| self.wipe_block(block));
    }

    /// Wipes the blocks that a change of a list freed. The intent must be idle.
    #[cold]
    pub(crate) fn wipe_retired(&self, change: &ListChange) {
        for piece in blocks::linked(self.segment, Link(change.retired_chain)).flatten() {
            self.wipe_block(piece.block);
        }
        if change.retired_chunk != 0 {
            self.wipe_block(Link(change.retired_chunk).block());
        }
    }

    /// Wipes the items that a change of a list popped from a chunk that stays.
    #[cold]
    pub(crate) fn wipe_popped(&self, change: &ListChange) {
        for (offset, bytes) in list::popped(self.segment, change) {
            self.wipe(offset, bytes);
        }
    }

    /// Wipes all free blocks of the shard's pages. O(bytes of the shard).
    #[cold]
    pub(crate) fn wipe_free_blocks(&self) {
        let geometry = &self.segment.geometry;
        for page in (0..self.segment.pages()).filter(|&page| self.page(page).belongs_to(self.id)) {
            let class = self.page(page).class();
            let Some(size) = geometry.classes.size(class) else { continue };
            for bit in 0..geometry.classes.per_page(class) {
                let used = self.segment.region.load(geometry.bitmap(page, bit / 64));
                if used & 1 << (bit % 64) == 0 {
                    self.wipe(geometry.page(page) + u64::from(bit * size), u64::from(size));
                }
            }
        }
    }

    /// Wipes a free block.
    pub(crate) fn wipe_block(&self, block: u64) {
        if let Some(size) = block_size(self.segment, block) {
            self.wipe(block, size);
        }
    }

    /// Stores zeros. Both numbers are multiples of 8.
    fn wipe(&self, mut offset: u64, mut bytes: u64) {
        // What tells readers that the memory was freed must be visible before the zeros. Pairs with their `read_fence`.
        self.segment.region.write_fence();
        while bytes > 0 {
            let step = bytes.min(ZEROS.len() as u64);
            self.segment.region.copy_in(offset, &ZEROS[..step as usize]);
            (offset, bytes) = (offset + step, bytes - step);
        }
    }
}
