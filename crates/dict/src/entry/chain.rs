//! A value in a chain of blocks where it stands, to be copied piece by piece to where it is wanted.

use super::blocks;
use super::read::Snapshot;
use crate::segment::Segment;
use crate::value::Key;
use std::cell::Cell;

/// An entry whose payload goes on in other blocks.
#[derive(Debug)]
pub struct Chain<'a> {
    segment: &'a Segment,
    block: u64,
    entry: Snapshot,
    /// Bytes of the payload in `block`: the whole key, and the value's first ones.
    own: u64,
    /// A link was found to lead nowhere: what was copied is not the value.
    torn: Cell<bool>,
}

impl<'a> Chain<'a> {
    /// The chain that starts in `block`, if the entry there is one, has `key` in that block, and nothing that only
    /// the whole payload would show.
    pub fn of(segment: &'a Segment, block: u64, entry: Snapshot, key: Key<'_>) -> Option<Self> {
        let header = &entry.header;
        let bytes = key.bytes();
        let own = blocks::block_size(segment, block)?.checked_sub(entry.shape.payload)?;
        let same_form = header.wide == key.is_wide() && header.key_len as usize == bytes.len();
        let simple =
            header.chained && entry.shape.check == 0 && entry.payload_len() <= segment.geometry.capacity();
        let same = simple
            && same_form
            && own >= u64::from(header.key_len).next_multiple_of(8)
            && segment.region.has_bytes(block + entry.shape.payload, bytes);
        same.then(|| Chain { segment, block, entry, own, torn: Cell::new(false) })
    }

    /// Bytes of the value.
    pub fn len(&self) -> usize {
        self.entry.value_len as usize
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True if what was copied is not the value, whatever the checks of index word and version say.
    pub fn is_torn(&self) -> bool {
        self.torn.get()
    }

    /// Calls `copy` with offset and length of each part of the value, in turn: `len()` bytes, or fewer if a link
    /// leads nowhere. How many.
    pub fn each(&self, mut copy: impl FnMut(u64, usize)) -> usize {
        let key = u64::from(self.entry.header.key_len);
        let mut left = self.entry.value_len;
        let first = left.min(self.own - key);
        if first > 0 {
            copy(self.block + self.entry.shape.payload + key, first as usize);
            left -= first;
        }
        let mut links = blocks::linked(self.segment, self.entry.link);
        while left > 0
            && let Some(Ok(piece)) = links.next()
        {
            let bytes = left.min(piece.room);
            copy(piece.payload, bytes as usize);
            left -= bytes;
        }
        if left > 0 {
            self.torn.set(true);
        }
        self.len() - left as usize
    }

    /// The memory that the parts lie in.
    pub fn segment(&self) -> &'a Segment {
        self.segment
    }
}
