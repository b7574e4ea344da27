//! Writes that replace a whole entry, by copy-on-write.

use super::previous::PreviousValue;
use crate::entry::read::{Snapshot, Want};
use crate::entry::write::EntryDraft;
use crate::guard::Guard;
use crate::index::find::{IndexSlot, LookupResult};
use crate::layout::hash::KeyHash;
use crate::layout::statistics::Statistic;
use crate::lease::LeaseTicket;
use crate::ops::Dict;
use crate::ops::commit::publish_entry;
use crate::ops::reserve::{Detour, publish_through_reserve};
use crate::ops::space::make_space::MakeSpace;
use crate::ops::space::needed::SpaceNeeded;
use crate::value::{Condition, Key, MAX_VALUE_BYTES, Ttl, Value, ValueKind};
use shmkit_object::error::{Error, Result};

/// Values of this length or longer never fit into half a page.
const SHORT: usize = 32 << 10;

/// The precondition of a write.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WritePrecondition {
    /// A condition of the caller.
    Condition(Condition),
    /// The caller holds the lease, and the key was not written since.
    Lease(LeaseTicket),
}

impl WritePrecondition {
    /// No precondition.
    pub(crate) const NONE: WritePrecondition = WritePrecondition::Condition(Condition::Always);
}

/// The outcome of a write.
pub(crate) enum WriteOutcome {
    /// The precondition was not met.
    Refused,
    /// The caller must decode the value of the live entry first, which is in its buffer. Nothing has changed.
    Undecoded(Snapshot),
    /// The write is complete. Contains the previous live entry; its payload is in the caller's buffer, if there is one.
    Done(Option<Snapshot>),
}

impl Dict {
    /// Stores a value. Returns false, with nothing changed, if the condition is not met. O(1) plus the length of the value,
    /// unless space has to be made.
    ///
    /// # Errors
    /// [`Error::Full`] (the old value is kept), [`Error::TooLarge`], [`Error::LockTimeout`],
    /// [`Error::ReadOnly`], [`Error::Retired`], [`Error::Forked`].
    #[inline(always)]
    pub fn set(&self, key: Key<'_>, value: Value<'_>, ttl: Ttl, condition: Condition) -> Result<bool> {
        self.set_with_hash(key, self.hash(key), value, ttl, condition)
    }

    /// Like `set`, with a precomputed key hash.
    ///
    /// # Errors
    /// Those of `set`.
    #[inline(always)]
    pub fn set_with_hash(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        value: Value<'_>,
        ttl: Ttl,
        condition: Condition,
    ) -> Result<bool> {
        if !self.is_fixed() {
            return self.set_growing(key, hash, value, ttl, condition);
        }
        self.set_sized::<false>(key, hash, value, ttl, condition)
    }

    // Out of line: what has a fixed size pays for the branch alone.
    #[inline(never)]
    fn set_growing(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        value: Value<'_>,
        ttl: Ttl,
        condition: Condition,
    ) -> Result<bool> {
        self.set_sized::<true>(key, hash, value, ttl, condition)
    }

    #[inline(always)]
    fn set_sized<const GROWS: bool>(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        value: Value<'_>,
        ttl: Ttl,
        condition: Condition,
    ) -> Result<bool> {
        let mut held = None;
        if condition == Condition::Always && value.bytes.len() < SHORT {
            let guard = self.lock_sized::<GROWS>(hash)?;
            if self.try_overwrite::<GROWS>(&guard, key, hash, value, ttl) {
                self.count(Statistic::Sets, 1);
                return Ok(true);
            }
            held = Some(guard);
        }
        let written =
            self.write_holding(held, key, hash, value, ttl, WritePrecondition::Condition(condition), None)?;
        Ok(matches!(written, WriteOutcome::Done(_)))
    }

    pub(crate) fn write(
        &self,
        key: Key<'_>,
        value: Value<'_>,
        ttl: Ttl,
        precondition: WritePrecondition,
        previous: Option<&mut PreviousValue<'_>>,
    ) -> Result<WriteOutcome> {
        self.write_holding(None, key, self.hash(key), value, ttl, precondition, previous)
    }

    /// Like `write`, for callers that may already hold the lock of the key's shard.
    #[expect(clippy::too_many_arguments, reason = "a write, and the guard if its caller holds it")]
    // Cold, so that the fast path before it keeps its registers.
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
        mut previous: Option<&mut PreviousValue<'_>>,
    ) -> Result<WriteOutcome> {
        let size = value.bytes.len() as u64;
        if size > MAX_VALUE_BYTES {
            return Err(Error::TooLarge { what: "value", size, limit: MAX_VALUE_BYTES });
        }
        let (mut scratch, mut make_space) = (Vec::new(), MakeSpace::default());
        loop {
            // If the guard was passed in, the fast path has already missed.
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
            if let (Some(previous), Some((slot, entry))) = (previous.as_deref_mut(), live)
                && !previous.copy(&guard, slot, entry)?
            {
                return Ok(WriteOutcome::Undecoded(*entry));
            }
            if ttl == Ttl::Past {
                if let WritePrecondition::Lease(ticket) = precondition {
                    guard.free_lease(ticket);
                }
                let previous = live.map(|(_, entry)| *entry);
                self.remove_found(&guard, hash, &found);
                return Ok(WriteOutcome::Done(previous));
            }
            let deadline = self.deadline(ttl, live.map_or(0, |(_, entry)| entry.cells.deadline));
            let draft = EntryDraft::new(key, value, deadline, guard.epoch().tag());
            let Err(needed) = self.try_publish(&guard, hash, &found, &draft, precondition, &mut make_space)
            else {
                self.count(Statistic::Sets, 1);
                let previous = live.map(|(_, entry)| *entry);
                self.double_if_full(guard, &found);
                return Ok(WriteOutcome::Done(previous));
            };
            let protect = found.entry.map(|(slot, _)| slot.position);
            make_space.advance(self, guard, (key, hash), &needed, protect)?;
        }
    }

    /// Publishes a draft in the slot that was found. If there is no space, returns what is needed, with nothing
    /// changed.
    pub(crate) fn try_publish(
        &self,
        guard: &Guard<'_>,
        hash: KeyHash,
        found: &LookupResult,
        draft: &EntryDraft<'_>,
        precondition: WritePrecondition,
        make_space: &mut MakeSpace,
    ) -> std::result::Result<(), Box<SpaceNeeded>> {
        let geometry = &self.segment.geometry;
        let plan = draft.plan(&geometry.classes, geometry.page_bytes(), self.segment.checksums);
        let has_slot = found.entry.is_some() || found.vacancy.is_some();
        let is_picked = has_slot
            && plan.blocks() < u64::from(self.segment.known_pages())
            && plan.pick(guard, &mut make_space.picks).is_some();
        // Two publishes in place of one: only for what cannot take more memory.
        let is_straight = is_picked || make_space.grows_first(&self.segment);
        let detour = if is_straight { None } else { Detour::of(guard, found, draft, &plan) };
        let transit = detour.and_then(|detour| Some((detour, detour.pick(guard)?)));
        if !is_picked && transit.is_none() {
            return Err(Box::new(SpaceNeeded::of_entry(draft, plan, detour, found)));
        }
        if let WritePrecondition::Lease(ticket) = precondition {
            guard.free_lease(ticket);
        }
        guard.break_leases(hash);
        match &transit {
            None => publish_entry(guard, guard.epoch(), hash, found, draft, &plan, &make_space.picks),
            Some((detour, picks)) => publish_through_reserve(guard, hash, found, draft, detour, picks),
        }
        Ok(())
    }

    pub(crate) fn is_met(
        &self,
        guard: &Guard<'_>,
        precondition: WritePrecondition,
        live: Option<&Snapshot>,
    ) -> bool {
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

    /// Returns the deadline that a TTL gives. The caller handles [`Ttl::Past`].
    pub(crate) fn deadline(&self, ttl: Ttl, present: u64) -> u64 {
        match ttl {
            Ttl::Never | Ttl::Past => 0,
            Ttl::Keep => present,
            Ttl::After(nanos) => self.now().saturating_add(nanos.max(1)),
        }
    }
}

/// Copies an entry's payload. The caller must hold the shard's lock.
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
