//! `incr` and `expire`: changes in place where the entry has the cells for them, else a new entry.

use super::in_place::{change_in_place, change_plain};
use super::previous::PreviousValue;
use super::set::{WriteOutcome, WritePrecondition, copy_under_lock};
use crate::entry::Cells;
use crate::entry::write::EntryDraft;
use crate::layout::hash::KeyHash;
use crate::layout::shard::SEQUENCE;
use crate::layout::statistics::Statistic;
use crate::layout::version::Version;
use crate::ops::Dict;
use crate::ops::space::make_space::MakeSpace;
use crate::value::{Increment, Incremented, Key, Number, Ttl, Value, ValueKind};
use shmkit_object::error::{Error, Result};

impl Dict {
    /// Adds to a number and returns the new value; `None` if there is no live entry and no `init`. O(1).
    ///
    /// # Errors
    /// [`Error::WrongType`] on any value but a number of the delta's type, [`Error::Overflow`] (the value is unchanged),
    /// and those of `set`.
    #[inline]
    pub fn increment(&self, key: Key<'_>, by: Increment) -> Result<Option<Number>> {
        Ok(self.increment_entry(key, by)?.map(|changed| changed.sum))
    }

    /// Like `increment`, but returns the version and deadline that came with the new value.
    ///
    /// # Errors
    /// Those of `increment`.
    pub fn increment_entry(&self, key: Key<'_>, by: Increment) -> Result<Option<Incremented>> {
        if !self.is_fixed() {
            return self.increment_growing(key, by);
        }
        self.increment_sized::<false>(key, by)
    }

    // Out of line: what has a fixed size pays for the branch alone.
    #[inline(never)]
    fn increment_growing(&self, key: Key<'_>, by: Increment) -> Result<Option<Incremented>> {
        self.increment_sized::<true>(key, by)
    }

    #[inline(always)]
    fn increment_sized<const GROWS: bool>(&self, key: Key<'_>, by: Increment) -> Result<Option<Incremented>> {
        let hash = self.hash(key);
        {
            let guard = self.lock_sized::<GROWS>(hash)?;
            if by.ttl == Ttl::Keep
                && let Some((slot, entry)) = guard.find_plain::<GROWS>(key, hash, guard.epoch().tag())
                && guard.segment.known_page_of(slot.word.block()).is_some()
                && self.is_unexpired(entry.deadline)
            {
                let sum = add(number_of(entry.kind(), entry.scalar())?, &by)?;
                guard.break_leases(hash);
                let version = change_plain(&guard, key, &entry, bits_of(sum), entry.deadline);
                self.count(Statistic::Sets, 1);
                return Ok(Some(Incremented { sum, version: version.0, deadline: entry.deadline }));
            }
        }
        self.increment_slow(key, hash, by)
    }

    /// Returns whether a deadline (0: none) is not past.
    #[inline]
    fn is_unexpired(&self, deadline: u64) -> bool {
        deadline == 0 || !self.segment.clock.is_past(deadline)
    }

    /// Like `increment`, for entries of any form and for missing keys.
    // Cold, so that the fast path before it keeps its registers.
    #[cold]
    #[inline(never)]
    fn increment_slow(&self, key: Key<'_>, hash: KeyHash, by: Increment) -> Result<Option<Incremented>> {
        let (mut scratch, mut make_space) = (Vec::new(), MakeSpace::default());
        loop {
            let guard = self.lock_for(hash)?;
            let found = guard.find(key, hash, &mut scratch);
            let live = found.entry.as_ref().filter(|(_, entry)| self.is_live(entry, guard.epoch()));
            let (sum, ttl) = match live {
                Some((_, entry)) => (add(number_of(entry.header.kind, entry.cells.scalar)?, &by)?, by.ttl),
                None => match by.init {
                    Some(init) => (add(init, &by)?, if by.ttl == Ttl::Keep { by.init_ttl } else { by.ttl }),
                    None => return Ok(None),
                },
            };
            if ttl == Ttl::Past {
                self.remove_found(&guard, hash, &found);
                return Ok(Some(Incremented { sum, version: 0, deadline: 0 }));
            }
            let deadline = self.deadline(ttl, live.map_or(0, |(_, entry)| entry.cells.deadline));
            let value = match sum {
                Number::Double(sum) => Value::number(sum),
                Number::Integer(sum) => Value::bigint(sum),
            };
            if let Some((slot, entry)) = live
                && (deadline == 0 || entry.shape.has_deadline())
            {
                guard.break_leases(hash);
                let cells = Cells { scalar: value.scalar, deadline, ..entry.cells };
                let version = change_in_place(&guard, key, slot.word.block(), entry, &cells);
                self.count(Statistic::Sets, 1);
                return Ok(Some(Incremented { sum, version: version.0, deadline }));
            }
            let draft = EntryDraft::new(key, value, deadline, guard.epoch().tag());
            let Err(needed) =
                self.try_publish(&guard, hash, &found, &draft, WritePrecondition::NONE, &mut make_space)
            else {
                self.count(Statistic::Sets, 1);
                // The new entry has the number that was drawn last.
                let version = Version::fresh(guard.load(SEQUENCE)).0;
                self.double_if_full(guard, &found);
                return Ok(Some(Incremented { sum, version, deadline }));
            };
            let protect = found.entry.map(|(slot, _)| slot.position);
            make_space.advance(self, guard, (key, hash), &needed, protect)?;
        }
    }

    /// Sets or clears an entry's expiry. Returns false if there is no live entry. O(1), except that the first expiry of an
    /// entry stored without one rewrites the entry. [`Ttl::Keep`] changes nothing, [`Ttl::Past`] removes the entry.
    ///
    /// # Errors
    /// Those of `set`.
    pub fn expire(&self, key: Key<'_>, ttl: Ttl) -> Result<bool> {
        if !self.is_fixed() {
            return self.expire_growing(key, ttl);
        }
        self.expire_sized::<false>(key, ttl)
    }

    // Out of line: what has a fixed size pays for the branch alone.
    #[inline(never)]
    fn expire_growing(&self, key: Key<'_>, ttl: Ttl) -> Result<bool> {
        self.expire_sized::<true>(key, ttl)
    }

    #[inline(always)]
    fn expire_sized<const GROWS: bool>(&self, key: Key<'_>, ttl: Ttl) -> Result<bool> {
        let hash = self.hash(key);
        {
            let guard = self.lock_sized::<GROWS>(hash)?;
            if ttl != Ttl::Past
                && let Some((slot, entry)) = guard.find_plain::<GROWS>(key, hash, guard.epoch().tag())
                && guard.segment.known_page_of(slot.word.block()).is_some()
                && let Some(deadline) = self.renewed(ttl, entry.deadline)
            {
                if deadline == entry.deadline {
                    return Ok(true);
                }
                if entry.has_deadline() {
                    guard.break_leases(hash);
                    change_plain(&guard, key, &entry, entry.scalar(), deadline);
                    return Ok(true);
                }
            }
        }
        Ok(matches!(self.expire_slow(key, hash, ttl, None)?, WriteOutcome::Done(Some(_))))
    }

    /// Returns the new deadline, reading the clock once; `None` if the present deadline is past.
    #[inline]
    fn renewed(&self, ttl: Ttl, present: u64) -> Option<u64> {
        let needs_clock = present != 0 || matches!(ttl, Ttl::After(_));
        let now = if needs_clock { self.segment.clock.now() } else { 0 };
        let is_unexpired = present == 0 || present > now;
        is_unexpired.then(|| match ttl {
            Ttl::Never | Ttl::Past => 0,
            Ttl::Keep => present,
            Ttl::After(nanos) => now.saturating_add(nanos.max(1)),
        })
    }

    /// Like `expire`, for entries of any form and for missing keys. May copy the value out at the same instant.
    // Cold, so that the fast path before it keeps its registers.
    #[cold]
    #[inline(never)]
    pub(crate) fn expire_slow(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        ttl: Ttl,
        mut previous: Option<&mut PreviousValue<'_>>,
    ) -> Result<WriteOutcome> {
        let (mut scratch, mut payload) = (Vec::new(), Vec::new());
        let mut make_space = MakeSpace::default();
        loop {
            let guard = self.lock_for(hash)?;
            let found = guard.find(key, hash, &mut scratch);
            let Some((slot, entry)) = found.entry.filter(|(_, entry)| self.is_live(entry, guard.epoch()))
            else {
                return Ok(WriteOutcome::Done(None));
            };
            if let Some(previous) = previous.as_deref_mut()
                && !previous.copy(&guard, &slot, &entry)?
            {
                return Ok(WriteOutcome::Undecoded(entry));
            }
            let done = Ok(WriteOutcome::Done(Some(entry)));
            if ttl == Ttl::Past {
                self.remove_found(&guard, hash, &found);
                return done;
            }
            let deadline = self.deadline(ttl, entry.cells.deadline);
            if deadline == entry.cells.deadline {
                return done;
            }
            if entry.shape.has_deadline() {
                guard.break_leases(hash);
                change_in_place(&guard, key, slot.word.block(), &entry, &Cells { deadline, ..entry.cells });
                return done;
            }
            // The entry is not a list: lists always have deadline cells.
            copy_under_lock(&guard, &slot, &entry, &mut payload)?;
            let draft = EntryDraft::new(key, entry.entry(&payload).value, deadline, guard.epoch().tag());
            let Err(mut needed) =
                self.try_publish(&guard, hash, &found, &draft, WritePrecondition::NONE, &mut make_space)
            else {
                return done;
            };
            needed.is_first_expiry = true;
            make_space.advance(self, guard, (key, hash), &needed, Some(slot.position))?;
        }
    }
}

fn number_of(kind: ValueKind, scalar: u64) -> Result<Number> {
    match kind {
        ValueKind::Number => Ok(Number::Double(f64::from_bits(scalar))),
        ValueKind::BigInt => Ok(Number::Integer(scalar as i64)),
        _ => Err(Error::WrongType("incr needs a number or a bigint")),
    }
}

fn bits_of(number: Number) -> u64 {
    match number {
        Number::Double(number) => number.to_bits(),
        Number::Integer(number) => number as u64,
    }
}

#[inline(always)]
fn add(base: Number, by: &Increment) -> Result<Number> {
    match (base, by.delta) {
        (Number::Integer(base), Number::Integer(delta)) => add_integers(base, delta),
        (Number::Integer(base), Number::Double(_)) if by.delta_is_default => add_integers(base, 1),
        (Number::Double(base), Number::Double(delta)) => {
            let sum = base + delta;
            if sum.is_finite() {
                Ok(Number::Double(sum))
            } else {
                Err(Error::Overflow("the sum is not a finite number"))
            }
        }
        _ => Err(Error::WrongType("a number and a bigint cannot be added")),
    }
}

fn add_integers(base: i64, delta: i64) -> Result<Number> {
    base.checked_add(delta)
        .map(Number::Integer)
        .ok_or(Error::Overflow("the sum is outside of the int64 range"))
}
