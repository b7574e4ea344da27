//! Walking the blocks of a chained entry.
//!
//! Every walk has a bound that does not depend on what the memory says about itself: a chain has at
//! most as many pieces as its first link tells, and the next piece must tell one less.

use super::read::{Snapshot, Torn};
use crate::layout::header::HEADER_BYTES;
use crate::layout::word::Link;
use crate::segment::Segment;
use crate::value::ValueKind;

/// A part of an entry's payload.
#[derive(Debug, Clone, Copy)]
pub struct Piece {
    /// The block it lies in.
    pub block: u64,
    /// Offset of its bytes.
    pub payload: u64,
    /// How many bytes fit.
    pub room: u64,
}

/// The size of the block at `offset`, from its page's class; `None` if no block starts there.
#[inline]
pub fn block_size(segment: &Segment, offset: u64) -> Option<u64> {
    let geometry = &segment.geometry;
    let page = geometry.page_of(offset)?;
    let word = crate::layout::page::PageWord(segment.region.load(geometry.page_word(page)));
    let size = geometry.classes.size(word.class())?;
    let within = (offset - geometry.page(page)) as u32;
    // Most blocks of a chain are whole pages, and a division takes as long as a line of them does to copy.
    let number = if within == 0 { 0 } else { within / size };
    let sound =
        !word.is_free() && number * size == within && number < geometry.classes.per_page(word.class());
    sound.then_some(u64::from(size))
}

/// The blocks that follow `first`, which tells how many there are.
#[inline(always)]
pub fn linked(segment: &Segment, first: Link) -> Linked<'_> {
    Linked { segment, next: first }
}

/// A walk along the links of a chain. It ends with the first unsound one.
#[derive(Debug)]
pub struct Linked<'a> {
    segment: &'a Segment,
    next: Link,
}

impl Linked<'_> {
    #[inline(always)]
    fn follow(&mut self) -> Result<Piece, Torn> {
        let region = &self.segment.region;
        let block = self.next.block();
        let size = block_size(self.segment, block).ok_or(Torn)?;
        let following = Link(region.load_relaxed(block));
        if following.blocks() + 1 != self.next.blocks() {
            return Err(Torn);
        }
        self.next = following;
        Ok(Piece { block, payload: block + HEADER_BYTES, room: size - HEADER_BYTES })
    }
}

impl Iterator for Linked<'_> {
    type Item = Result<Piece, Torn>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.next == Link::END {
            return None;
        }
        let piece = self.follow();
        if piece.is_err() {
            self.next = Link::END;
        }
        Some(piece)
    }
}

/// All parts of a chained entry's payload, the one in its own block first.
pub fn pieces<'a>(
    segment: &'a Segment,
    block: u64,
    entry: &Snapshot,
) -> impl Iterator<Item = Result<Piece, Torn>> + 'a {
    let payload = entry.shape.payload;
    let own = block_size(segment, block)
        .and_then(|size| size.checked_sub(payload))
        .map(|room| Piece { block, payload: block + payload, room })
        .ok_or(Torn);
    std::iter::once(own).chain(linked(segment, entry.link))
}

/// True if the entry has no block but its own.
#[inline]
pub fn is_single(entry: &Snapshot) -> bool {
    entry.link == Link::END && entry.header.kind != ValueKind::List
}
