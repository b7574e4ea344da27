//! Claiming and releasing pages. A shard claims a page with one compare-and-swap that already carries the next
//! generation. It releases a page in a step of its own, only while no intent is armed; otherwise recovery could repeat
//! its last steps in a page that another shard has claimed since.

use super::{BlockId, Picks};
use crate::layout::page::PageWord;
use crate::segment::Segment;
use crate::shard::Shard;
use shmkit_object::superblock::{FREE_CURSOR, FREE_PAGES};

impl Segment {
    /// Counts the pages without an owner.
    pub fn count_free_pages(&self) -> u64 {
        (0..self.pages())
            .filter(|&page| PageWord(self.region.load(self.geometry.page_word(page))).is_free())
            .count() as u64
    }

    /// Counts the free pages and stores the number: the running count is a hint that deaths and races make wrong.
    pub fn recount_free_pages(&self) -> u64 {
        let free = self.count_free_pages();
        self.region.hint(FREE_PAGES, free);
        free
    }
}

impl Shard<'_> {
    /// Claims a free page for blocks of `class`. Before its first page, a shard claims its reserve.
    #[cold]
    pub(crate) fn claim_page(&self, class: u8) -> Option<u32> {
        if self.keep_reserve() { self.claim_any(class) } else { None }
    }

    /// Claims a free page for blocks of `class`, or as the reserve.
    pub(super) fn claim_any(&self, class: u8) -> Option<u32> {
        let region = &self.segment.region;
        if region.load_relaxed(FREE_PAGES) == 0 {
            return None;
        }
        let pages = self.segment.pages();
        let start = (region.load_relaxed(FREE_CURSOR) % u64::from(pages)) as u32;
        for page in (start..pages).chain(0..start) {
            let word = self.page(page);
            if word.is_free() && self.claim(page, word, class) {
                region.hint(FREE_CURSOR, u64::from(page) + 1);
                return Some(page);
            }
        }
        region.hint(FREE_PAGES, 0);
        None
    }

    /// Tries to claim a page. On success, its bitmap is empty.
    pub(crate) fn claim(&self, page: u32, free: PageWord, class: u8) -> bool {
        let region = &self.segment.region;
        let geometry = &self.segment.geometry;
        let owned = PageWord::owned(self.id, class, free.generation().wrapping_add(1));
        if region.swap_if(geometry.page_word(page), free.0, owned.0).is_err() {
            return false;
        }
        self.add_free_pages(-1);
        for index in 0..geometry.bitmap_words() {
            if region.load(geometry.bitmap(page, index)) != 0 {
                region.store(geometry.bitmap(page, index), 0);
            }
        }
        true
    }

    /// Releases the page of a freed block if it is empty, unless blocks of its class are picked from it. The intent must
    /// be idle.
    #[inline(always)]
    pub(crate) fn release_empty(&self, id: BlockId) {
        if id.page != self.page_hint(id.class) {
            self.release_unused(id);
        }
    }

    fn release_unused(&self, id: BlockId) {
        if self.is_unused(id.page) {
            self.release_page(id.page);
            self.set_partial(id.class, self.partial(id.class).saturating_sub(1));
        }
    }

    /// Like `release_empty`, for the block at `offset`, if it is this shard's.
    pub(crate) fn release_empty_at(&self, offset: u64) {
        if let Some(id) = self.block_id(offset) {
            self.release_empty(id);
        }
    }

    /// Releases the page of the block at `offset` if it is empty, even if blocks of its class are picked from it. Returns
    /// whether it was. The intent must be idle.
    pub(crate) fn release_unused_at(&self, offset: u64) -> bool {
        let id = self.block_id(offset).filter(|id| self.is_unused(id.page));
        if let Some(id) = id {
            self.release_unused(id);
        }
        id.is_some()
    }

    /// Releases the pages of blocks that were picked in vain, if they are empty. The intent must be idle.
    #[cold]
    pub(crate) fn release_picked(&self, picks: &Picks) {
        for &id in picks.ids() {
            let is_reserve = id.class == self.segment.geometry.classes.reserve();
            if !is_reserve && self.page(id.page).is_of(self.id, id.class) {
                self.release_unused(id);
            }
        }
    }

    /// Releases the empty pages that blocks are picked from. The intent must be idle.
    pub(crate) fn release_empty_hinted(&self) {
        for class in 0..self.segment.geometry.classes.count() as u8 {
            let page = self.page_hint(class);
            if self.segment.has_page(page) && self.page(page).is_of(self.id, class) {
                self.release_unused(BlockId { page, bit: 0, class });
            }
        }
    }

    /// Releases all empty pages of this shard and returns their number. The reserve is kept unless no other page is in
    /// use. The intent must be idle.
    pub(crate) fn release_all_empty(&self) -> u64 {
        let reserve = self.reserve().map(|id| id.page);
        let (mut released, mut is_used) = (0, false);
        for page in (0..self.segment.pages()).filter(|&page| self.page(page).belongs_to(self.id)) {
            if !self.is_unused(page) {
                is_used = true;
            } else if reserve != Some(page) {
                self.release_page(page);
                released += 1;
            }
        }
        if let Some(reserve) = reserve
            && !is_used
        {
            self.release_page(reserve);
            released += 1;
        }
        released
    }

    fn release_page(&self, page: u32) {
        let word = self.page(page);
        if self.segment.region.swap_if(self.segment.geometry.page_word(page), word.0, word.freed().0).is_ok()
        {
            self.add_free_pages(1);
        }
    }

    fn add_free_pages(&self, delta: i64) {
        let free = self.segment.region.load_relaxed(FREE_PAGES);
        if delta > 0 || free > 0 {
            self.segment.region.hint_add(FREE_PAGES, delta as u64);
        }
    }
}
