//! Popping: an end moves past an item. A chunk that becomes empty and the blocks of a large item are freed.

use super::items::Item;
use super::push::ListUpdate;
use super::{FIRST_ITEM, PREVIOUS, Position, Range};
use crate::entry::Cells;
use crate::entry::blocks::block_size;
use crate::entry::read::{Snapshot, Torn};
use crate::intent::ListChange;
use crate::layout::version::Version;
use crate::layout::word::Link;
use crate::segment::Segment;
use crate::value::ListEnd;

/// Returns the item at an end, and the update that removes it. If it is the last item, the caller must remove the whole
/// entry instead. `removal` is the shard's sequence number, which no earlier removal from this list has.
pub(crate) fn pop(
    segment: &Segment,
    owner: u64,
    entry: &Snapshot,
    end: ListEnd,
    removal: u64,
) -> Result<(Item, ListUpdate), Torn> {
    let [head, tail, length, _] = entry.cells.list;
    let (head, tail) = (Position::decode(head), Position::decode(tail));
    let item = match end {
        ListEnd::Left => Item::read(segment, head.chunk, head.at)?,
        ListEnd::Right => last_item(segment, tail)?,
    };
    let mut cells = entry.cells;
    cells.list[2] = length.checked_sub(1).ok_or(Torn)?;
    cells.list[3] = removal;
    let mut change = ListChange { block: owner, retired_chain: item.chain.0, ..ListChange::NOTHING };
    if head.chunk == tail.chunk || length <= 1 {
        match end {
            ListEnd::Left => cells.list[0] = Position { at: item.at + item.total, ..head }.encode(),
            ListEnd::Right => cells.list[1] = Position { at: item.at, ..tail }.encode(),
        }
        return Ok((item, ListUpdate { cells, change }));
    }
    let range = Range::read(segment, item.chunk);
    let (cell, rest, neighbour) = match end {
        ListEnd::Left => (0, Position { at: item.at + item.total, ..head }, 0),
        ListEnd::Right => (1, Position { at: item.at, ..tail }, PREVIOUS),
    };
    let emptied = match end {
        ListEnd::Left => rest.at >= range.end,
        ListEnd::Right => rest.at <= range.start,
    };
    cells.list[cell] = if emptied {
        change.retired_chunk = Link::new(item.chunk, 1).0;
        let chunk = Link(segment.region.load_relaxed(item.chunk + neighbour)).block();
        block_size(segment, chunk).ok_or(Torn)?;
        let own = Range::read(segment, chunk);
        // If the other end is in the neighbour, that is where its items start or stop.
        Position { chunk, at: if end == ListEnd::Left { own.start } else { own.end } }.encode()
    } else {
        rest.encode()
    };
    Ok((item, ListUpdate { cells, change }))
}

/// Returns the item that ends at `tail`; the word before `tail` is its length.
fn last_item(segment: &Segment, tail: Position) -> Result<Item, Torn> {
    let size = block_size(segment, tail.chunk).ok_or(Torn)?;
    let length_at =
        tail.at.checked_sub(8).filter(|_| tail.at <= size && tail.at.is_multiple_of(8)).ok_or(Torn)?;
    let total = segment.region.load_relaxed(tail.chunk + length_at);
    let at = tail.at.checked_sub(total).ok_or(Torn)?;
    let item = Item::read(segment, tail.chunk, at)?;
    if item.total == total { Ok(item) } else { Err(Torn) }
}

/// Returns offset and length of the items that a change popped from the left and from the right of a chunk that it
/// keeps, from the cells of both versions.
pub(crate) fn popped(segment: &Segment, change: &ListChange) -> impl Iterator<Item = (u64, u64)> {
    let ends = |version| {
        let entry = Snapshot::read_freed(segment, change.block).ok()?;
        let cells = Cells::read(&segment.region, change.block, entry.shape, Version(version));
        Some([0, 1].map(|end| Position::decode(cells.list[end])))
    };
    let spans = ends(change.before).zip(ends(change.after)).map(|(before, after)| {
        let span = |from: Position, to: Position| {
            let size = block_size(segment, from.chunk)?;
            let is_within =
                from.chunk == to.chunk && from.at >= FIRST_ITEM && from.at < to.at && to.at <= size;
            is_within.then(|| (from.chunk + from.at, to.at - from.at))
        };
        [span(before[0], after[0]), span(after[1], before[1])]
    });
    spans.into_iter().flatten().flatten()
}
