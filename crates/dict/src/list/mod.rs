//! Lists: an entry whose cells hold both ends and the length, and doubly linked chunks with the items. A push writes
//! past an end, where no reader reads, and commits with the entry's version; a pop moves an end. So both ends are O(1),
//! and a death leaves the old ends.
//!
//! A push changes nothing that a reader of the earlier ends reads. Only a removal does, and it leaves its sequence number
//! in the cells: as long as that is the same, the items between earlier ends are intact.
//!
//! ```text
//! chunk:  0 link to the next | header | link to the previous | start (4) end (4) | items ...
//! item:   kind 4, large 1, 0 3, check 24, length 32 | bytes, padded to 8 | bytes of the item
//! end:    block / 8 (36) | position in it / 8 (28)
//! ```
//! A chunk's own start and end count only if the list's ends are in other chunks. The bytes of a large item are a chain
//! of their own; the item holds the link to it.

mod items;
mod pop;
mod push;
mod push_all;

pub(crate) use items::{items, value_of};
pub(crate) use pop::{pop, popped};
pub(crate) use push::{ListUpdate, draft, push};
pub(crate) use push_all::{each_pushed_block, push_all};

use crate::entry::blocks;
use crate::entry::read::{Snapshot, Torn};
use crate::layout::class::SMALLEST;
use crate::layout::word::Link;
use crate::segment::Segment;
use crate::value::ValueKind;

/// Offset of a chunk's link to the previous one.
const PREVIOUS: u64 = 16;
/// Offset of a chunk's start and end.
const RANGE: u64 = 24;
/// Offset of a chunk's first item.
const FIRST_ITEM: u64 = 32;

/// One end of a list: a position in a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    chunk: u64,
    at: u64,
}

impl Position {
    fn decode(word: u64) -> Self {
        let link = Link(word);
        Position { chunk: link.block(), at: link.blocks() * 8 }
    }

    fn encode(self) -> u64 {
        Link::new(self.chunk, self.at / 8).0
    }
}

/// The range of the items in a chunk that is not at an end of its list.
#[derive(Debug, Clone, Copy)]
struct Range {
    start: u64,
    end: u64,
}

impl Range {
    fn read(segment: &Segment, chunk: u64) -> Self {
        let word = segment.region.load_relaxed(chunk + RANGE);
        Range { start: word & 0xFFFF_FFFF, end: word >> 32 }
    }

    fn write(self, segment: &Segment, chunk: u64) {
        segment.region.store(chunk + RANGE, self.start | self.end << 32);
    }
}

/// Calls `visit` with every block of an entry of any kind, its own first. Stops at the first unsound link.
pub(crate) fn each_block(
    segment: &Segment,
    block: u64,
    entry: &Snapshot,
    visit: &mut dyn FnMut(u64),
) -> Result<(), Torn> {
    visit(block);
    for piece in blocks::linked(segment, entry.link) {
        visit(piece?.block);
    }
    if entry.header.kind == ValueKind::List { each_block_of_list(segment, entry, visit) } else { Ok(()) }
}

/// Calls `visit` with the blocks of all chunks and large items, at most as often as there are blocks: damage can
/// link chunks in a circle, which would repeat them forever.
fn each_block_of_list(segment: &Segment, entry: &Snapshot, visit: &mut dyn FnMut(u64)) -> Result<(), Torn> {
    let mut left = segment.capacity() / u64::from(SMALLEST);
    let mut visit = |block| {
        left = left.checked_sub(1).ok_or(Torn)?;
        visit(block);
        Ok(())
    };
    let mut chunk = 0;
    for item in items(segment, entry) {
        let item = item?;
        if item.chunk != chunk {
            chunk = item.chunk;
            visit(chunk)?;
        }
        for piece in blocks::linked(segment, item.chain) {
            visit(piece?.block)?;
        }
    }
    Ok(())
}
