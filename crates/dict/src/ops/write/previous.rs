//! Writes that return the value before them.
//!
//! A value that a codec wrote may turn out not to be readable for the caller. So such a write is made in two calls: the
//! first one returns the value and changes nothing; the caller decodes it and calls again with its version.

use super::set::{WriteOutcome, WritePrecondition, copy_under_lock};
use crate::entry::read::Snapshot;
use crate::guard::Guard;
use crate::index::find::IndexSlot;
use crate::ops::Dict;
use crate::value::{Condition, Entry, Key, Ttl, Value};
use shmkit_object::error::Result;

/// The value before a write.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Previous<'b> {
    /// There was none. The write is complete.
    Missing,
    /// This one. The write is complete.
    Entry(Entry<'b>),
    /// The one with the version that the caller gave. The write is complete.
    Decoded,
    /// This one, which the caller must decode before it calls again with its version. Nothing has changed.
    Undecoded(Entry<'b>),
}

/// Where the value before a write is copied to.
#[derive(Debug)]
pub(crate) struct PreviousValue<'b> {
    /// Gets the payload.
    pub(crate) buffer: &'b mut Vec<u8>,
    /// The version of the entry whose value the caller has decoded.
    pub(crate) decoded: Option<u64>,
}

impl<'b> PreviousValue<'b> {
    /// Copies the value of a live entry, unless the caller has decoded it already. Returns whether the write may go on.
    pub(crate) fn copy(&mut self, guard: &Guard<'_>, slot: &IndexSlot, entry: &Snapshot) -> Result<bool> {
        if self.decoded == Some(entry.version.0) {
            return Ok(true);
        }
        copy_under_lock(guard, slot, entry, self.buffer)?;
        Ok(!entry.header.kind.needs_codec())
    }

    /// Returns the value as the outcome of the write tells.
    pub(crate) fn of(self, outcome: WriteOutcome) -> Previous<'b> {
        match outcome {
            WriteOutcome::Refused | WriteOutcome::Done(None) => Previous::Missing,
            WriteOutcome::Done(Some(entry)) if self.decoded == Some(entry.version.0) => Previous::Decoded,
            WriteOutcome::Done(Some(entry)) => Previous::Entry(entry.entry(self.buffer)),
            WriteOutcome::Undecoded(entry) => Previous::Undecoded(entry.entry(self.buffer)),
        }
    }
}

impl Dict {
    /// Stores a value and returns the previous one. One that needs a codec stays until the caller has decoded it and passes
    /// its version in `decoded`.
    ///
    /// # Errors
    /// Those of `set`, and [`shmkit_object::error::Error::WrongType`] on a list.
    pub fn swap<'b>(
        &self,
        key: Key<'_>,
        value: Value<'_>,
        ttl: Ttl,
        decoded: Option<u64>,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Previous<'b>> {
        let mut previous = PreviousValue { buffer, decoded };
        let precondition = WritePrecondition::Condition(Condition::Always);
        let outcome = self.write(key, value, ttl, precondition, Some(&mut previous))?;
        Ok(previous.of(outcome))
    }

    /// Sets or clears an entry's expiry and returns its value. If that needs a codec, nothing changes until the caller has
    /// decoded it and passes its version in `decoded`.
    ///
    /// # Errors
    /// Those of `expire`, and [`shmkit_object::error::Error::WrongType`] on a list.
    pub fn get_and_expire<'b>(
        &self,
        key: Key<'_>,
        ttl: Ttl,
        decoded: Option<u64>,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Previous<'b>> {
        let mut previous = PreviousValue { buffer, decoded };
        let outcome = self.expire_slow(key, self.hash(key), ttl, Some(&mut previous))?;
        if let WriteOutcome::Done(found) = &outcome {
            self.count_read(found.is_some(), None);
        }
        Ok(previous.of(outcome))
    }
}
