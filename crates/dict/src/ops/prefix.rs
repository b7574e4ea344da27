//! Scans of the keys that start with a prefix, and their removal.

use super::Dict;
use super::cursor::Cursor;
use super::lookahead::{Lookahead, take_slot};
use crate::entry::read::Want;
use crate::index::find::LookupResult;
use crate::layout::index_shape::IndexShape;
use crate::layout::word::IndexWord;
use crate::shard::Shard;
use crate::value::Key;
use shmkit_object::error::Result;

/// Entries that are removed while a shard's lock is held.
const REMOVED_PER_HOLD: usize = 32;
/// Blocks that are freed while a shard's lock is held, except for one entry of more.
const FREED_PER_HOLD: u64 = 256;

/// The code units that a key starts with, in both stored forms.
#[derive(Debug, Clone, Default)]
pub struct KeyPrefix {
    /// One byte per unit; `None` if a unit is above 0xFF, which a Latin-1 key does not have.
    narrow: Option<Vec<u8>>,
    /// Two bytes per unit, little-endian.
    wide: Vec<u8>,
}

impl KeyPrefix {
    /// Returns the prefix of these code units.
    pub fn new(units: &[u16]) -> KeyPrefix {
        let narrow = units.iter().map(|&unit| u8::try_from(unit).ok()).collect();
        KeyPrefix { narrow, wide: units.iter().flat_map(|unit| unit.to_le_bytes()).collect() }
    }

    /// Returns whether every key starts with it.
    pub(crate) fn is_empty(&self) -> bool {
        self.wide.is_empty()
    }

    /// Returns whether a key starts with it.
    pub fn is_start_of(&self, key: Key<'_>) -> bool {
        self.stored(key.is_wide()).is_some_and(|prefix| key.bytes().starts_with(prefix))
    }

    /// Returns its bytes in keys of this form.
    fn stored(&self, wide: bool) -> Option<&[u8]> {
        if wide { Some(&self.wide) } else { self.narrow.as_deref() }
    }
}

impl Dict {
    /// Returns whether the entry that `word`, loaded from offset `at`, points at certainly has a key that does not start
    /// with `prefix`.
    #[inline]
    pub(super) fn is_other(&self, at: u64, word: IndexWord, prefix: &KeyPrefix) -> bool {
        let other = self.look_at_key(at, word, |key| {
            let starts = prefix.stored(key.header.wide).is_some_and(|prefix| {
                key.header.key_len as usize >= prefix.len() && self.segment.region.has_bytes(key.at, prefix)
            });
            (!starts).then_some(())
        });
        other.is_some()
    }

    /// Removes the entries whose keys start with `prefix`, at most `max` of them (0: all), and returns how many were live.
    /// Each is removed like by `delete`. Entries that are there throughout are removed; those written meanwhile may stay. No
    /// value that is being loaded under a lease meanwhile is stored. O(entries); holds a lock for a few entries at a time.
    ///
    /// # Errors
    /// Those of `delete`.
    pub fn delete_prefix(&self, prefix: &KeyPrefix, max: u64) -> Result<u64> {
        self.check_fork()?;
        self.segment.check_writable()?;
        self.segment.live_epoch()?;
        let max = if max == 0 { u64::MAX } else { max };
        let mut removed = 0;
        for id in 0..self.segment.geometry.shards {
            if removed < max {
                removed += self.delete_prefix_in(id, prefix, max - removed)?;
            }
        }
        Ok(removed)
    }

    fn delete_prefix_in(&self, id: u32, prefix: &KeyPrefix, max: u64) -> Result<u64> {
        if Shard::new(&self.segment, id).has_leases() {
            self.lock(id)?.break_all_leases();
        }
        let mut removed = 0;
        // A doubling of the index moves entries: the pass begins anew, and does not find what it has removed.
        while !self.delete_prefix_pass(&mut Cursor::of_shard(id), prefix, max, &mut removed)? {}
        Ok(removed)
    }

    /// Passes once over a shard, and adds to `removed` until it is `max`. Returns false if the index was doubled meanwhile.
    fn delete_prefix_pass(
        &self,
        cursor: &mut Cursor,
        prefix: &KeyPrefix,
        max: u64,
        removed: &mut u64,
    ) -> Result<bool> {
        let (id, shape) = (cursor.shard, cursor.shape(self));
        let searched = Some(prefix).filter(|prefix| !prefix.is_empty());
        let (mut positions, mut buffer) = (Vec::new(), Vec::new());
        let mut ahead = Lookahead::new(self, id, 0);
        for number in 0..shape.buckets() as u32 {
            let bucket = self.segment.geometry.bucket(id, number);
            let mut slots = ahead.slots(number);
            while let Some(slot) = take_slot(&mut slots) {
                let at = bucket + slot * 8;
                if self.read_matching(id, at, searched, Want::Key, &mut buffer)?.is_some() {
                    positions.push(u64::from(number) * 8 + slot);
                }
            }
            let is_last = u64::from(number) + 1 == shape.buckets();
            while positions.len() >= REMOVED_PER_HOLD || (is_last && !positions.is_empty()) {
                let Some(found) = self.delete_at((id, shape), &mut positions, prefix, max - *removed)? else {
                    return Ok(false);
                };
                *removed += found;
                if *removed == max {
                    return Ok(true);
                }
            }
        }
        Ok(!cursor.meets_doubling(self)?)
    }

    /// Locks the shard and removes entries at the last of these positions, if their keys still start with `prefix`, until
    /// `max` live ones or enough blocks are freed. Returns how many were live; `None` if the index has another shape.
    fn delete_at(
        &self,
        (id, shape): (u32, IndexShape),
        positions: &mut Vec<u64>,
        prefix: &KeyPrefix,
        max: u64,
    ) -> Result<Option<u64>> {
        let guard = self.lock(id)?;
        if guard.shape() != shape {
            return Ok(None);
        }
        let (mut removed, mut freed, mut scratch) = (0, 0, Vec::new());
        while removed < max
            && freed < FREED_PER_HOLD
            && let Some(position) = positions.pop()
        {
            let word = guard.index_word(position);
            if word.is_empty() {
                continue;
            }
            let Some(location) = guard.locate(position, word, &mut scratch) else { continue };
            let header = &location.entry.header;
            if prefix.is_start_of(Key::new(&scratch[..header.key_len as usize], header.wide)?) {
                freed += 1 + location.entry.link.blocks();
                let found = LookupResult { entry: Some((location.slot, location.entry)), vacancy: None };
                removed += u64::from(self.remove_found(&guard, location.hash, &found));
            }
        }
        Ok(Some(removed))
    }
}
