//! The items of a list, and walking them from left to right.

use super::{FIRST_ITEM, Position, Range};
use crate::entry::blocks::{block_size, linked};
use crate::entry::read::{Snapshot, Torn};
use crate::layout::class::SMALLEST;
use crate::layout::word::Link;
use crate::segment::Segment;
use crate::value::{Value, ValueKind};

const LARGE: u64 = 1 << 4;
/// Bytes of an item besides its payload: a word before it, and one after it for walking backwards.
pub(super) const ITEM_OVERHEAD: u64 = 16;

/// The location of an item and its header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    /// The chunk it is in.
    pub chunk: u64,
    /// Its position in the chunk.
    pub at: u64,
    /// Bytes it takes there.
    pub total: u64,
    /// The type of its value.
    pub kind: ValueKind,
    /// Length of its value in bytes.
    pub len: u64,
    /// The link to its bytes, if it is large.
    pub chain: Link,
    check: u32,
}

/// Returns the header of an item.
pub(super) fn header(value: &Value<'_>, large: bool, checksums: bool) -> u64 {
    let check = if checksums { check(value.kind, &bytes_of(value)) } else { 0 };
    value.kind as u64
        | if large { LARGE } else { 0 }
        | u64::from(check) << 8
        | (bytes_of(value).len() as u64) << 32
}

/// Returns the bytes that represent an item's value.
pub(super) fn bytes_of<'v>(value: &Value<'v>) -> std::borrow::Cow<'v, [u8]> {
    if value.kind.is_scalar() { value.scalar.to_le_bytes().to_vec().into() } else { value.bytes.into() }
}

/// Returns 24 bits of CRC-32.
fn check(kind: ValueKind, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(kind as u32);
    hasher.update(bytes);
    hasher.finalize() & 0xFF_FFFF
}

impl Item {
    /// Reads the item at a position.
    pub(crate) fn read(segment: &Segment, chunk: u64, at: u64) -> Result<Item, Torn> {
        let size = block_size(segment, chunk).ok_or(Torn)?;
        if at < FIRST_ITEM || !at.is_multiple_of(8) || at + ITEM_OVERHEAD > size {
            return Err(Torn);
        }
        let word = segment.region.load_relaxed(chunk + at);
        let kind = ValueKind::from_code((word & 15) as u8).ok_or(Torn)?;
        let len = word >> 32;
        let large = word & LARGE != 0;
        let stored = if large { 8 } else { len.next_multiple_of(8) };
        let total = stored + ITEM_OVERHEAD;
        if at + total > size || (kind.is_scalar() && len != 8) {
            return Err(Torn);
        }
        let chain = if large { Link(segment.region.load_relaxed(chunk + at + 8)) } else { Link::END };
        Ok(Item { chunk, at, total, kind, len, chain, check: (word >> 8) as u32 & 0xFF_FFFF })
    }

    /// Appends its bytes to `out`.
    pub(crate) fn copy(&self, segment: &Segment, out: &mut Vec<u8>) -> Result<(), Torn> {
        let start = out.len();
        if self.chain == Link::END {
            segment.region.copy_out(self.chunk + self.at + 8, self.len as usize, out);
        } else {
            let mut left = self.len;
            for piece in linked(segment, self.chain) {
                let piece = piece?;
                let bytes = left.min(piece.capacity);
                segment.region.copy_out(piece.payload, bytes as usize, out);
                left -= bytes;
            }
            if left > 0 {
                return Err(Torn);
            }
        }
        let sound = !segment.checksums || check(self.kind, &out[start..]) == self.check;
        if sound { Ok(()) } else { Err(Torn) }
    }
}

/// Returns the value of an item, from its type and its copied bytes.
pub(crate) fn value_of(kind: ValueKind, bytes: &[u8]) -> Value<'_> {
    match (kind.is_scalar(), bytes.try_into()) {
        (true, Ok(word)) => Value { kind, scalar: u64::from_le_bytes(word), bytes: &[] },
        _ => Value { kind, scalar: 0, bytes },
    }
}

/// Returns the items of a list from left to right. Ends with an error at the first unsound item.
pub(crate) fn items<'a>(
    segment: &'a Segment,
    entry: &Snapshot,
) -> impl Iterator<Item = Result<Item, Torn>> + use<'a> {
    items_between(segment, entry.cells.list)
}

/// Like `items`, from the left end, right end and length in list cells.
pub(crate) fn items_between(
    segment: &Segment,
    [head, tail, length, _]: [u64; 4],
) -> impl Iterator<Item = Result<Item, Torn>> + use<'_> {
    let (mut next, tail) = (Position::decode(head), Position::decode(tail));
    // No item is smaller than half a block, so the length of a longer list is wrong.
    let most = segment.capacity() / u64::from(SMALLEST / 2);
    let mut left = length;
    let mut broken = length == 0 || length > most;
    let mut refused = broken;
    std::iter::from_fn(move || {
        if refused {
            refused = false;
            return Some(Err(Torn));
        }
        if broken || left == 0 {
            return None;
        }
        left -= 1;
        let item = Item::read(segment, next.chunk, next.at).and_then(|item| {
            next.at += item.total;
            let end = if next.chunk == tail.chunk { tail.at } else { Range::read(segment, next.chunk).end };
            if next.at > end {
                return Err(Torn);
            }
            if next.at == end && left > 0 {
                let chunk = Link(segment.region.load_relaxed(next.chunk)).block();
                block_size(segment, chunk).ok_or(Torn)?;
                next = Position { chunk, at: Range::read(segment, chunk).start };
            }
            Ok(item)
        });
        broken = item.is_err();
        Some(item)
    })
}
