//! What readers can ask. Each takes one quick look (`glance`), and reads closely if that was not enough.

use super::fast_lookup::Glance;
use super::result::{Reading, Time, Witness};
use crate::entry::plain::Plain;
use crate::entry::read::Want;
use crate::entry::view::{Seen, SeenBytes};
use crate::layout::hash::KeyHash;
use crate::ops::{Dict, Freshness, TimeLeft};
use crate::value::{Entry, Key, Value, ValueKind};
use shmkit_object::error::{Error, Result};

impl Dict {
    /// One quick look for `key`; counts it, unless it takes a closer one.
    // Always inlined: what it returns is several words, which would go through memory.
    #[inline(always)]
    fn look_once<T>(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        time: Time,
        make: impl FnOnce(&Plain<'_>) -> Option<T>,
    ) -> Result<Glance<T>> {
        self.check_fork()?;
        let epoch = self.segment.live_epoch()?;
        let glance = self.glance(key, hash, epoch, time, make);
        match &glance {
            Glance::Found(_, witness) => self.count_read(true, Some(witness.word_at)),
            Glance::Missing => self.count_read(false, None),
            Glance::Unclear => {}
        }
        Ok(glance)
    }

    /// The entry of `key`, its bytes copied into `buffer` (cleared first; reuse it between calls).
    /// O(1) and the length of the value; takes no lock.
    ///
    /// # Errors
    /// [`Error::WrongType`] on a list; [`Error::Retired`], [`Error::Forked`]; [`Error::Corrupt`] if the
    /// entry is damaged.
    #[inline]
    pub fn get<'b>(&self, key: Key<'_>, buffer: &'b mut Vec<u8>) -> Result<Option<Entry<'b>>> {
        self.get_fresh(key, Freshness::Live, buffer)
    }

    /// As `get`. With `Stale` expired entries that were not reclaimed are returned as well: their
    /// deadline is not after `now()`.
    ///
    /// # Errors
    /// As `get`.
    pub fn get_fresh<'b>(
        &self,
        key: Key<'_>,
        freshness: Freshness,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Option<Entry<'b>>> {
        let hash = self.hash(key);
        let copied = |entry: &Plain<'_>| {
            let seen = entry.seen()?;
            buffer.clear();
            seen.bytes.append_to(buffer);
            Some((seen.kind, seen.scalar))
        };
        match self.look_once(key, hash, Time::Come, copied)? {
            Glance::Found(Reading { made: (kind, scalar), version, deadline, .. }, _) => {
                let value = Value { kind, scalar, bytes: buffer };
                Ok(Some(Entry { value, version, deadline }))
            }
            Glance::Missing => Ok(None),
            Glance::Unclear => match self.read_closely(key, hash, Want::Value, freshness, buffer)? {
                Some((entry, _)) if entry.header.kind == ValueKind::List => Err(wrong_type()),
                Some((entry, _)) => Ok(Some(entry.entry(buffer))),
                None => Ok(None),
            },
        }
    }

    /// Lets `make` something of a value where it stands, before it is known whether it is whole: what was
    /// made counts only if it is returned, and `make` may be called more than once. Beside it, what it rests
    /// on, for a cache of the caller's own. `buffer` is room for values that must be copied first.
    ///
    /// # Errors
    /// As `get`.
    #[inline(always)]
    pub fn look<T>(
        &self,
        key: Key<'_>,
        buffer: &mut Vec<u8>,
        make: impl FnMut(Seen<'_>) -> T,
    ) -> Result<Option<(Reading<T>, Witness)>> {
        self.look_hashed(key, self.hash(key), buffer, make)
    }

    /// As `look`, for who knows the key's hash already.
    ///
    /// # Errors
    /// As `get`.
    #[inline(always)]
    pub fn look_hashed<T>(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        buffer: &mut Vec<u8>,
        mut make: impl FnMut(Seen<'_>) -> T,
    ) -> Result<Option<(Reading<T>, Witness)>> {
        match self.look_once(key, hash, Time::Come, |entry| entry.seen().map(&mut make))? {
            Glance::Found(reading, witness) => return Ok(Some((reading, witness))),
            Glance::Missing => return Ok(None),
            Glance::Unclear => {}
        }
        if let Some(found) = self.look_at_chain(key, hash, &mut make)? {
            return Ok(Some(found));
        }
        let found = self.read_closely(key, hash, Want::Value, Freshness::Live, buffer)?;
        let Some((entry, witness)) = found else { return Ok(None) };
        if entry.header.kind == ValueKind::List {
            return Err(wrong_type());
        }
        let Value { kind, scalar, bytes } = entry.entry(buffer).value;
        let made = make(Seen { kind, scalar, bytes: SeenBytes::Private(bytes) });
        let (version, deadline) = (entry.version.0, entry.cells.deadline);
        Ok(Some((Reading { made, version, deadline, seen_at: entry.seen_at }, witness)))
    }

    /// True if there is a live entry. Takes no lock.
    ///
    /// # Errors
    /// As `get`, but for lists.
    #[inline(always)]
    pub fn has(&self, key: Key<'_>, buffer: &mut Vec<u8>) -> Result<bool> {
        Ok(self.has_witnessed(key, buffer)?.is_some())
    }

    /// As `has`, and what it rests on, for a cache of the caller's own: `Some(None)` if the entry may expire, or
    /// took a closer look.
    ///
    /// # Errors
    /// As `has`.
    #[inline(always)]
    pub fn has_witnessed(&self, key: Key<'_>, buffer: &mut Vec<u8>) -> Result<Option<Option<Witness>>> {
        let hash = self.hash(key);
        Ok(match self.look_once(key, hash, Time::Come, |_| Some(()))? {
            Glance::Found(Reading { deadline: 0, .. }, witness) => Some(Some(witness)),
            Glance::Found(..) => Some(None),
            Glance::Missing => None,
            Glance::Unclear => {
                self.read_closely(key, hash, Want::Key, Freshness::Live, buffer)?.map(|_| None)
            }
        })
    }

    /// How long the entry has to live; `None` if there is none. Takes no lock.
    ///
    /// # Errors
    /// As `has`.
    #[inline(always)]
    pub fn ttl(&self, key: Key<'_>, buffer: &mut Vec<u8>) -> Result<Option<TimeLeft>> {
        let hash = self.hash(key);
        let found = match self.look_once(key, hash, Time::Left, |_| Some(()))? {
            Glance::Found(reading, _) => Some((reading.deadline, reading.seen_at)),
            Glance::Missing => None,
            Glance::Unclear => self
                .read_closely(key, hash, Want::Key, Freshness::Live, buffer)?
                .map(|(entry, _)| (entry.cells.deadline, entry.seen_at)),
        };
        Ok(found.map(|(deadline, seen_at)| match deadline {
            0 => TimeLeft::Forever,
            deadline => TimeLeft::Nanos(deadline.saturating_sub(seen_at).max(1)),
        }))
    }
}

#[cold]
fn wrong_type() -> Error {
    Error::WrongType("the value is a list")
}
