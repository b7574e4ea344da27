//! Writes that remove an entry.

use super::previous::{Previous, PreviousValue};
use super::set::{WriteOutcome, WritePrecondition};
use crate::feed::Change;
use crate::guard::Guard;
use crate::index::find::{EntryLocation, LookupResult};
use crate::layout::hash::KeyHash;
use crate::layout::statistics::Statistic;
use crate::ops::Dict;
use crate::ops::commit::remove_entry;
use crate::value::{Condition, Key};
use shmkit_object::error::Result;

impl Dict {
    /// Deletes an entry. Returns whether there was a live one (with that version, if one is given).
    ///
    /// # Errors
    /// Those of `set`, except `Full` and `TooLarge`.
    pub fn delete(&self, key: Key<'_>, version: Option<u64>) -> Result<bool> {
        let condition = version.map_or(Condition::Present, Condition::Version);
        Ok(matches!(self.remove(key, condition, None)?, WriteOutcome::Done(Some(_))))
    }

    /// Deletes an entry and returns it. A value that needs a codec stays until the caller has decoded it and passes its
    /// version in `decoded`.
    ///
    /// # Errors
    /// Those of `delete`, and [`shmkit_object::error::Error::WrongType`] on a list.
    pub fn take<'b>(
        &self,
        key: Key<'_>,
        decoded: Option<u64>,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Previous<'b>> {
        let mut previous = PreviousValue { buffer, decoded };
        let outcome = self.remove(key, Condition::Present, Some(&mut previous))?;
        Ok(previous.of(outcome))
    }

    fn remove(
        &self,
        key: Key<'_>,
        condition: Condition,
        previous: Option<&mut PreviousValue<'_>>,
    ) -> Result<WriteOutcome> {
        let hash = self.hash(key);
        let guard = self.lock_for(hash)?;
        let found = guard.find(key, hash, &mut Vec::new());
        let Some((slot, entry)) = found.entry else {
            // A loader of the key must not store it after this.
            if matches!(condition, Condition::Present) {
                guard.break_leases(hash);
            }
            return Ok(WriteOutcome::Done(None));
        };
        let live = self.is_live(&entry, guard.epoch());
        if live && !self.is_met(&guard, WritePrecondition::Condition(condition), Some(&entry)) {
            return Ok(WriteOutcome::Refused);
        }
        if let Some(previous) = previous
            && live
            && !previous.copy(&guard, &slot, &entry)?
        {
            return Ok(WriteOutcome::Undecoded(entry));
        }
        // An expired or cleared entry is removed as well: it only takes space.
        guard.break_leases(hash);
        remove_entry(&guard, guard.epoch(), &EntryLocation { entry, hash, slot }, Change::Delete);
        if live {
            self.count(Statistic::Deletes, 1);
        }
        Ok(WriteOutcome::Done(live.then_some(entry)))
    }

    /// Removes the entry that was found, if there is one, and ends the leases of its key. Returns whether the entry was
    /// live.
    pub(crate) fn remove_found(&self, guard: &Guard<'_>, hash: KeyHash, found: &LookupResult) -> bool {
        guard.break_leases(hash);
        let Some((slot, entry)) = found.entry else { return false };
        let live = self.is_live(&entry, guard.epoch());
        remove_entry(guard, guard.epoch(), &EntryLocation { entry, hash, slot }, Change::Delete);
        if live {
            self.count(Statistic::Deletes, 1);
        }
        live
    }
}
