//! The read operations. Each tries the fast path once and falls back on the slow path.

use super::fast_lookup::Lookup;
use super::result::{ClockUse, ReadResult, Validator};
use crate::entry::plain::Plain;
use crate::entry::read::Want;
use crate::entry::view::{ValueView, ViewBytes};
use crate::layout::hash::KeyHash;
use crate::ops::{Dict, Freshness, TimeLeft};
use crate::value::{Entry, Key, Value, ValueKind};
use shmkit_object::error::{Error, Result};

impl Dict {
    /// Tries the fast path once. Counts the read unless the slow path must decide.
    // Always inlined: the result is several words and would be passed through memory.
    #[inline(always)]
    pub(crate) fn try_read_fast<T>(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        clock: ClockUse,
        make: impl FnOnce(&Plain<'_>) -> Option<T>,
    ) -> Result<Lookup<T>> {
        if !self.is_fixed() {
            return self.try_read_sized::<true, _>(key, hash, clock, make);
        }
        self.try_read_sized::<false, _>(key, hash, clock, make)
    }

    /// Like `try_read_fast`, for callers that know whether the dictionary grows, from `is_fixed`.
    #[inline(always)]
    fn try_read_sized<const GROWS: bool, T>(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        clock: ClockUse,
        make: impl FnOnce(&Plain<'_>) -> Option<T>,
    ) -> Result<Lookup<T>> {
        if GROWS {
            self.check_fork()?;
        }
        let epoch = self.segment.live_epoch()?;
        let lookup = self.fast_lookup::<GROWS, _>(key, hash, epoch, clock, make);
        match &lookup {
            Lookup::Found(_, validator) => self.count_read(true, Some(validator.word_at)),
            Lookup::Missing => self.count_read(false, None),
            Lookup::Unclear => {}
        }
        Ok(lookup)
    }

    /// Returns the entry of `key`. Its bytes are copied into `buffer`, which is cleared first; reuse it between
    /// calls. O(1) plus the length of the value; takes no lock.
    ///
    /// # Errors
    /// [`Error::WrongType`] on a list; [`Error::Retired`], [`Error::Forked`]; [`Error::Corrupt`] if the
    /// entry is damaged.
    #[inline]
    pub fn get<'b>(&self, key: Key<'_>, buffer: &'b mut Vec<u8>) -> Result<Option<Entry<'b>>> {
        self.get_fresh(key, Freshness::Live, buffer)
    }

    /// Like `get`. With [`Freshness::Stale`], also returns expired entries that have not been reclaimed: their
    /// deadline is at or before `now()`.
    ///
    /// # Errors
    /// Those of `get`.
    pub fn get_fresh<'b>(
        &self,
        key: Key<'_>,
        freshness: Freshness,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Option<Entry<'b>>> {
        if !self.is_fixed() {
            return self.get_growing(key, freshness, buffer);
        }
        self.get_sized::<false>(key, freshness, buffer)
    }

    // Out of line: what has a fixed size pays for the branch alone.
    #[inline(never)]
    fn get_growing<'b>(
        &self,
        key: Key<'_>,
        freshness: Freshness,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Option<Entry<'b>>> {
        self.get_sized::<true>(key, freshness, buffer)
    }

    #[inline(always)]
    fn get_sized<'b, const GROWS: bool>(
        &self,
        key: Key<'_>,
        freshness: Freshness,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Option<Entry<'b>>> {
        let hash = self.hash(key);
        let copied = |entry: &Plain<'_>| {
            let view = entry.view()?;
            buffer.clear();
            view.bytes.append_to(buffer);
            Some((view.kind, view.scalar))
        };
        match self.try_read_sized::<GROWS, _>(key, hash, ClockUse::Coarse, copied)? {
            Lookup::Found(ReadResult { output: (kind, scalar), version, deadline, .. }, _) => {
                let value = Value { kind, scalar, bytes: buffer };
                Ok(Some(Entry { value, version, deadline }))
            }
            Lookup::Missing => Ok(None),
            Lookup::Unclear => match self.read_slow(key, hash, Want::Value, freshness, buffer)? {
                Some((entry, _)) if entry.header.kind == ValueKind::List => Err(wrong_type()),
                Some((entry, _)) => Ok(Some(entry.entry(buffer))),
                None => Ok(None),
            },
        }
    }

    /// Calls `make` with a view of the value in shared memory, before the value is validated. The output counts
    /// only if it is returned, and `make` may be called more than once. The [`Validator`] lets the caller check
    /// later that a cached output is still current. `buffer` holds values that must be copied first.
    ///
    /// # Errors
    /// Those of `get`.
    #[inline(always)]
    pub fn read_with<T>(
        &self,
        key: Key<'_>,
        buffer: &mut Vec<u8>,
        make: impl FnMut(ValueView<'_>) -> T,
    ) -> Result<Option<(ReadResult<T>, Validator)>> {
        self.read_with_hash(key, self.hash(key), buffer, make)
    }

    /// Like `read_with`, with a precomputed key hash.
    ///
    /// # Errors
    /// Those of `get`.
    #[inline(always)]
    pub fn read_with_hash<T>(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        buffer: &mut Vec<u8>,
        mut make: impl FnMut(ValueView<'_>) -> T,
    ) -> Result<Option<(ReadResult<T>, Validator)>> {
        if !self.is_fixed() {
            return self.read_growing(key, hash, buffer, &mut make);
        }
        self.read_sized::<false, _>(key, hash, buffer, &mut make)
    }

    // Out of line: what has a fixed size pays for the branch alone.
    #[inline(never)]
    fn read_growing<T>(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        buffer: &mut Vec<u8>,
        make: &mut impl FnMut(ValueView<'_>) -> T,
    ) -> Result<Option<(ReadResult<T>, Validator)>> {
        self.read_sized::<true, _>(key, hash, buffer, make)
    }

    #[inline(always)]
    fn read_sized<const GROWS: bool, T>(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        buffer: &mut Vec<u8>,
        make: &mut impl FnMut(ValueView<'_>) -> T,
    ) -> Result<Option<(ReadResult<T>, Validator)>> {
        match self
            .try_read_sized::<GROWS, _>(key, hash, ClockUse::Coarse, |entry| entry.view().map(&mut *make))?
        {
            Lookup::Found(result, validator) => return Ok(Some((result, validator))),
            Lookup::Missing => return Ok(None),
            Lookup::Unclear => {}
        }
        if let Some(found) = self.try_read_chain(key, hash, make)? {
            return Ok(Some(found));
        }
        let found = self.read_slow(key, hash, Want::Value, Freshness::Live, buffer)?;
        let Some((entry, validator)) = found else { return Ok(None) };
        if entry.header.kind == ValueKind::List {
            return Err(wrong_type());
        }
        let Value { kind, scalar, bytes } = entry.entry(buffer).value;
        let output = make(ValueView { kind, scalar, bytes: ViewBytes::Private(bytes) });
        let (version, deadline) = (entry.version.0, entry.cells.deadline);
        Ok(Some((ReadResult { output, version, deadline, observed_at: entry.observed_at }, validator)))
    }

    /// Returns whether the key has a live entry. Takes no lock.
    ///
    /// # Errors
    /// Those of `get`, except that lists are allowed.
    #[inline(always)]
    pub fn has(&self, key: Key<'_>, buffer: &mut Vec<u8>) -> Result<bool> {
        Ok(self.has_with_validator(key, buffer)?.is_some())
    }

    /// Like `has`, with a validator for the caller's own cache: `None` if the key is missing, `Some(None)` if the
    /// entry can expire or took the slow path.
    ///
    /// # Errors
    /// Those of `has`.
    #[inline(always)]
    pub fn has_with_validator(
        &self,
        key: Key<'_>,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Option<Validator>>> {
        if !self.is_fixed() {
            return self.has_growing(key, buffer);
        }
        self.has_sized::<false>(key, buffer)
    }

    // Out of line: what has a fixed size pays for the branch alone.
    #[inline(never)]
    fn has_growing(&self, key: Key<'_>, buffer: &mut Vec<u8>) -> Result<Option<Option<Validator>>> {
        self.has_sized::<true>(key, buffer)
    }

    #[inline(always)]
    fn has_sized<const GROWS: bool>(
        &self,
        key: Key<'_>,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Option<Validator>>> {
        let hash = self.hash(key);
        Ok(match self.try_read_sized::<GROWS, _>(key, hash, ClockUse::Coarse, |_| Some(()))? {
            Lookup::Found(ReadResult { deadline: 0, .. }, validator) => Some(Some(validator)),
            Lookup::Found(..) => Some(None),
            Lookup::Missing => None,
            Lookup::Unclear => self.read_slow(key, hash, Want::Key, Freshness::Live, buffer)?.map(|_| None),
        })
    }

    /// Returns the entry's time to live; `None` if the key is missing. Takes no lock.
    ///
    /// # Errors
    /// Those of `has`.
    #[inline(always)]
    pub fn ttl(&self, key: Key<'_>, buffer: &mut Vec<u8>) -> Result<Option<TimeLeft>> {
        if !self.is_fixed() {
            return self.ttl_growing(key, buffer);
        }
        self.ttl_sized::<false>(key, buffer)
    }

    // Out of line: what has a fixed size pays for the branch alone.
    #[inline(never)]
    fn ttl_growing(&self, key: Key<'_>, buffer: &mut Vec<u8>) -> Result<Option<TimeLeft>> {
        self.ttl_sized::<true>(key, buffer)
    }

    #[inline(always)]
    fn ttl_sized<const GROWS: bool>(&self, key: Key<'_>, buffer: &mut Vec<u8>) -> Result<Option<TimeLeft>> {
        let hash = self.hash(key);
        let found = match self.try_read_sized::<GROWS, _>(key, hash, ClockUse::Exact, |_| Some(()))? {
            Lookup::Found(result, _) => Some((result.deadline, result.observed_at)),
            Lookup::Missing => None,
            Lookup::Unclear => self
                .read_slow(key, hash, Want::Key, Freshness::Live, buffer)?
                .map(|(entry, _)| (entry.cells.deadline, entry.observed_at)),
        };
        Ok(found.map(|(deadline, observed_at)| match deadline {
            0 => TimeLeft::Forever,
            deadline => TimeLeft::Nanos(deadline.saturating_sub(observed_at).max(1)),
        }))
    }
}

#[cold]
fn wrong_type() -> Error {
    Error::WrongType("the value is a list")
}
