//! An unvalidated view of a value in a chain of blocks, to be copied piece by piece to its destination.

use super::blocks;
use super::read::Snapshot;
use crate::segment::Segment;
use crate::value::Key;
use std::cell::Cell;

/// An entry whose payload continues in other blocks.
#[derive(Debug)]
pub struct Chain<'a> {
    segment: &'a Segment,
    block: u64,
    entry: Snapshot,
    /// Bytes of the payload in `block`: the whole key and the first bytes of the value.
    own: u64,
    /// Whether a link led nowhere, so that the copy is not the value.
    torn: Cell<bool>,
}

impl<'a> Chain<'a> {
    /// Returns the chain that starts in `block`, if the entry there is a chain without checksums whose block contains
    /// the whole `key`.
    pub fn of(segment: &'a Segment, block: u64, entry: Snapshot, key: Key<'_>) -> Option<Self> {
        let header = &entry.header;
        let bytes = key.bytes();
        let own = blocks::block_size(segment, block)?.checked_sub(entry.shape.payload)?;
        let same_form = header.wide == key.is_wide() && header.key_len as usize == bytes.len();
        let simple = header.chained && entry.shape.check == 0 && entry.payload_len() <= segment.capacity();
        let same = simple
            && same_form
            && own >= u64::from(header.key_len).next_multiple_of(8)
            && segment.region.has_bytes(block + entry.shape.payload, bytes);
        same.then(|| Chain { segment, block, entry, own, torn: Cell::new(false) })
    }

    /// Returns the bytes of the value.
    pub fn len(&self) -> usize {
        self.entry.value_len as usize
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns whether the copy is not the value, whatever index word and version say.
    pub fn is_torn(&self) -> bool {
        self.torn.get()
    }

    /// Calls `copy` with offset and length of each part of the value in turn. Returns the number of bytes: `len()`, or
    /// fewer if a link leads nowhere or the entry is found to have changed.
    pub fn each(&self, mut copy: impl FnMut(u64, usize)) -> usize {
        let key = u64::from(self.entry.header.key_len);
        let mut left = self.entry.value_len;
        let first = left.min(self.own - key);
        if first > 0 {
            copy(self.block + self.entry.shape.payload + key, first as usize);
            left -= first;
        }
        let mut links = blocks::linked(self.segment, self.entry.link);
        let mut pieces = 0;
        while left > 0
            && let Some(Ok(piece)) = links.next()
        {
            pieces += 1;
            if blocks::is_check_due(pieces) && self.segment.region.load(self.block) != self.entry.version.0 {
                break;
            }
            let bytes = left.min(piece.capacity);
            copy(piece.payload, bytes as usize);
            left -= bytes;
        }
        if left > 0 {
            self.torn.set(true);
        }
        self.len() - left as usize
    }

    /// Returns the segment that contains the parts.
    pub fn segment(&self) -> &'a Segment {
        self.segment
    }
}
