//! Which parts of a segment have memory, as far as this process knows.
//!
//! A dictionary that grows has addresses for the most that it may take, and memory for what it has taken: its first
//! `committed` pages, and each shard's index up to its level. This process keeps a copy of both numbers and looks at no place
//! beyond them, so that no load needs memory that was never reserved. Both only grow. An offset or a page beyond the copy
//! makes the process compare the copy with the shared number, which is the only time that it trusts that number: after the
//! system has confirmed that there is memory.

use super::Segment;
use super::levels::shared_level;
use crate::layout::geometry::Geometry;
use crate::layout::index_shape::IndexShape;
use crate::layout::sizing::MAX_SHARDS;
use shmkit_object::error::{Error, Result};
use shmkit_object::growth::{Growth, RefusedUntil};
use shmkit_object::region::Region;
use shmkit_object::superblock::{COMMITTED_PAGES, GROWN};
use shmkit_object::sync::Ordering;
use shmkit_object::sync::plain::AtomicU32;

/// The parts that have memory.
#[derive(Debug)]
pub(super) struct Extent {
    pages: AtomicU32,
    /// The level of each shard's index, as `2^level - 1`. An array, so that no access needs a check.
    pub(super) masks: [AtomicU32; MAX_SHARDS],
    refused: RefusedUntil,
}

pub(super) fn no_memory(what: &str) -> Error {
    Error::Corrupt(format!("the file has no memory for {what} that it counts"))
}

impl Extent {
    /// Returns the parts of a segment that have memory at present.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the file has no memory for them.
    pub(super) fn of(region: &Region, geometry: &Geometry) -> Result<Extent> {
        let mut masks = [const { AtomicU32::new(0) }; MAX_SHARDS];
        let refused = RefusedUntil::default();
        if !geometry.is_elastic() {
            return Ok(Extent { pages: AtomicU32::new(geometry.pages), masks, refused });
        }
        if !region.cover(0, geometry.head()) {
            return Err(no_memory("headers"));
        }
        for shard in 0..geometry.shards {
            let level = shared_level(region, geometry, shard)?;
            let range = geometry.index_range(shard, None, level);
            if !region.cover(range.start, range.end) {
                return Err(no_memory("an index"));
            }
            masks[shard as usize] = AtomicU32::new(IndexShape::new(geometry.base_buckets, level).mask);
        }
        let pages = region.load(COMMITTED_PAGES).min(u64::from(geometry.pages)) as u32;
        for range in geometry.page_ranges(0..pages) {
            if !region.cover(range.start, range.end) {
                return Err(no_memory("pages"));
            }
        }
        Ok(Extent { pages: AtomicU32::new(pages), masks, refused })
    }
}

impl Segment {
    /// Returns whether a page exists and has memory.
    #[inline(always)]
    pub(crate) fn has_page(&self, page: u32) -> bool {
        page < self.known_pages() || self.reaches_page(u64::from(page))
    }

    /// Returns whether a page exists and this process knows that it has memory.
    #[inline(always)]
    pub(crate) fn knows_page(&self, page: u32) -> bool {
        page < self.known_pages()
    }

    /// Like `page_of`, but only the pages of which this process knows that they have memory.
    #[inline(always)]
    pub(crate) fn known_page_of(&self, offset: u64) -> Option<u32> {
        let page = self.geometry.page_number(offset)?;
        (page < u64::from(self.known_pages())).then_some(page as u32)
    }

    /// Returns the page that contains the byte at `offset`; `None` outside of the pages that have memory.
    #[inline(always)]
    pub(crate) fn page_of(&self, offset: u64) -> Option<u32> {
        let page = self.geometry.page_number(offset)?;
        let known = u64::from(self.known_pages());
        (page < known || self.reaches_page(page)).then_some(page as u32)
    }

    /// Returns the bytes from `offset` to the end of its page; `None` outside of the pages that have memory.
    #[inline]
    pub(crate) fn rest_of_page(&self, offset: u64) -> Option<u64> {
        let page = self.page_of(offset)?;
        Some(self.geometry.page(page) + self.geometry.page_bytes() - offset)
    }

    #[cold]
    #[inline(never)]
    fn reaches_page(&self, page: u64) -> bool {
        self.geometry.is_elastic() && page < u64::from(self.geometry.pages) && page < u64::from(self.pages())
    }

    /// Returns the number of pages that have memory now.
    pub(crate) fn pages(&self) -> u32 {
        let known = self.known_pages();
        if !self.geometry.is_elastic() {
            return known;
        }
        // Pairs with the Release of the swap that commits pages.
        let shared = self.region.load(COMMITTED_PAGES).min(u64::from(self.geometry.pages)) as u32;
        if shared <= known {
            return known;
        }
        let has_memory = |range: &std::ops::Range<u64>| self.region.cover(range.start, range.end);
        // The pages come first: a damaged number shows there at once.
        if !self.geometry.page_ranges(known..shared).iter().rev().all(has_memory) {
            return known;
        }
        self.note_pages(shared);
        shared
    }

    /// Notes that this process has mapped `pages` pages.
    pub(crate) fn note_pages(&self, pages: u32) {
        self.extent.pages.fetch_max(pages, Ordering::Relaxed);
    }

    /// Returns the bytes of all pages that have memory, which entries can use.
    pub(crate) fn capacity(&self) -> u64 {
        u64::from(self.pages()) << self.geometry.page_shift
    }

    /// Returns the number of pages of which this process knows that they have memory.
    #[inline(always)]
    pub(crate) fn known_pages(&self) -> u32 {
        self.extent.pages.load(Ordering::Relaxed)
    }

    /// Returns the number of pages that the segment can ever have.
    pub(crate) fn most_pages(&self) -> u64 {
        u64::from(self.geometry.pages)
    }

    /// Returns the bytes that all sections have taken.
    pub fn taken(&self) -> u64 {
        let geometry = &self.geometry;
        if !geometry.is_elastic() {
            return geometry.size;
        }
        let level = |shard| shared_level(&self.region, geometry, shard).unwrap_or(0);
        geometry.taken((0..geometry.shards).map(level), self.pages())
    }

    /// Forgets what this process knows, as if it had just attached: for tests that put an earlier image back.
    ///
    /// # Panics
    /// If the file has no memory for what it counts.
    pub fn learn_anew(&self) {
        let new = Extent::of(&self.region, &self.geometry).expect("the image was sound");
        self.extent.pages.store(new.pages.load(Ordering::Relaxed), Ordering::Relaxed);
        for (known, new) in self.extent.masks.iter().zip(&new.masks) {
            known.store(new.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        self.extent.refused.forget();
    }

    /// Returns what takes more memory.
    pub(crate) fn growth(&self) -> Growth<'_> {
        Growth { membership: &self.membership, refused: &self.extent.refused }
    }

    /// Returns how often the segment has taken more memory.
    pub fn grown(&self) -> u64 {
        self.region.load_relaxed(GROWN)
    }
}
