//! Reading what an entry is, without its value.

use super::fast_lookup::Lookup;
use super::lists::damaged;
use super::result::{ClockUse, Validator};
use super::retries::Retries;
use crate::entry::blocks::block_size;
use crate::entry::read::{Snapshot, Torn, Want};
use crate::layout::hash::KeyHash;
use crate::layout::word::IndexWord;
use crate::list;
use crate::ops::{Dict, Freshness};
use crate::segment::Segment;
use crate::value::{Key, ValueKind};
use shmkit_object::error::Result;

impl Dict {
    /// Returns the type of the value; `None` if the key is missing. Takes no lock.
    ///
    /// # Errors
    /// Those of `has`.
    pub fn kind_of(&self, key: Key<'_>, buffer: &mut Vec<u8>) -> Result<Option<ValueKind>> {
        let hash = self.hash(key);
        Ok(match self.try_read_fast(key, hash, ClockUse::Coarse, |entry| Some(entry.kind()))? {
            Lookup::Found(result, _) => Some(result.output),
            Lookup::Missing => None,
            Lookup::Unclear => self
                .read_slow(key, hash, Want::Key, Freshness::Live, buffer)?
                .map(|(entry, _)| entry.header.kind),
        })
    }

    /// Returns the bytes of all blocks that an entry takes; `None` if the key is missing. O(blocks), of a list O(items).
    /// Takes no lock, unless blocks are removed again and again meanwhile.
    ///
    /// # Errors
    /// Those of `has`; [`shmkit_object::error::Error::Contention`] through a read-only handle, which cannot lock.
    pub fn size_of(&self, key: Key<'_>, buffer: &mut Vec<u8>) -> Result<Option<u64>> {
        self.check_fork()?;
        let (hash, mut retries) = (self.hash(key), Retries::of_list());
        loop {
            let found = self.read_slow(key, hash, Want::Key, Freshness::Live, buffer)?;
            let Some((entry, validator)) = found else { return Ok(None) };
            let bytes = block_bytes(&self.segment, IndexWord(validator.word).block(), &entry);
            match (bytes, self.is_walk_valid(&entry, &validator)) {
                (Ok(bytes), true) => return Ok(Some(bytes)),
                (Err(torn), true) => return Err(damaged(torn)),
                _ => {}
            }
            // A walk takes about as long as copying a line for each of its blocks.
            retries.attempt(bytes.unwrap_or(self.segment.geometry.page_bytes()));
            if retries.changed(self)? {
                return self.size_of_locked(key, hash);
            }
        }
    }

    /// Like `size_of`, under the lock of the key's shard.
    #[cold]
    fn size_of_locked(&self, key: Key<'_>, hash: KeyHash) -> Result<Option<u64>> {
        let guard = self.lock_for(hash)?;
        let found = guard.find(key, hash, &mut Vec::new()).entry;
        let Some((slot, entry)) = found.filter(|(_, entry)| self.is_live(entry, guard.epoch())) else {
            return Ok(None);
        };
        block_bytes(&self.segment, slot.word.block(), &entry).map(Some).map_err(damaged)
    }

    /// Returns whether the blocks of an entry that was read were its own during the whole walk.
    fn is_walk_valid(&self, entry: &Snapshot, validator: &Validator) -> bool {
        if entry.header.kind == ValueKind::List {
            return self.is_list_intact(entry, validator);
        }
        let region = &self.segment.region;
        region.read_fence();
        region.load(validator.word_at) == validator.word
            // A change in place moves no block.
            && !crate::layout::version::Version(region.load(validator.version_at)).is_odd()
            && region.load(validator.word_at) == validator.word
    }
}

/// Returns the bytes of all blocks of an entry.
fn block_bytes(segment: &Segment, block: u64, entry: &Snapshot) -> std::result::Result<u64, Torn> {
    let (mut bytes, mut sound) = (0, true);
    list::each_block(segment, block, entry, &mut |block| match block_size(segment, block) {
        Some(size) => bytes += size,
        None => sound = false,
    })?;
    if sound { Ok(bytes) } else { Err(Torn) }
}
