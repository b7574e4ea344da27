//! The reserve: an empty page that every shard with pages keeps back, so that an entry of a full dictionary can be
//! overwritten. `crate::ops::reserve` says how it is used.
//!
//! The reserve has a class of its own, so no other write picks it. The page hint of that class says where it is.

use super::BlockId;
use crate::entry::write::BlockPlan;
use crate::layout::page::PageWord;
use crate::shard::Shard;

impl Shard<'_> {
    /// Returns the block of the shard's reserve, if it has one.
    pub(crate) fn reserve(&self) -> Option<BlockId> {
        let geometry = &self.segment.geometry;
        let class = geometry.classes.reserve();
        let page = self.page_hint(class);
        (self.segment.has_page(page) && self.page(page).is_of(self.id, class)).then_some(BlockId {
            page,
            bit: 0,
            class,
        })
    }

    /// Returns the block of the shard's reserve, if no entry is in it.
    pub(crate) fn free_reserve(&self) -> Option<BlockId> {
        self.reserve().filter(|&id| !self.is_marked(id))
    }

    /// Returns the block of the shard's reserve, if an entry is in it.
    pub(crate) fn used_reserve(&self) -> Option<BlockId> {
        self.reserve().filter(|&id| self.is_marked(id))
    }

    /// Claims a page as the reserve, unless there is one. Returns whether there is one now. A death between the two
    /// steps leaves an empty page that is found when space is made.
    pub(super) fn keep_reserve(&self) -> bool {
        if self.reserve().is_some() {
            return true;
        }
        let class = self.segment.geometry.classes.reserve();
        let page = self.claim_any(class);
        if let Some(page) = page {
            self.set_page_hint(class, page);
        }
        page.is_some()
    }

    /// Divides the reserve into blocks for an entry of one block. Returns false if it is in use, or if the entry has
    /// more blocks. Only where evictions can make up for it: the shard has no reserve until it claims its next page.
    pub(crate) fn divide_reserve(&self, plan: &BlockPlan) -> bool {
        let Some(reserve) = self.free_reserve().filter(|_| plan.blocks() == 1) else { return false };
        let word = self.page(reserve.page);
        let divided = PageWord::owned(self.id, plan.head, word.generation().wrapping_add(1));
        let at = self.segment.geometry.page_word(reserve.page);
        let is_divided = self.segment.region.swap_if(at, word.0, divided.0).is_ok();
        if is_divided {
            self.set_page_hint(plan.head, reserve.page);
        }
        is_divided
    }

    /// Divides one of `pages` anew, into blocks of `class`, if it is an empty page of this shard. The intent must be
    /// idle.
    pub(crate) fn divide_anew(&self, mut pages: std::ops::Range<u32>, class: u8) -> Option<u32> {
        let geometry = &self.segment.geometry;
        let page = pages.find(|&page| {
            let word = self.page(page);
            let divided = PageWord::owned(self.id, class, word.generation().wrapping_add(1));
            word.belongs_to(self.id)
                && word.class() != geometry.classes.reserve()
                && self.is_unused(page)
                && self.segment.region.swap_if(geometry.page_word(page), word.0, divided.0).is_ok()
        })?;
        self.set_page_hint(class, page);
        Some(page)
    }
}
