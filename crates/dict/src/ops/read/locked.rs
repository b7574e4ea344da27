//! Reading while the shard is locked: for large values that are overwritten faster than they can be copied.

use super::result::Validator;
use crate::entry::read::{Snapshot, Want};
use crate::guard::Guard;
use crate::layout::hash::KeyHash;
use crate::layout::word::IndexWord;
use crate::ops::{Dict, Freshness};
use crate::value::{Key, ValueKind};
use shmkit_object::error::{Error, Result};

impl Dict {
    /// Like `read_slow`, under the lock of the key's shard.
    #[cold]
    pub(crate) fn read_locked(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        want: Want,
        freshness: Freshness,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<(Snapshot, Validator)>> {
        let guard = self.lock_for(hash)?;
        let Some((slot, entry)) = guard.find(key, hash, buffer).entry else {
            self.count_read(false, None);
            return Ok(None);
        };
        let entry = self.copy_locked(&guard, slot.word, entry, want, buffer)?;
        Ok(self.accept(entry, slot.at, slot.word, guard.epoch(), freshness))
    }

    /// Like `read_position`, under the lock of the shard.
    #[cold]
    pub(crate) fn read_position_locked(
        &self,
        shard: u32,
        at: u64,
        want: Want,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Snapshot>> {
        let guard = self.lock(shard)?;
        let word = IndexWord(guard.segment.region.load(at));
        let Ok(entry) = Snapshot::read(guard.segment, word.block()) else { return Ok(None) };
        let entry = self.copy_locked(&guard, word, entry, want, buffer)?;
        Ok(super::slow::was_live(&entry, guard.epoch()).then_some(entry))
    }

    fn copy_locked(
        &self,
        guard: &Guard<'_>,
        word: IndexWord,
        entry: Snapshot,
        want: Want,
        buffer: &mut Vec<u8>,
    ) -> Result<Snapshot> {
        let want = if entry.header.kind == ValueKind::List { Want::Key } else { want };
        buffer.clear();
        entry
            .copy_payload(guard.segment, word.block(), want, buffer)
            .map_err(|_| Error::Corrupt(format!("the entry at offset {} is damaged", word.block())))?;
        let observed_at = if entry.cells.deadline == 0 { 0 } else { self.now() };
        Ok(Snapshot { observed_at, ..entry })
    }
}
