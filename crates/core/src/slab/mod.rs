//! The slab: pages cut into blocks of one size class, with a bitmap per page.
//!
//! The page table says who owns a page; its bitmap says which of its blocks are in use. Both are
//! derived from the index and can be rebuilt from it. There are no free lists: a bit is set or cleared
//! by one store, and doing it twice changes nothing, which is what recovery needs.

pub mod compact;
pub mod pages;

use crate::layout::page::PageWord;
use crate::layout::shard::class_hint;
use crate::shard::Shard;
use smallvec::SmallVec;

/// Blocks chosen for an operation that are not marked yet: a death forgets them.
#[derive(Debug, Default)]
pub struct Picks {
    offsets: SmallVec<[u64; 4]>,
    places: SmallVec<[Place; 4]>,
    /// A page that is being emptied.
    avoid: Option<u32>,
}

impl Picks {
    /// Picks that leave out a page.
    pub fn avoiding(page: u32) -> Self {
        Picks { avoid: Some(page), ..Picks::default() }
    }

    /// Forgets all picks.
    pub fn clear(&mut self) {
        self.offsets.clear();
        self.places.clear();
    }

    /// Offsets of the blocks, in the order of picking.
    pub fn offsets(&self) -> &[u64] {
        &self.offsets
    }

    /// Their places.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    fn push(&mut self, shard: &Shard<'_>, place: Place, size: u64) -> Option<()> {
        self.offsets.push(shard.segment.geometry.page(place.page) + u64::from(place.bit) * size);
        self.places.push(place);
        Some(())
    }
}

/// A block's bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The page.
    pub page: u32,
    /// Which block of it.
    pub bit: u32,
    /// The page's class.
    pub class: u8,
}

/// A free block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Free {
    /// Its place.
    pub place: Place,
    /// Where it starts.
    pub block: u64,
    /// Its page's generation.
    pub generation: u32,
    /// Its page is known to be full with it.
    pub is_last: bool,
}

impl Shard<'_> {
    /// The word of a page.
    #[inline]
    pub fn page(&self, page: u32) -> PageWord {
        PageWord(self.segment.region.load(self.segment.geometry.page_word(page)))
    }

    /// The place of the block that starts at `offset`; `None` if this shard has no such block.
    #[inline(always)]
    pub fn place(&self, offset: u64) -> Option<Place> {
        let geometry = &self.segment.geometry;
        let page = geometry.page_of(offset)?;
        let word = self.page(page);
        let bit = geometry.classes.get(word.class())?.number_of((offset - geometry.page(page)) as u32)?;
        word.belongs_to(self.id).then(|| Place { page, bit, class: word.class() })
    }

    /// True if the block is in use.
    pub fn is_marked(&self, place: Place) -> bool {
        let at = self.segment.geometry.bitmap(place.page, place.bit / 64);
        self.segment.region.load(at) & 1 << (place.bit % 64) != 0
    }

    /// Takes the block into use. Idempotent.
    #[inline(always)]
    pub fn mark(&self, place: Place) {
        let at = self.segment.geometry.bitmap(place.page, place.bit / 64);
        self.segment.region.store(at, self.segment.region.load(at) | 1 << (place.bit % 64));
    }

    /// Gives the block at `offset` back, if it is ours.
    pub fn unmark_at(&self, offset: u64) {
        if let Some(place) = self.place(offset) {
            self.unmark(place);
        }
    }

    /// Gives the block back. Idempotent. Its page stays ours until `release_empty`.
    #[inline]
    pub fn unmark(&self, place: Place) {
        let at = self.segment.geometry.bitmap(place.page, place.bit / 64);
        let word = self.segment.region.load(at);
        self.note_free_block(place);
        self.segment.region.store(at, word & !(1 << (place.bit % 64)));
    }

    /// Keeps the hints in step with a block that becomes free: the next pick finds it at once if the
    /// page used last has nothing left.
    fn note_free_block(&self, place: Place) {
        let hint = self.page_hint(place.class);
        if hint == place.page {
            return;
        }
        if hint >= self.segment.geometry.pages
            || !self.page(hint).is_of(self.id, place.class)
            || self.is_full(hint, place.class)
        {
            self.set_page_hint(place.class, place.page);
        } else if self.is_full(place.page, place.class) {
            self.set_partial(place.class, self.partial(place.class).saturating_add(1));
        }
    }

    /// Picks a free block of `class`: from the page used last, from a page known to have one, from a
    /// page that nobody owns. `None` if there is none of these.
    #[inline]
    pub fn pick(&self, class: u8, picks: &mut Picks) -> Option<()> {
        let size = u64::from(self.segment.geometry.classes.size(class)?);
        let hint = self.page_hint(class);
        if let Some(place) = self.free_place(hint, class, picks) {
            return picks.push(self, place, size);
        }
        self.note_picked(hint, class, picks);
        if self.partial(class) > 0 {
            if let Some(place) = self.scan_for_place(hint, class, picks) {
                return picks.push(self, place, size);
            }
            self.set_partial(class, 0);
        }
        let page = self.claim_page(class)?;
        self.set_page_hint(class, page);
        picks.push(self, Place { page, bit: 0, class }, size)
    }

    /// Before another page is picked from: what was picked from this one is not marked, and may be forgotten.
    fn note_picked(&self, page: u32, class: u8, picks: &Picks) {
        if picks.places.iter().any(|place| place.page == page) {
            self.set_partial(class, self.partial(class).saturating_add(1));
        }
    }

    /// A free block of the page that blocks of `class` were picked from last, if it has one among its first 64.
    #[inline(always)]
    pub fn free_block(&self, class: u8) -> Option<Free> {
        let geometry = &self.segment.geometry;
        let page = self.page_hint(class);
        let cut = geometry.classes.get(class).filter(|_| page < geometry.pages)?;
        let word = self.page(page);
        let used = self.segment.region.load(geometry.bitmap(page, 0));
        let bit = used.trailing_ones();
        if bit >= cut.per_page.min(64) || !word.is_of(self.id, class) {
            return None;
        }
        Some(Free {
            place: Place { page, bit, class },
            block: geometry.page(page) + u64::from(bit) * u64::from(cut.size),
            generation: word.generation(),
            is_last: (used | 1 << bit).trailing_ones() == cut.per_page,
        })
    }

    /// Gives a block back in whose stead `fresh` was taken into use, as `unmark` does.
    #[inline(always)]
    pub fn unmark_for(&self, retired: Place, fresh: Free) {
        let at = self.segment.geometry.bitmap(retired.page, retired.bit / 64);
        let word = self.segment.region.load(at);
        if retired.page != fresh.place.page {
            if retired.class == fresh.place.class && fresh.is_last {
                self.set_page_hint(retired.class, retired.page);
            } else {
                self.note_free_block(retired);
            }
        }
        self.segment.region.store(at, word & !(1 << (retired.bit % 64)));
    }

    /// Picks `count` whole pages in one pass over the page table.
    pub fn pick_pages(&self, count: u64, picks: &mut Picks) -> Option<()> {
        let class = self.segment.geometry.classes.whole_page();
        let size = self.segment.geometry.page_bytes();
        let mut left = count;
        for page in 0..self.segment.geometry.pages {
            if left == 0 {
                break;
            }
            let place = Place { page, bit: 0, class };
            let word = self.page(page);
            let ours = word.is_of(self.id, class) && !self.is_marked(place) && !picks.places.contains(&place);
            if ours || (word.is_free() && self.claim(page, word, class)) {
                picks.push(self, place, size);
                left -= 1;
            }
        }
        (left == 0).then_some(())
    }

    /// The first free block of a page that is ours and of `class`.
    #[inline]
    fn free_place(&self, page: u32, class: u8, picks: &Picks) -> Option<Place> {
        let geometry = &self.segment.geometry;
        if page >= geometry.pages || picks.avoid == Some(page) || !self.page(page).is_of(self.id, class) {
            return None;
        }
        let blocks = geometry.classes.per_page(class);
        for index in 0..blocks.div_ceil(64) {
            let mut free =
                !self.segment.region.load(geometry.bitmap(page, index)) & bits_of_word(blocks, index);
            for taken in picks.places.iter().filter(|place| place.page == page && place.bit / 64 == index) {
                free &= !(1 << (taken.bit % 64));
            }
            if free != 0 {
                return Some(Place { page, bit: index * 64 + free.trailing_zeros(), class });
            }
        }
        None
    }

    #[cold]
    fn scan_for_place(&self, from: u32, class: u8, picks: &Picks) -> Option<Place> {
        let pages = self.segment.geometry.pages;
        let start = if from < pages { from } else { 0 };
        let place = (start..pages).chain(0..start).find_map(|page| self.free_place(page, class, picks))?;
        self.set_page_hint(class, place.page);
        self.set_partial(class, self.partial(class).saturating_sub(1));
        Some(place)
    }

    /// Blocks of a page that are in use.
    pub fn used_blocks(&self, page: u32) -> u32 {
        let geometry = &self.segment.geometry;
        (0..geometry.bitmap_words())
            .map(|index| self.segment.region.load(geometry.bitmap(page, index)).count_ones())
            .sum()
    }

    /// Makes the next picks look at every page again.
    pub fn reset_partial_hints(&self) {
        for class in 0..self.segment.geometry.classes.count() as u8 {
            self.set_partial(class, self.segment.geometry.pages);
        }
    }

    #[inline]
    fn is_full(&self, page: u32, class: u8) -> bool {
        let geometry = &self.segment.geometry;
        let blocks = geometry.classes.per_page(class);
        (0..blocks.div_ceil(64)).all(|index| {
            let free = !self.segment.region.load(geometry.bitmap(page, index)) & bits_of_word(blocks, index);
            free == 0
        })
    }

    /// True if no block of the page is in use.
    #[inline]
    fn is_unused(&self, page: u32) -> bool {
        let geometry = &self.segment.geometry;
        (0..geometry.bitmap_words()).all(|index| self.segment.region.load(geometry.bitmap(page, index)) == 0)
    }

    #[inline]
    fn page_hint(&self, class: u8) -> u32 {
        self.load32(class_hint(class))
    }

    pub(super) fn set_page_hint(&self, class: u8, page: u32) {
        self.hint32(class_hint(class), page);
    }

    #[inline]
    fn partial(&self, class: u8) -> u32 {
        self.load32(class_hint(class) + 4)
    }

    fn set_partial(&self, class: u8, pages: u32) {
        self.hint32(class_hint(class) + 4, pages);
    }
}

/// The bits of bitmap word `index` that stand for one of `blocks` blocks.
#[inline]
fn bits_of_word(blocks: u32, index: u32) -> u64 {
    match blocks - index * 64 {
        64.. => u64::MAX,
        some => (1 << some) - 1,
    }
}
