//! Pushing: the item is written where no reader reads, then an end moves.

use super::items::{ITEM_OVERHEAD, bytes_of, header};
use super::{FIRST_ITEM, PREVIOUS, Position, Range};
use crate::entry::Cells;
use crate::entry::blocks::block_size;
use crate::entry::piece_plan::PiecePlan;
use crate::entry::read::Torn;
use crate::entry::write::{EntryDraft, compose_chain};
use crate::intent::ListChange;
use crate::layout::header::chunk;
use crate::layout::shard::SEQUENCE;
use crate::layout::word::Link;
use crate::shard::Shard;
use crate::slab::Picks;
use crate::value::{Key, ListEnd, Value, ValueKind};

/// The size of the first chunk; each next one is twice as large, up to a page.
const FIRST_CHUNK: u64 = 128;

/// A push or pop that is ready to be committed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListUpdate {
    /// The cells after it.
    pub cells: Cells,
    /// The blocks that it adds or removes, if any.
    pub change: ListChange,
}

/// The bytes that an item takes in a chunk, and the blocks of its own if it is large.
struct Sizes {
    total: u64,
    pieces: PiecePlan,
}

/// Returns the bytes that an item takes in a chunk.
pub(super) fn bytes_in_chunk(shard: &Shard<'_>, value: &Value<'_>) -> u64 {
    sizes(shard, value).total
}

fn sizes(shard: &Shard<'_>, value: &Value<'_>) -> Sizes {
    let geometry = &shard.segment.geometry;
    let len = bytes_of(value).len() as u64;
    if len <= geometry.page_bytes() / 4 {
        return Sizes { total: len.next_multiple_of(8) + ITEM_OVERHEAD, pieces: PiecePlan::default() };
    }
    Sizes { total: 8 + ITEM_OVERHEAD, pieces: PiecePlan::holding(&geometry.classes, len) }
}

/// Returns the value with its bytes in `copy` if there are checksums. Bytes of the caller are read once: if they change
/// meanwhile, as shared memory may, the checksum is that of what is stored.
fn read_once<'v>(shard: &Shard<'_>, value: &Value<'v>, copy: &'v mut Vec<u8>) -> Value<'v> {
    if !shard.segment.checksums || value.kind.is_scalar() {
        return *value;
    }
    copy.extend_from_slice(value.bytes);
    Value { bytes: copy, ..*value }
}

/// Comes before the first store into memory that earlier items or entries have left. Release: a reader that reads
/// what is stored from here on finds, after its Acquire fence, that they are gone.
fn note_reuse(shard: &Shard<'_>) {
    shard.segment.region.write_fence();
}

/// Picks a chunk for `total` bytes, at least twice as large as the last one; larger if `more` bytes are to follow. Returns
/// its offset and size.
fn pick_chunk(
    shard: &Shard<'_>,
    (total, more): (u64, u64),
    last: u64,
    picks: &mut Picks,
) -> Option<(u64, u64)> {
    let geometry = &shard.segment.geometry;
    let usual = (2 * last).max(FIRST_ITEM + total + more).clamp(FIRST_CHUNK, geometry.page_bytes());
    let wanted = usual.max(FIRST_ITEM + total);
    let class = geometry.classes.holding(wanted)?;
    shard.pick(class, picks)?;
    let block = *picks.offsets().last()?;
    Some((block, u64::from(geometry.classes.size(class)?)))
}

/// Picks and writes the item's own chain, if it is large. Returns its link, or `END`.
fn write_chain(
    shard: &Shard<'_>,
    owner: u64,
    value: &Value<'_>,
    sizes: &Sizes,
    picks: &mut Picks,
) -> Option<Link> {
    let first = picks.offsets().len();
    sizes.pieces.pick(shard, picks)?;
    if picks.offsets().len() == first {
        return Some(Link::END);
    }
    Some(compose_chain(shard, owner, &bytes_of(value), picks, first))
}

fn write_item(shard: &Shard<'_>, at: u64, value: &Value<'_>, total: u64, chain: Link) {
    let region = &shard.segment.region;
    region.store(at, header(value, chain != Link::END, shard.segment.checksums));
    if chain == Link::END {
        region.copy_in(at + 8, &bytes_of(value));
    } else {
        region.store(at + 8, chain.0);
    }
    region.store(at + total - 8, total);
}

fn write_chunk(shard: &Shard<'_>, block: u64, owner: u64, next: u64, previous: u64, range: Range) {
    let region = &shard.segment.region;
    let link = |chunk: u64| if chunk == 0 { 0 } else { Link::new(chunk, 1).0 };
    region.store(block, link(next));
    region.store(block + 8, chunk(owner));
    region.store(block + PREVIOUS, link(previous));
    range.write(shard.segment, block);
}

/// Returns the draft of a new list with one item. The item's chunk is written into blocks that are picked in addition
/// to the entry's own, `picks.offsets()[0]`. Returns `None` if there is no space.
pub(crate) fn draft<'k>(
    shard: &Shard<'_>,
    key: Key<'k>,
    value: &Value<'_>,
    epoch: u16,
    picks: &mut Picks,
) -> Option<EntryDraft<'k>> {
    let owner = picks.offsets()[0];
    let mut copy = Vec::new();
    let value = &read_once(shard, value, &mut copy);
    let sizes = sizes(shard, value);
    note_reuse(shard);
    let (block, _) = pick_chunk(shard, (sizes.total, 0), 0, picks)?;
    let chain = write_chain(shard, owner, value, &sizes, picks)?;
    let range = Range { start: FIRST_ITEM, end: FIRST_ITEM + sizes.total };
    write_chunk(shard, block, owner, 0, 0, range);
    write_item(shard, block + range.start, value, sizes.total, chain);
    let ends = [range.start, range.end].map(|at| Position { chunk: block, at }.encode());
    let list = Value { kind: ValueKind::List, scalar: 0, bytes: &[] };
    // Removals come later, so their numbers are larger.
    let created = shard.load(SEQUENCE);
    let cells = Cells { scalar: 0, list: [ends[0], ends[1], 1, created], deadline: 0 };
    Some(EntryDraft { key, value: list, cells, epoch })
}

/// Writes an item at an end of the list whose entry is in `owner` and has these cells. A new chunk gets space for `more`
/// bytes. Picks in addition to the present picks. Returns `Ok(None)` if there is no space.
pub(crate) fn push(
    shard: &Shard<'_>,
    owner: u64,
    present: &Cells,
    end: ListEnd,
    (value, more): (&Value<'_>, u64),
    picks: &mut Picks,
) -> Result<Option<ListUpdate>, Torn> {
    let mut copy = Vec::new();
    let value = &read_once(shard, value, &mut copy);
    let sizes = sizes(shard, value);
    let [head, tail, length, _] = present.list;
    let edge = Position::decode(if end == ListEnd::Left { head } else { tail });
    let size = block_size(shard.segment, edge.chunk).ok_or(Torn)?;
    if edge.at < FIRST_ITEM || edge.at > size || !edge.at.is_multiple_of(8) {
        return Err(Torn);
    }
    note_reuse(shard);
    let Some(chain) = write_chain(shard, owner, value, &sizes, picks) else { return Ok(None) };
    let fits = match end {
        ListEnd::Left => edge.at >= FIRST_ITEM + sizes.total,
        ListEnd::Right => edge.at + sizes.total <= size,
    };
    let (position, fresh_chunk) = if fits {
        let at = if end == ListEnd::Left { edge.at - sizes.total } else { edge.at };
        (Position { chunk: edge.chunk, at }, 0)
    } else {
        let Some((block, size)) = pick_chunk(shard, (sizes.total, more), size, picks) else {
            return Ok(None);
        };
        let at = if end == ListEnd::Left { size - sizes.total } else { FIRST_ITEM };
        let range = Range { start: at, end: at + sizes.total };
        let (next, previous) = if end == ListEnd::Left { (edge.chunk, 0) } else { (0, edge.chunk) };
        write_chunk(shard, block, owner, next, previous, range);
        (Position { chunk: block, at }, Link::new(block, 1).0)
    };
    write_item(shard, position.chunk + position.at, value, sizes.total, chain);
    let mut cells = *present;
    match end {
        ListEnd::Left => cells.list[0] = position.encode(),
        ListEnd::Right => cells.list[1] = Position { at: position.at + sizes.total, ..position }.encode(),
    }
    cells.list[2] = length.checked_add(1).ok_or(Torn)?;
    if fresh_chunk != 0 {
        join(shard, edge, position.chunk, end, head, tail);
    }
    let change = ListChange { block: owner, fresh_chunk, fresh_chain: chain.0, ..ListChange::NOTHING };
    Ok(Some(ListUpdate { cells, change }))
}

/// Links the chunk that was at an end to the new one, and stores its own start or end, which counts from the commit on.
fn join(shard: &Shard<'_>, former: Position, fresh: u64, end: ListEnd, head: u64, tail: u64) {
    let (head, tail) = (Position::decode(head), Position::decode(tail));
    let mut range = Range::read(shard.segment, former.chunk);
    if former.chunk == head.chunk {
        range.start = head.at;
    }
    if former.chunk == tail.chunk {
        range.end = tail.at;
    }
    range.write(shard.segment, former.chunk);
    let at = former.chunk + if end == ListEnd::Left { PREVIOUS } else { 0 };
    shard.segment.region.store(at, Link::new(fresh, 1).0);
}
