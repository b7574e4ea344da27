//! Reading values that are overwritten faster than they can be copied. A value that is copied in a short time is copied
//! under the lock of its shard; the blocks of a longer one are pinned under it, and copied without it.

use super::result::Validator;
use super::slow::was_live;
use crate::entry::read::{Snapshot, Want};
use crate::guard::Guard;
use crate::layout::hash::KeyHash;
use crate::layout::word::IndexWord;
use crate::ops::{Dict, Freshness};
use crate::value::{Key, ValueKind};
use shmkit_object::error::{Error, Result};

/// Values of more bytes than this are not copied under the lock: a copy takes up to 1.5 ms for each MiB.
const LONGEST_UNDER_LOCK: u64 = 2 << 20;

/// How a value that keeps changing is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Copying {
    /// Without the lock if it is long, while its blocks are pinned.
    Pinned,
    /// Under the lock: a writer needed the blocks that were pinned.
    Locked,
}

impl Dict {
    /// Like `read_slow`, for a key that keeps changing.
    #[cold]
    pub(crate) fn read_locked(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        want: Want,
        freshness: Freshness,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<(Snapshot, Validator)>> {
        let mut way = Copying::Pinned;
        loop {
            let guard = self.lock_for(hash)?;
            let epoch = guard.epoch();
            let Some((slot, entry)) = guard.find(key, hash, buffer).entry else {
                self.count_read(false, None);
                return Ok(None);
            };
            if let Some(entry) = self.copy_stable(guard, slot.word, entry, want, buffer, way)? {
                return Ok(self.accept(entry, slot.at, slot.word, epoch, freshness));
            }
            way = Copying::Locked;
        }
    }

    /// Like `read_position`, for an entry that keeps changing.
    #[cold]
    pub(crate) fn read_position_locked(
        &self,
        shard: u32,
        at: u64,
        want: Want,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Snapshot>> {
        let mut way = Copying::Pinned;
        loop {
            let guard = self.lock(shard)?;
            let epoch = guard.epoch();
            let word = IndexWord(guard.segment.region.load(at));
            let Ok(entry) = Snapshot::read(guard.segment, word.block()) else { return Ok(None) };
            if let Some(entry) = self.copy_stable(guard, word, entry, want, buffer, way)? {
                return Ok(was_live(&entry, epoch).then_some(entry));
            }
            way = Copying::Locked;
        }
    }

    /// Copies an entry that cannot change meanwhile. Returns `None` if a writer needed the blocks that were pinned.
    fn copy_stable(
        &self,
        guard: Guard<'_>,
        word: IndexWord,
        entry: Snapshot,
        want: Want,
        buffer: &mut Vec<u8>,
        way: Copying,
    ) -> Result<Option<Snapshot>> {
        let want = if entry.header.kind == ValueKind::List { Want::Key } else { want };
        let observed_at = if entry.cells.deadline == 0 { 0 } else { self.now() };
        let is_long = entry.header.chained && entry.copied_len(want) > LONGEST_UNDER_LOCK;
        let pin = if is_long && way == Copying::Pinned { guard.pin(word.block()) } else { None };
        buffer.clear();
        let copied = if let Some(pin) = pin {
            drop(guard);
            // A writer may make its version odd, and its blocks stay all the same.
            let copied = entry.copy_while(&self.segment, word.block(), want, buffer, || true);
            if !self.lock(pin.shard)?.unpin(pin) {
                return Ok(None);
            }
            copied
        } else {
            entry.copy_payload(guard.segment, word.block(), want, buffer)
        };
        let damaged = || Error::Corrupt(format!("the entry at offset {} is damaged", word.block()));
        copied.map(|()| Some(Snapshot { observed_at, ..entry })).map_err(|_| damaged())
    }
}
