//! Waiting until a key has another version.

use crate::entry::read::Want;
use crate::layout::hash::KeyHash;
use crate::layout::shard::WATCHED;
use crate::ops::read::fast_lookup::Lookup;
use crate::ops::read::result::ClockUse;
use crate::ops::{Dict, Freshness};
use crate::shard::Shard;
use crate::value::Key;
use shmkit_object::error::Result;
use shmkit_object::region::Region;
use shmkit_object::waiter::{Polled, WaitCondition};

impl Dict {
    /// Returns the version of a key's live entry; 0 if the key is missing. Takes no lock.
    ///
    /// # Errors
    /// Those of `has`.
    pub fn version_of(&self, key: Key<'_>) -> Result<u64> {
        self.version_with_hash(key, self.hash(key), &mut Vec::new())
    }

    fn version_with_hash(&self, key: Key<'_>, hash: KeyHash, buffer: &mut Vec<u8>) -> Result<u64> {
        Ok(match self.try_read_fast(key, hash, ClockUse::Coarse, |_| Some(()))? {
            Lookup::Found(result, _) => result.version,
            Lookup::Missing => 0,
            Lookup::Unclear => self
                .read_slow(key, hash, Want::Key, Freshness::Live, buffer)?
                .map_or(0, |(entry, _)| entry.version.0),
        })
    }

    /// Returns what to wait for until the key's version is not `version` any more. A deadline that passes ends no wait.
    pub fn change_wait(&self, key: Key<'_>, version: u64) -> ChangeWait {
        ChangeWait {
            dict: self.clone(),
            hash: self.hash(key),
            key: key.bytes().to_vec(),
            is_wide: key.is_wide(),
            version,
            buffer: Vec::new(),
        }
    }
}

/// A wait until a key's version differs from one.
#[derive(Debug)]
pub struct ChangeWait {
    dict: Dict,
    hash: KeyHash,
    key: Vec<u8>,
    is_wide: bool,
    version: u64,
    buffer: Vec<u8>,
}

impl ChangeWait {
    fn shard(&self) -> Shard<'_> {
        let segment = &*self.dict.segment;
        Shard::new(segment, self.hash.shard(segment.geometry.shards))
    }
}

impl WaitCondition for ChangeWait {
    fn wait_word(&self) -> (&Region, u64) {
        (&self.dict.segment.region, self.shard().at + WATCHED)
    }

    fn poll(&mut self, _check_owners: bool) -> Polled {
        let seen = self.shard().prepare_wait();
        let version = Key::new(&self.key, self.is_wide)
            .and_then(|key| self.dict.version_with_hash(key, self.hash, &mut self.buffer));
        match version {
            Ok(version) if version == self.version => Polled::Unavailable { seen, wake_next: true },
            Ok(_) => Polled::Done,
            Err(error) => Polled::Failed(error),
        }
    }
}
