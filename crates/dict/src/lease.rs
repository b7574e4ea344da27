//! The lease table of a shard. A lease is the right to load a missing value; one handle of one process holds it.
//!
//! ```text
//! 0  hash of the key
//! 8  owner: slot 10 | generation 21 | 0 1 | handle 32
//! 16 token, from the shard's sequence
//! 24 state 3 | waited 1 | epoch 32 | second of the boot clock at which it is late 28
//!                                                                        state: 0 free, 1 held, 2 broken
//! ```
//! Every write of a key breaks its leases, so that a value loaded before the write is not stored after it. A lease
//! ends with its owner's process; the next caller that asks for it notices. A lease whose loader takes too long is
//! late: another caller may load as well, and the first of them to end stores. A key is identified by its 64-bit keyed
//! hash: if two keys collided, one would wait for the other.
//!
//! A caller that finds the lease held sets `waited` and sleeps on the lower half of the state word. A store that frees or
//! breaks the lease clears it and wakes the sleepers.
//!
//! Pins of readers take slots of the same table: see [`crate::pins`].
//!
//! A full table makes no caller wait. It takes the lease of a dead process, else a broken one, else a late one, else the
//! oldest one: the former holder's load is not stored, so the key may be loaded once more.

use crate::layout::hash::KeyHash;
use crate::layout::shard::{LEASE_BYTES, LEASES, LEASES_HELD};
use crate::segment::Participant;
use crate::shard::Shard;
use shmkit_os as os;

const HASH: u64 = 0;
pub(crate) const OWNER: u64 = 8;
pub(crate) const TOKEN: u64 = 16;
pub(crate) const STATE: u64 = 24;

pub(crate) const FREE: u64 = 0;
const HELD: u64 = 1;
const BROKEN: u64 = 2;
/// A lease that another key takes over.
const REVOKED: u64 = FREE;
pub(crate) const STATES: u64 = 7;
/// Set while callers may sleep until the lease is freed or broken.
const WAITED: u64 = 8;
const NANOS: u64 = 1_000_000_000;
const EPOCH_SHIFT: u32 = 4;
const LATE_SHIFT: u32 = 36;

/// After this many seconds a lease no longer keeps other callers from loading its key.
pub(crate) const LEASE_SECONDS: u64 = 60;

/// The outcome of a request for a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// The caller loads, and must call `lease_store` or `lease_release` with this ticket.
    Granted(LeaseTicket),
    /// A live process is loading the key: see `lease_wait`.
    Busy,
}

/// Proof of a granted lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseTicket {
    pub(crate) shard: u32,
    slot: u32,
    token: u64,
}

/// A lease of another holder that a caller waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AwaitedLease {
    pub(crate) shard: u32,
    slot: u32,
    token: u64,
}

pub(crate) fn owner_word(participant: Participant, handle: u32) -> u64 {
    u64::from(participant.slot) | u64::from(participant.generation) << 10 | u64::from(handle) << 32
}

fn participant_of(owner: u64) -> Participant {
    Participant { slot: owner as u32 & 0x3FF, generation: (owner >> 10) as u32 & 0x1F_FFFF }
}

impl Shard<'_> {
    pub(crate) fn lease(&self, slot: u32) -> u64 {
        LEASES + u64::from(slot) * LEASE_BYTES
    }

    pub(crate) fn lease_state(&self, slot: u32) -> u64 {
        self.load(self.lease(slot) + STATE) & STATES
    }

    /// Returns whether the count of leases is too low: writes would then not search for a lease to break.
    pub(crate) fn undercounts_leases(&self) -> bool {
        u64::from(self.load32(LEASES_HELD)) < self.taken_slots().count() as u64
    }

    /// Returns the slots with leases or pins.
    fn taken_slots(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.segment.geometry.leases).filter(|&slot| self.lease_state(slot) != FREE)
    }

    fn taken_leases(&self) -> impl Iterator<Item = u32> + '_ {
        self.taken_slots().filter(|&slot| !self.is_pin(slot))
    }

    /// Breaks the lease of a key that is written: its loader may not store any more.
    #[inline(always)]
    pub(crate) fn break_leases(&self, hash: KeyHash) {
        if self.has_leases() {
            self.break_taken(hash);
        }
    }

    #[cold]
    fn break_taken(&self, hash: KeyHash) {
        self.taken_leases().filter(|&slot| self.is_of(slot, hash)).for_each(|slot| self.break_lease(slot));
    }

    /// Returns whether any lease or pin is taken.
    #[inline(always)]
    pub(crate) fn has_leases(&self) -> bool {
        self.load32(LEASES_HELD) != 0
    }

    /// Breaks the leases of all keys.
    pub(crate) fn break_all_leases(&self) {
        self.taken_leases().for_each(|slot| self.break_lease(slot));
    }

    fn break_lease(&self, slot: u32) {
        let state = self.load(self.lease(slot) + STATE);
        self.change_lease(slot, state & !(STATES | WAITED) | BROKEN);
    }

    /// Stores the state of a lease that is freed or broken, and wakes the callers that wait for it.
    #[cfg_attr(test, track_caller)]
    fn change_lease(&self, slot: u32, state: u64) {
        let at = self.lease(slot) + STATE;
        let is_waited = self.load(at) & WAITED != 0;
        self.store(at, state);
        if is_waited {
            os::futex::wake(self.segment.region.futex(self.at + at), u32::MAX);
        }
    }

    /// Returns what a caller can sleep on until the lease of a key that keeps it from loading is freed or broken; `None` if
    /// there is no such lease.
    pub(crate) fn wait_for_lease(&self, hash: KeyHash, now: u64) -> Option<AwaitedLease> {
        let mut same = self.taken_leases().filter(|&slot| self.is_of(slot, hash));
        let slot = same.find(|&slot| !self.is_late(slot, now) && !self.is_orphan(slot))?;
        let at = self.lease(slot);
        self.store(at + STATE, self.load(at + STATE) | WAITED);
        Some(AwaitedLease { shard: self.id, slot, token: self.load(at + TOKEN) })
    }

    /// Returns the lower half of the state word while the lease is still awaited; `None` if the caller should ask again.
    pub(crate) fn awaited_state(&self, lease: AwaitedLease, check_owner: bool) -> Option<u32> {
        let at = self.lease(lease.slot);
        let state = self.load(at + STATE);
        let is_awaited = state & WAITED != 0
            && self.load(at + TOKEN) == lease.token
            && !self.is_late(lease.slot, self.segment.clock.now())
            && !(check_owner && self.is_orphan(lease.slot));
        is_awaited.then_some(state as u32)
    }

    /// Returns the offset of the word that callers sleep on that wait for the lease.
    pub(crate) fn awaited_at(&self, lease: AwaitedLease) -> u64 {
        self.at + self.lease(lease.slot) + STATE
    }

    /// Returns whether the lease is late at `now`, in nanoseconds.
    fn is_late(&self, slot: u32, now: u64) -> bool {
        now / NANOS > self.load(self.lease(slot) + STATE) >> LATE_SHIFT
    }

    /// Returns whether the ticket's lease is still held by `me` and its key has not been written or cleared since.
    pub(crate) fn holds_lease(&self, ticket: LeaseTicket, me: Participant) -> bool {
        let at = self.lease(ticket.slot);
        let state = self.load(at + STATE) & ((1 << LATE_SHIFT) - 1) & !WAITED;
        self.load(at + TOKEN) == ticket.token
            && participant_of(self.load(at + OWNER)) == me
            && state == self.held_state()
    }

    /// Frees the ticket's lease, if it is still that lease.
    pub(crate) fn free_lease(&self, ticket: LeaseTicket) {
        let at = self.lease(ticket.slot);
        if self.load(at + TOKEN) == ticket.token {
            self.change_lease(ticket.slot, FREE);
            self.count_leases();
        }
    }

    /// Recounts the leases. After a death the count may be too high, which only costs searches of the table.
    pub(crate) fn count_leases(&self) {
        self.store32(LEASES_HELD, self.taken_slots().count() as u32);
    }

    /// Raises the count before a lease or pin is taken: too high a count is harmless.
    pub(crate) fn count_one_more_lease(&self) {
        self.store32(LEASES_HELD, self.load32(LEASES_HELD).saturating_add(1));
    }

    /// Returns the state of a lease that is held in the present epoch, without the time.
    fn held_state(&self) -> u64 {
        HELD | (self.segment.epoch().epoch() & 0xFFFF_FFFF) << EPOCH_SHIFT
    }

    /// Returns whether the lease is one of this key.
    fn is_of(&self, slot: u32, hash: KeyHash) -> bool {
        self.load(self.lease(slot) + HASH) == hash.0
    }

    /// Returns whether the owner of a lease or pin is dead.
    pub(crate) fn is_orphan(&self, slot: u32) -> bool {
        self.segment.is_dead(participant_of(self.load(self.lease(slot) + OWNER)))
    }

    /// Returns the slot for a new lease of a key: that of a dead loader of the same key, else a free one, else the one whose
    /// lease is needed least.
    fn slot_for_lease(&self, hash: KeyHash, now: u64) -> u32 {
        let left = self.taken_leases().find(|&slot| self.is_of(slot, hash) && self.is_orphan(slot));
        let rank = |slot: u32| match self.lease_state(slot) {
            FREE => 0,
            _ if self.is_orphan(slot) => 1,
            BROKEN => 2,
            _ if self.is_pin(slot) => 4,
            _ if self.is_late(slot, now) => 3,
            _ => 5,
        };
        let slots = 0..self.segment.geometry.leases;
        let free = slots.clone().find(|&slot| self.lease_state(slot) == FREE);
        let least = || slots.min_by_key(|&slot| (rank(slot), self.load(self.lease(slot) + TOKEN)));
        left.or(free).or_else(least).unwrap_or(0)
    }

    /// Grants a lease of a key at `now`, unless a live process holds one that is not late.
    pub(crate) fn grant_lease(&self, hash: KeyHash, handle: u32, now: u64) -> Lease {
        let mut same = self.taken_leases().filter(|&slot| self.is_of(slot, hash));
        if same.any(|slot| !self.is_late(slot, now) && !self.is_orphan(slot)) {
            return Lease::Busy;
        }
        let slot = self.slot_for_lease(hash, now);
        let at = self.lease(slot);
        let token = self.draw_sequence();
        if self.is_pin(slot) {
            self.end_pin(slot);
        } else if self.lease_state(slot) != FREE {
            // A death from here on must not leave the former holder a lease of another key.
            self.change_lease(slot, REVOKED);
        }
        let late_at = (now / NANOS + LEASE_SECONDS).min((1 << (64 - LATE_SHIFT)) - 1);
        self.count_one_more_lease();
        self.store(at + HASH, hash.0);
        self.store(at + OWNER, owner_word(self.segment.me, handle));
        self.store(at + TOKEN, token);
        self.store(at + STATE, self.held_state() | late_at << LATE_SHIFT);
        self.count_leases();
        Lease::Granted(LeaseTicket { shard: self.id, slot, token })
    }

    /// Frees every lease of `handle` in this process.
    pub(crate) fn free_leases_of(&self, handle: u32) {
        let owner = owner_word(self.segment.me, handle);
        let held: Vec<u32> = self.taken_leases().collect();
        for slot in held.into_iter().filter(|&slot| self.load(self.lease(slot) + OWNER) == owner) {
            self.change_lease(slot, FREE);
        }
        self.count_leases();
    }
}
