//! Writes that replace a whole entry, by copy-on-write.

use crate::entry::read::{Snapshot, Want};
use crate::entry::write::{BlockPlan, EntryDraft};
use crate::guard::Guard;
use crate::index::find::{EntryLocation, IndexSlot, LookupResult};
use crate::layout::hash::KeyHash;
use crate::layout::statistics::Statistic;
use crate::lease::LeaseTicket;
use crate::ops::Dict;
use crate::ops::commit::{publish_entry, remove_entry};
use crate::ops::space::make_space::MakeSpace;
use crate::slab::Picks;
use crate::value::{Condition, Entry, Key, MAX_VALUE_BYTES, Ttl, Value, ValueKind};
use shmkit_object::error::{Error, Result};

/// Longer values never fit into half a page.
const SHORT: usize = 32 << 10;

/// What has to hold for a write to take place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WritePrecondition {
    /// A user's condition.
    Condition(Condition),
    /// The lease is ours, and the key was not touched since.
    Lease(LeaseTicket),
}

impl WritePrecondition {
    /// Nothing in particular.
    pub(crate) const NONE: WritePrecondition = WritePrecondition::Condition(Condition::Always);
}

/// What a write did.
pub(crate) enum WriteOutcome {
    /// The precondition was not met.
    Refused,
    /// It stands; the previous live entry, whose payload is in the caller's buffer, if one was given.
    Done(Option<Snapshot>),
}

impl Dict {
    /// Stores a value; false if the condition does not hold, and then nothing changed. O(1) and the
    /// length of the value, unless room has to be made.
    ///
    /// # Errors
    /// [`Error::Full`] (the old value stays), [`Error::TooLarge`], [`Error::LockTimeout`],
    /// [`Error::ReadOnly`], [`Error::Retired`], [`Error::Forked`].
    #[inline(always)]
    pub fn set(&self, key: Key<'_>, value: Value<'_>, ttl: Ttl, condition: Condition) -> Result<bool> {
        self.set_with_hash(key, self.hash(key), value, ttl, condition)
    }

    /// As `set`, for who knows the key's hash already.
    ///
    /// # Errors
    /// As `set`.
    #[inline(always)]
    pub fn set_with_hash(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        value: Value<'_>,
        ttl: Ttl,
        condition: Condition,
    ) -> Result<bool> {
        let mut held = None;
        if condition == Condition::Always && value.bytes.len() < SHORT {
            let guard = self.lock_for(hash)?;
            if self.overwrite(&guard, key, hash, value, ttl) {
                self.count(Statistic::Sets, 1);
                return Ok(true);
            }
            held = Some(guard);
        }
        let written =
            self.write_holding(held, key, hash, value, ttl, WritePrecondition::Condition(condition), None)?;
        Ok(matches!(written, WriteOutcome::Done(_)))
    }

    /// Stores a value and returns the previous live entry.
    ///
    /// # Errors
    /// As `set`, and [`Error::WrongType`] on a list.
    pub fn swap<'b>(
        &self,
        key: Key<'_>,
        value: Value<'_>,
        ttl: Ttl,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Option<Entry<'b>>> {
        match self.write(key, value, ttl, WritePrecondition::Condition(Condition::Always), Some(buffer))? {
            WriteOutcome::Done(Some(previous)) => Ok(Some(previous.entry(buffer))),
            _ => Ok(None),
        }
    }

    pub(crate) fn write(
        &self,
        key: Key<'_>,
        value: Value<'_>,
        ttl: Ttl,
        precondition: WritePrecondition,
        previous: Option<&mut Vec<u8>>,
    ) -> Result<WriteOutcome> {
        self.write_holding(None, key, self.hash(key), value, ttl, precondition, previous)
    }

    /// As `write`, for who may hold the lock of the key's shard.
    #[expect(clippy::too_many_arguments, reason = "a write, and how far its caller has come with it")]
    // Cold, so that the short way before it keeps its registers.
    #[cold]
    #[inline(never)]
    fn write_holding<'a>(
        &'a self,
        mut held: Option<Guard<'a>>,
        key: Key<'_>,
        hash: KeyHash,
        value: Value<'_>,
        ttl: Ttl,
        precondition: WritePrecondition,
        mut previous: Option<&mut Vec<u8>>,
    ) -> Result<WriteOutcome> {
        let size = value.bytes.len() as u64;
        if size > MAX_VALUE_BYTES {
            return Err(Error::TooLarge { what: "value", size, limit: MAX_VALUE_BYTES });
        }
        let (mut scratch, mut picks, mut make_space) = (Vec::new(), Picks::default(), MakeSpace::default());
        loop {
            // Who holds the lock has looked for a plain entry already.
            let (guard, found) = match held.take() {
                Some(guard) => {
                    let found = guard.find(key, hash, &mut scratch);
                    (guard, found)
                }
                None => {
                    let guard = self.lock_for(hash)?;
                    let found = guard.find_live(key, hash, guard.epoch().tag(), &mut scratch);
                    (guard, found)
                }
            };
            let live = found.entry.as_ref().filter(|(_, entry)| self.is_live(entry, guard.epoch()));
            if !self.is_met(&guard, precondition, live.map(|(_, entry)| entry)) {
                return Ok(WriteOutcome::Refused);
            }
            if let (Some(buffer), Some((slot, entry))) = (previous.as_deref_mut(), live) {
                copy_under_lock(&guard, slot, entry, buffer)?;
            }
            let deadline = self.deadline(ttl, live.map_or(0, |(_, entry)| entry.cells.deadline));
            let draft = EntryDraft::new(key, value, deadline, guard.epoch().tag());
            let Err(plan) = self.try_publish(&guard, hash, &found, &draft, precondition, &mut picks) else {
                self.count(Statistic::Sets, 1);
                return Ok(WriteOutcome::Done(live.map(|(_, entry)| *entry)));
            };
            let protect = found.entry.map(|(slot, _)| slot.position);
            make_space.advance(self, guard, hash, &plan, protect)?;
        }
    }

    /// Publishes a draft in the place that was found; else tells what it takes, and nothing changed.
    pub(crate) fn try_publish(
        &self,
        guard: &Guard<'_>,
        hash: KeyHash,
        found: &LookupResult,
        draft: &EntryDraft<'_>,
        precondition: WritePrecondition,
        picks: &mut Picks,
    ) -> std::result::Result<(), BlockPlan> {
        let geometry = &self.segment.geometry;
        let plan = draft.plan(&geometry.classes, geometry.page_bytes(), self.segment.checksums);
        let has_place = found.entry.is_some() || found.vacancy.is_some();
        if !has_place || plan.pick(guard, picks).is_none() {
            return Err(plan);
        }
        match precondition {
            WritePrecondition::Lease(ticket) => guard.free_lease(ticket),
            WritePrecondition::Condition(_) => guard.break_leases(hash),
        }
        publish_entry(guard, guard.epoch(), hash, found, draft, &plan, picks);
        Ok(())
    }

    fn is_met(&self, guard: &Guard<'_>, precondition: WritePrecondition, live: Option<&Snapshot>) -> bool {
        match precondition {
            WritePrecondition::Condition(condition) => match condition {
                Condition::Always => true,
                Condition::Absent => live.is_none(),
                Condition::Present => live.is_some(),
                Condition::Version(version) => live.map_or(0, |entry| entry.version.0) == version,
            },
            WritePrecondition::Lease(ticket) => guard.holds_lease(ticket, self.segment.me),
        }
    }

    /// The deadline that a TTL leads to.
    pub(crate) fn deadline(&self, ttl: Ttl, present: u64) -> u64 {
        match ttl {
            Ttl::Never => 0,
            Ttl::Keep => present,
            Ttl::After(nanos) => self.now().saturating_add(nanos.max(1)),
        }
    }

    /// Deletes an entry; true if a live one was there (of that version, if one is given).
    ///
    /// # Errors
    /// As `set`, but for those about room.
    pub fn delete(&self, key: Key<'_>, version: Option<u64>) -> Result<bool> {
        let condition = version.map_or(Condition::Present, Condition::Version);
        Ok(self.remove(key, condition, None)?.is_some())
    }

    /// Deletes an entry and returns it.
    ///
    /// # Errors
    /// As `delete`, and [`Error::WrongType`] on a list.
    pub fn take<'b>(&self, key: Key<'_>, buffer: &'b mut Vec<u8>) -> Result<Option<Entry<'b>>> {
        let removed = self.remove(key, Condition::Present, Some(buffer))?;
        Ok(removed.map(|entry| entry.entry(buffer)))
    }

    fn remove(
        &self,
        key: Key<'_>,
        condition: Condition,
        buffer: Option<&mut Vec<u8>>,
    ) -> Result<Option<Snapshot>> {
        let hash = self.hash(key);
        let guard = self.lock_for(hash)?;
        let LookupResult { entry: Some((slot, entry)), .. } = guard.find(key, hash, &mut Vec::new()) else {
            // Whoever loads the key must not bring it back after this.
            if matches!(condition, Condition::Present) {
                guard.break_leases(hash);
            }
            return Ok(None);
        };
        let live = self.is_live(&entry, guard.epoch());
        if live && !self.is_met(&guard, WritePrecondition::Condition(condition), Some(&entry)) {
            return Ok(None);
        }
        if let Some(buffer) = buffer
            && live
        {
            copy_under_lock(&guard, &slot, &entry, buffer)?;
        }
        // A dead entry goes as well: it was found, and it only takes room.
        guard.break_leases(hash);
        remove_entry(&guard, guard.epoch(), &EntryLocation { entry, hash, slot });
        if live {
            self.count(Statistic::Deletes, 1);
        }
        Ok(live.then_some(entry))
    }
}

/// Copies an entry's payload while its shard is locked.
pub(crate) fn copy_under_lock(
    guard: &Guard<'_>,
    slot: &IndexSlot,
    entry: &Snapshot,
    buffer: &mut Vec<u8>,
) -> Result<()> {
    if entry.header.kind == ValueKind::List {
        return Err(Error::WrongType("the value is a list"));
    }
    buffer.clear();
    entry
        .copy_payload(guard.segment, slot.word.block(), Want::Value, buffer)
        .map_err(|_| Error::Corrupt(format!("the entry at offset {} is damaged", slot.word.block())))
}
