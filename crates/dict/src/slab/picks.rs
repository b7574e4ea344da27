//! Blocks that an operation has picked, and what it has learned while picking: an operation may pick tens of thousands.

use super::BlockId;
use crate::shard::Shard;
use smallvec::SmallVec;
use std::collections::BTreeMap;

/// Up to this number of picks, looking through all of them costs less than a map.
const FEW: usize = 16;

/// Blocks chosen for an operation but not yet marked as in use: a death leaves them free.
#[derive(Debug, Default)]
pub(crate) struct Picks {
    offsets: SmallVec<[u64; 4]>,
    ids: SmallVec<[BlockId; 4]>,
    /// A page that is being emptied.
    pub(super) avoid: Option<u32>,
    /// The first page that was not looked at for whole pages.
    pub(super) next_page: u32,
    /// The classes of which no page that the shard has is left, one bit each.
    exhausted: u128,
    /// By page and bitmap word, the bits of the blocks, if there are more than `FEW`.
    bits: BTreeMap<(u32, u32), u64>,
}

impl Picks {
    /// Returns empty picks that will avoid a page.
    pub(crate) fn avoiding(page: u32) -> Self {
        Picks { avoid: Some(page), ..Picks::default() }
    }

    /// Returns picks of the shard's reserve.
    pub(crate) fn of_reserve(shard: &Shard<'_>, reserve: BlockId) -> Self {
        let mut picks = Picks::default();
        let _ = picks.push(shard, reserve, 0);
        picks
    }

    /// Forgets all picks.
    pub(crate) fn clear(&mut self) {
        self.truncate(0);
        (self.next_page, self.exhausted) = (0, 0);
    }

    /// Forgets all picks but the first `count`.
    pub(crate) fn truncate(&mut self, count: usize) {
        self.offsets.truncate(count);
        self.ids.truncate(count);
        if !self.bits.is_empty() {
            self.bits.clear();
            self.note_all();
        }
    }

    /// Returns the offsets of the blocks, in the order of picking.
    pub(crate) fn offsets(&self) -> &[u64] {
        &self.offsets
    }

    /// Returns the ids of the blocks, in the same order.
    pub(crate) fn ids(&self) -> &[BlockId] {
        &self.ids
    }

    pub(super) fn push(&mut self, shard: &Shard<'_>, id: BlockId, size: u64) -> Option<()> {
        self.offsets.push(shard.segment.geometry.page(id.page) + u64::from(id.bit) * size);
        self.ids.push(id);
        if self.bits.is_empty() {
            self.note_all();
        } else {
            self.note(id);
        }
        Some(())
    }

    #[inline]
    fn note_all(&mut self) {
        if self.ids.len() > FEW {
            (0..self.ids.len()).for_each(|index| self.note(self.ids[index]));
        }
    }

    fn note(&mut self, id: BlockId) {
        *self.bits.entry((id.page, id.bit / 64)).or_default() |= 1 << (id.bit % 64);
    }

    /// Returns the bits of the picked blocks in a word of a page's bitmap.
    #[inline]
    pub(super) fn bits(&self, page: u32, index: u32) -> u64 {
        if !self.bits.is_empty() {
            return self.bits.get(&(page, index)).copied().unwrap_or(0);
        }
        let on_it = self.ids.iter().filter(|id| id.page == page && id.bit / 64 == index);
        on_it.fold(0, |bits, id| bits | 1 << (id.bit % 64))
    }

    /// Returns whether one of the blocks is on the page.
    pub(super) fn has_page(&self, page: u32) -> bool {
        if self.bits.is_empty() {
            return self.ids.iter().any(|id| id.page == page);
        }
        self.bits.range((page, 0)..=(page, u32::MAX)).next().is_some()
    }

    /// Notes that a scan of all pages has found no more blocks of the class.
    pub(super) fn exhaust(&mut self, class: u8) {
        self.exhausted |= 1 << class;
    }

    /// Returns whether a scan of all pages has found no more blocks of the class.
    #[inline]
    pub(super) fn is_exhausted(&self, class: u8) -> bool {
        self.exhausted & 1 << class != 0
    }
}
