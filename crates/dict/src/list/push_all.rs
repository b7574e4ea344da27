//! Pushing several items, which come to the list with one store.
//!
//! They are pushed one after the other to ends that no reader knows yet. If the writer dies before the commit, the new
//! blocks are found by walking the new items: from the first one, in the chunk that was at the end or in a new one.

use super::items::items_between;
use super::push::{bytes_in_chunk, push};
use super::{Position, Range};
use crate::entry::Cells;
use crate::entry::blocks;
use crate::entry::read::Torn;
use crate::intent::ListPushes;
use crate::layout::word::Link;
use crate::segment::Segment;
use crate::shard::Shard;
use crate::slab::Picks;
use crate::value::{ListEnd, Value};

/// Writes items at an end of the list whose entry is in `owner` and has these cells. Picks in addition to the present
/// picks. Returns the cells after them and what is armed before the commit, except the versions; `Ok(None)` if there is
/// no space.
pub(crate) fn push_all(
    shard: &Shard<'_>,
    owner: u64,
    present: &Cells,
    end: ListEnd,
    items: &[Value<'_>],
    picks: &mut Picks,
) -> Result<Option<(Cells, ListPushes)>, Torn> {
    let mut more: u64 = items.iter().map(|item| bytes_in_chunk(shard, item)).sum();
    let mut cells = *present;
    for item in items {
        more -= bytes_in_chunk(shard, item);
        let Some(update) = push(shard, owner, &cells, end, (item, more), picks)? else { return Ok(None) };
        cells = update.cells;
    }
    let [head, tail] = [present.list[0], present.list[1]].map(Position::decode);
    let (edge, first) = match end {
        ListEnd::Left => (head.chunk, Position::decode(cells.list[0])),
        ListEnd::Right => (tail.chunk, first_after(shard.segment, tail, &cells)),
    };
    let pushes = ListPushes {
        block: owner,
        before: 0,
        after: 0,
        first: first.encode(),
        tail: cells.list[1],
        count: items.len() as u64,
        edge: Link::new(edge, 1).0,
    };
    Ok(Some((cells, pushes)))
}

/// Returns the position of the item after the former right end: at that end, or at the start of the next chunk, if nothing
/// was added to the end's own.
fn first_after(segment: &Segment, end: Position, after: &Cells) -> Position {
    let tail = Position::decode(after.list[1]);
    if end.chunk == tail.chunk || Range::read(segment, end.chunk).end > end.at {
        return end;
    }
    let chunk = Link(segment.region.load_relaxed(end.chunk)).block();
    Position { chunk, at: Range::read(segment, chunk).start }
}

/// Calls `visit` with every block that pushes add. Stops at the first unsound item.
pub(crate) fn each_pushed_block(
    segment: &Segment,
    pushes: &ListPushes,
    visit: &mut dyn FnMut(u64),
) -> Result<(), Torn> {
    let edge = Link(pushes.edge).block();
    let mut chunk = edge;
    for item in items_between(segment, [pushes.first, pushes.tail, pushes.count, 0]) {
        let item = item?;
        if item.chunk != chunk {
            chunk = item.chunk;
            if chunk != edge {
                visit(chunk);
            }
        }
        for piece in blocks::linked(segment, item.chain) {
            visit(piece?.block);
        }
    }
    Ok(())
}
