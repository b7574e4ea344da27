//! Telling changes. The caller must hold the shard's lock.

use super::{CONTINUED, Change, RecordHead, WIDE, WITHOUT_KEY};
use crate::entry::read::{Snapshot, Want};
use crate::layout::feed::{FeedPart, HEAD, RECORD_HEADER, RESERVED, record_bytes};
use crate::layout::version::Version;
use crate::shard::Shard;
use crate::value::Key;

/// After this many bytes of records, as a power of two, a writer checks whether a watcher lives.
const CHECK_SHIFT: u32 = 16;

/// The records of one change, which are stored but not told yet.
#[derive(Debug, Clone, Copy, Default)]
#[must_use]
pub(crate) struct Untold {
    bytes: u64,
    records: u64,
}

impl Untold {
    /// A change that is not told.
    pub(crate) const NOTHING: Untold = Untold { bytes: 0, records: 0 };
}

/// An entry that a change concerns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'k> {
    pub change: Change,
    pub key: Key<'k>,
    /// That of the entry after the change, or a version of the change itself.
    pub version: Version,
    /// The tag of the epoch that the entry belongs to.
    pub epoch: u16,
    /// The offset of the block of the entry after the change; 0 if there is none.
    pub block: u64,
}

impl Shard<'_> {
    fn feed_part(&self) -> FeedPart {
        self.segment.geometry.feed_part(self.id)
    }

    /// Stores the record of a change, if the shard is watched. Call it before the commit.
    #[inline(always)]
    pub(crate) fn note_change(&self, told: Told<'_>) -> Untold {
        if !self.is_watched() {
            return Untold::NOTHING;
        }
        let mut untold = Untold::NOTHING;
        self.store_record(&mut untold, told, false);
        untold
    }

    /// Stores the record of an entry that is written, if the shard is watched, after that of the expired entry of the same
    /// epoch that it replaces.
    #[inline(always)]
    pub(crate) fn note_set(&self, told: Told<'_>, replaced_deadline: u64) -> Untold {
        if !self.is_watched() {
            return Untold::NOTHING;
        }
        let mut untold = Untold::NOTHING;
        if replaced_deadline != 0 && self.segment.clock.is_past(replaced_deadline) {
            self.store_record(&mut untold, Told { change: Change::Expire, ..told }, true);
        }
        self.store_record(&mut untold, told, false);
        untold
    }

    /// Stores the record of an entry that is removed, if the shard is watched. `change` is why, for a live entry. An entry
    /// that was cleared is not told: `clear` was.
    #[inline]
    pub(crate) fn note_removal(
        &self,
        change: Change,
        block: u64,
        entry: &Snapshot,
        version: Version,
        epoch: u16,
    ) -> Untold {
        if !self.is_watched() || entry.header.epoch != epoch {
            return Untold::NOTHING;
        }
        self.store_removal(change, block, entry, version)
    }

    #[cold]
    fn store_removal(&self, change: Change, block: u64, entry: &Snapshot, version: Version) -> Untold {
        let deadline = entry.cells.deadline;
        let is_expired = deadline != 0 && self.segment.clock.is_past(deadline);
        let change = if is_expired { Change::Expire } else { change };
        let (mut untold, mut payload) = (Untold::NOTHING, Vec::new());
        // Only the key of a damaged entry cannot be read. Removing it leads to a rebuild, of which watchers are told.
        if entry.copy_payload(self.segment, block, Want::Key, &mut payload).is_ok()
            && let Some(key) = payload.get(..entry.header.key_len as usize)
            && let Ok(key) = Key::new(key, entry.header.wide)
        {
            let told = Told { change, key, version, epoch: entry.header.epoch, block: 0 };
            self.store_record(&mut untold, told, false);
        }
        untold
    }

    fn store_record(&self, untold: &mut Untold, told: Told<'_>, is_continued: bool) {
        let (region, part) = (&self.segment.region, self.feed_part());
        let start = region.load_relaxed(part.at + HEAD);
        let at = start.wrapping_add(untold.bytes);
        let bytes = told.key.bytes();
        let fits = record_bytes(bytes.len() as u64) <= part.largest_record();
        let block = told.block.to_le_bytes();
        let key = if fits { bytes } else { &block };
        let end = at.wrapping_add(record_bytes(key.len() as u64));
        let reserved = end.wrapping_add(8);
        if reserved.wrapping_sub(region.load_relaxed(part.at + RESERVED)) as i64 > 0 {
            region.store(part.at + RESERVED, reserved);
        }
        // Release: pairs with the fence of readers: one that copies what is stored from here on sees `reserved`.
        region.write_fence();
        let ordinal = region.load_relaxed(part.position(start)).wrapping_add(untold.records);
        let wide = if told.key.is_wide() { WIDE } else { 0 };
        let without_key = if fits { 0 } else { WITHOUT_KEY };
        let continued = if is_continued { CONTINUED } else { 0 };
        let head = RecordHead {
            kind: told.change as u8,
            flags: wide | without_key | continued,
            epoch: told.epoch,
            key_len: key.len() as u16,
        };
        region.hint(part.position(at), ordinal);
        region.hint(part.position(at.wrapping_add(8)), told.version.0);
        region.hint(part.position(at.wrapping_add(16)), head.encode());
        self.store_key(&part, at.wrapping_add(RECORD_HEADER), key);
        region.hint(part.position(end), ordinal.wrapping_add(1));
        *untold = Untold { bytes: end.wrapping_sub(start), records: untold.records + 1 };
    }

    fn store_key(&self, part: &FeedPart, at: u64, key: &[u8]) {
        let (region, rest) = (&self.segment.region, part.rest(at) as usize);
        let (first, second) = key.split_at(key.len().min(rest));
        region.copy_in(part.position(at), first);
        if !second.is_empty() {
            region.copy_in(part.position(at.wrapping_add(rest as u64)), second);
        }
    }

    /// Tells the records of a change. Call it after the commit, before the intent is disarmed.
    #[inline(always)]
    pub(crate) fn tell(&self, untold: Untold) {
        if untold.bytes != 0 {
            self.move_head(untold.bytes);
        }
    }

    pub(super) fn move_head(&self, bytes: u64) {
        let (region, part) = (&self.segment.region, self.feed_part());
        let head = region.load_relaxed(part.at + HEAD);
        let next = head.wrapping_add(bytes);
        // Release: pairs with the Acquire of readers' loads of the head.
        region.store(part.at + HEAD, next);
        if head >> CHECK_SHIFT != next >> CHECK_SHIFT {
            self.check_watchers();
        }
    }
}
