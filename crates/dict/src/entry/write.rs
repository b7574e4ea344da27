//! Composing a new entry in blocks that are not reachable yet.

use super::piece_plan::PiecePlan;
use super::read::payload_check;
use super::{Cells, Shape};
use crate::layout::class::Classes;
use crate::layout::header::{self, HEADER_BYTES, Header, MAX_INLINE_VALUE};
use crate::layout::version::Version;
use crate::layout::word::Link;
use crate::shard::Shard;
use crate::slab::Picks;
use crate::value::{Key, Value, ValueKind};
use std::ops::Range;

/// An entry to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EntryDraft<'a> {
    /// Its key.
    pub key: Key<'a>,
    /// Its value; the bytes of a list are empty.
    pub value: Value<'a>,
    /// Its cells.
    pub cells: Cells,
    /// The epoch it belongs to.
    pub epoch: u16,
}

/// The blocks that a draft takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockPlan {
    /// The header of the entry.
    pub header: Header,
    /// The class of its first block.
    pub head: u8,
    /// The blocks after it.
    pub pieces: PiecePlan,
}

impl<'a> EntryDraft<'a> {
    /// Returns a draft of a value with a deadline.
    pub(crate) fn new(key: Key<'a>, value: Value<'a>, deadline: u64, epoch: u16) -> Self {
        let has_cells = matches!(value.kind, ValueKind::Number | ValueKind::BigInt);
        let cells = Cells { scalar: if has_cells { value.scalar } else { 0 }, deadline, ..Cells::default() };
        EntryDraft { key, value, cells, epoch }
    }

    /// Returns the bytes of key and value.
    pub(crate) fn payload_len(&self) -> u64 {
        (self.key.bytes().len() + self.value.bytes.len()) as u64
    }

    /// Returns the header of the entry, in one block or chained.
    pub(crate) fn header(&self, chained: bool) -> Header {
        let value_len = match self.value.kind {
            ValueKind::Boolean => self.value.scalar as u32,
            _ if chained => 0,
            _ => self.value.bytes.len() as u32,
        };
        Header {
            kind: self.value.kind,
            wide: self.key.is_wide(),
            deadline: chained || self.value.kind == ValueKind::List || self.cells.deadline != 0,
            chained,
            epoch: self.epoch,
            key_len: self.key.bytes().len() as u32,
            value_len,
        }
    }

    /// Chooses between one block and a chain. The first block of a chain and its last pieces are whole pages; the
    /// remainder comes second, so that only it shares a page with other entries.
    pub(crate) fn plan(&self, classes: &Classes, page: u64, checksums: bool) -> BlockPlan {
        let payload = self.payload_len();
        if self.value.bytes.len() as u64 <= MAX_INLINE_VALUE {
            let header = self.header(false);
            let need = Shape::of(&header, checksums).payload + payload;
            if let Some(head) = classes.holding(need)
                && (need <= page / 2 || need > page - page / 4)
            {
                return BlockPlan { header, head, pieces: PiecePlan::default() };
            }
        }
        let header = self.header(true);
        let own = Shape::of(&header, checksums).payload;
        let (head, head_size) = match classes.within(own + payload) {
            Some(class) => (class, u64::from(classes.size(class).expect("a class"))),
            None => (classes.whole_page(), page),
        };
        let rest = payload.saturating_sub(head_size - own);
        BlockPlan { header, head, pieces: PiecePlan::holding(classes, rest) }
    }
}

impl BlockPlan {
    /// Returns the number of blocks.
    pub(crate) fn blocks(&self) -> u64 {
        1 + self.pieces.blocks()
    }

    /// Returns the bytes of all blocks.
    pub(crate) fn bytes(&self, classes: &Classes) -> u64 {
        u64::from(classes.size(self.head).unwrap_or(0)) + self.pieces.bytes(classes)
    }

    /// Picks the blocks in the order of the chain. Returns `None` if there is no space: picked blocks are not marked, so
    /// only pages that were claimed for them are returned. The intent must be idle.
    pub(crate) fn pick(&self, shard: &Shard<'_>, picks: &mut Picks) -> Option<()> {
        picks.clear();
        let picked = shard.pick(self.head, picks).and_then(|()| self.pieces.pick(shard, picks));
        if picked.is_none() {
            shard.release_picked(picks);
        }
        picked
    }
}

/// Writes the draft into the picked blocks and returns the first one. The blocks are free, so a death leaves no trace.
/// The version is odd while the payload is written: a reader that still follows an old index word into this block
/// notices that it changed.
pub(crate) fn compose(
    shard: &Shard<'_>,
    draft: &EntryDraft<'_>,
    plan: &BlockPlan,
    picks: &Picks,
    sequence: u64,
) -> u64 {
    let region = &shard.segment.region;
    let checksums = shard.segment.checksums;
    let shape = Shape::of(&plan.header, checksums);
    let version = Version::fresh(sequence);
    let block = picks.offsets()[0];
    let value_len = draft.value.bytes.len() as u64;

    region.store(block, version.odd().0);
    region.write_fence();
    region.store(block + 8, plan.header.encode());
    // Bytes of the caller are read once: if they change meanwhile, as shared memory may, the checksum is that of what is
    // stored.
    let payload = if checksums { [draft.key.bytes(), draft.value.bytes].concat() } else { Vec::new() };
    let (key, value) = if checksums {
        payload.split_at(draft.key.bytes().len())
    } else {
        (draft.key.bytes(), draft.value.bytes)
    };
    let check = if checksums { draft_check(draft, &plan.header, &payload) } else { 0 };
    draft.cells.write(region, block, shape, version, check);
    if checksums {
        region.store32(block + shape.check, check);
    }
    let mut source = Source { key, value };
    if plan.header.chained {
        let pieces = 1..plan.blocks() as usize;
        region.store(block + shape.chain, link(&picks.offsets()[pieces.clone()]).0);
        region.store(block + shape.chain + 8, value_len);
        let capacity =
            u64::from(shard.segment.geometry.classes.size(plan.head).expect("a class")) - shape.payload;
        source.fill(shard, block + shape.payload, capacity);
        write_pieces(shard, block, picks, pieces, &mut source);
    } else {
        region.copy_in_both(block + shape.payload, source.key, source.value);
    }
    region.store(block, version.0);
    block
}

/// Returns the checksum of a draft whose key and value are `payload`.
fn draft_check(draft: &EntryDraft<'_>, header: &Header, payload: &[u8]) -> u32 {
    let value_len = if draft.value.kind == ValueKind::Boolean { 0 } else { draft.value.bytes.len() as u64 };
    payload_check(header, value_len, payload)
}

/// Returns the link to the first of `pieces`.
fn link(pieces: &[u64]) -> Link {
    pieces.first().map_or(Link::END, |&first| Link::new(first, pieces.len() as u64))
}

/// Writes the rest of `source` into the picked blocks of these numbers, each with its link and its owner.
fn write_pieces(
    shard: &Shard<'_>,
    owner: u64,
    picks: &Picks,
    numbers: Range<usize>,
    source: &mut Source<'_>,
) {
    let region = &shard.segment.region;
    let (blocks, ids) = (&picks.offsets()[numbers.clone()], &picks.ids()[numbers]);
    for (index, (&piece, id)) in blocks.iter().zip(ids).enumerate() {
        region.store(piece, link(&blocks[index + 1..]).0);
        region.store(piece + 8, header::piece(owner));
        // Not from the page's word, which another process may have damaged since the block was picked.
        let size =
            u64::from(shard.segment.geometry.classes.size(id.class).expect("a picked block has a class"));
        source.fill(shard, piece + HEADER_BYTES, size - HEADER_BYTES);
    }
}

/// Writes bytes as a chain of their own (a large item of a list) into the blocks picked from number `first` on, and returns the link to its first piece.
pub(crate) fn compose_chain(
    shard: &Shard<'_>,
    owner: u64,
    bytes: &[u8],
    picks: &Picks,
    first: usize,
) -> Link {
    let numbers = first..picks.offsets().len();
    write_pieces(shard, owner, picks, numbers, &mut Source { key: &[], value: bytes });
    link(&picks.offsets()[first..])
}

/// Bytes still to be written: the rest of the key, then of the value.
struct Source<'a> {
    key: &'a [u8],
    value: &'a [u8],
}

impl Source<'_> {
    /// Writes up to `capacity` bytes (a multiple of 8, or all that remain) at `offset`.
    fn fill(&mut self, shard: &Shard<'_>, mut offset: u64, mut capacity: u64) {
        let region = &shard.segment.region;
        if !self.key.is_empty() {
            let key = self.key.len().min(capacity as usize);
            let whole = key & !7;
            region.copy_in(offset, &self.key[..whole]);
            let mut written = whole;
            if whole < key {
                // The key's last bytes share a word with the value's first.
                let (mut word, rest) = ([0; 8], key - whole);
                word[..rest].copy_from_slice(&self.key[whole..key]);
                let borrowed = self.value.len().min(8 - rest);
                word[rest..rest + borrowed].copy_from_slice(&self.value[..borrowed]);
                region.store(offset + whole as u64, u64::from_le_bytes(word));
                self.value = &self.value[borrowed..];
                written += 8;
            }
            self.key = &self.key[key..];
            offset += written as u64;
            capacity -= (written as u64).min(capacity);
        }
        let bytes = self.value.len().min(capacity as usize);
        if bytes > 0 {
            region.copy_in(offset, &self.value[..bytes]);
            self.value = &self.value[bytes..];
        }
    }
}
