//! Walking the blocks of a chained entry.
//!
//! Every walk is bounded: a chain has at most as many pieces as its first link says, and each next link must say one
//! less.

use super::read::{Snapshot, Torn};
use crate::layout::header::HEADER_BYTES;
use crate::layout::word::Link;
use crate::segment::Segment;
use crate::value::ValueKind;

/// A part of an entry's payload.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    /// The block it is in.
    pub block: u64,
    /// Offset of its bytes.
    pub payload: u64,
    /// Number of bytes that fit.
    pub capacity: u64,
}

/// Pieces that are copied between two checks that the entry is unchanged.
const PIECES_PER_CHECK: u64 = 16;

/// Returns whether to check that an entry is unchanged before this piece of it is copied: what has changed is not worth
/// copying to its end.
#[inline]
pub(crate) fn is_check_due(piece: u64) -> bool {
    piece.is_multiple_of(PIECES_PER_CHECK)
}

/// Returns the size of the block at `offset`, from its page's class; `None` if no block starts there.
#[inline]
pub(crate) fn block_size(segment: &Segment, offset: u64) -> Option<u64> {
    let geometry = &segment.geometry;
    let page = segment.page_of(offset)?;
    let word = crate::layout::page::PageWord(segment.region.load(geometry.page_word(page)));
    let size = geometry.classes.size(word.class())?;
    let within = (offset - geometry.page(page)) as u32;
    // Most blocks of a chain are whole pages, and a division takes as long as copying a line.
    let number = if within == 0 { 0 } else { within / size };
    let sound =
        !word.is_free() && number * size == within && number < geometry.classes.per_page(word.class());
    sound.then_some(u64::from(size))
}

/// Returns the blocks from `first` on; the link says how many there are.
#[inline(always)]
pub(crate) fn linked(segment: &Segment, first: Link) -> Linked<'_> {
    Linked { segment, next: first }
}

/// A walk along the links of a chain. It ends with the first unsound link.
#[derive(Debug)]
pub(crate) struct Linked<'a> {
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
        Ok(Piece { block, payload: block + HEADER_BYTES, capacity: size - HEADER_BYTES })
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

/// Returns all parts of a chained entry's payload, starting with the one in its own block.
pub(crate) fn pieces<'a>(
    segment: &'a Segment,
    block: u64,
    entry: &Snapshot,
) -> impl Iterator<Item = Result<Piece, Torn>> + 'a {
    let payload = entry.shape.payload;
    let own = block_size(segment, block)
        .and_then(|size| size.checked_sub(payload))
        .map(|capacity| Piece { block, payload: block + payload, capacity })
        .ok_or(Torn);
    std::iter::once(own).chain(linked(segment, entry.link))
}

/// Returns whether the entry has no block but its own.
#[inline]
pub(crate) fn is_single(entry: &Snapshot) -> bool {
    entry.link == Link::END && entry.header.kind != ValueKind::List
}
