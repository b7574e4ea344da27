//! The lease table of a shard. A lease is the right to load a missing value; one handle of one process holds it.
//!
//! ```text
//! 0  hash of the key
//! 8  owner: slot 10 | generation 21 | 0 1 | handle 32
//! 16 token, from the shard's sequence
//! 24 state 8 | epoch 56         state: 0 free, 1 held, 2 broken
//! ```
//! Every write of a key breaks its lease, so that a value loaded before the write is not stored after it. A lease
//! ends with its owner's process; the next caller that asks for it notices. A key is identified by its 64-bit keyed
//! hash: if two keys collided, one would wait for the other.

use crate::layout::hash::KeyHash;
use crate::layout::shard::{LEASE_BYTES, LEASES, LEASES_HELD};
use crate::segment::Participant;
use crate::shard::Shard;

const HASH: u64 = 0;
const OWNER: u64 = 8;
const TOKEN: u64 = 16;
const STATE: u64 = 24;

const FREE: u64 = 0;
const HELD: u64 = 1;
const BROKEN: u64 = 2;

/// The outcome of a request for a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// The caller loads, and must call `lease_store` or `lease_release` with this ticket.
    Granted(LeaseTicket),
    /// A live process is loading the key, or the table is full: ask again a little later.
    Busy,
}

/// Proof of a granted lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseTicket {
    pub(crate) shard: u32,
    slot: u32,
    token: u64,
}

fn owner_word(participant: Participant, handle: u32) -> u64 {
    u64::from(participant.slot) | u64::from(participant.generation) << 10 | u64::from(handle) << 32
}

fn participant_of(owner: u64) -> Participant {
    Participant { slot: owner as u32 & 0x3FF, generation: (owner >> 10) as u32 & 0x1F_FFFF }
}

impl Shard<'_> {
    fn lease(&self, slot: u32) -> u64 {
        LEASES + u64::from(slot) * LEASE_BYTES
    }

    fn lease_state(&self, slot: u32) -> u64 {
        self.load(self.lease(slot) + STATE) & 0xFF
    }

    /// Returns whether the count of leases is too low: writes would then not search for a lease to break.
    pub(crate) fn undercounts_leases(&self) -> bool {
        u64::from(self.load32(LEASES_HELD)) < self.taken_leases().count() as u64
    }

    fn taken_leases(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.segment.geometry.leases).filter(|&slot| self.lease_state(slot) != FREE)
    }

    /// Breaks the lease of a key that is written: its loader may not store any more.
    #[inline(always)]
    pub(crate) fn break_leases(&self, hash: KeyHash) {
        if self.load32(LEASES_HELD) != 0 {
            self.break_taken(hash);
        }
    }

    #[cold]
    fn break_taken(&self, hash: KeyHash) {
        for slot in self.taken_leases() {
            let at = self.lease(slot);
            if self.load(at + HASH) == hash.0 {
                self.store(at + STATE, self.load(at + STATE) & !0xFF | BROKEN);
            }
        }
    }

    /// Returns whether the ticket's lease is still held by `me` and its key has not been written or cleared since.
    pub(crate) fn holds_lease(&self, ticket: LeaseTicket, me: Participant) -> bool {
        let at = self.lease(ticket.slot);
        let epoch = self.segment.epoch().epoch();
        self.load(at + TOKEN) == ticket.token
            && participant_of(self.load(at + OWNER)) == me
            && self.load(at + STATE) == HELD | epoch << 8
    }

    /// Frees the ticket's lease, if it is still that lease.
    pub(crate) fn free_lease(&self, ticket: LeaseTicket) {
        let at = self.lease(ticket.slot);
        if self.load(at + TOKEN) == ticket.token {
            self.store(at + STATE, FREE);
            self.count_leases();
        }
    }

    /// Recounts the leases. After a death the count may be too high, which only costs searches of the table.
    fn count_leases(&self) {
        self.store32(LEASES_HELD, self.taken_leases().count() as u32);
    }

    /// Grants the lease of a key, unless a live process holds it.
    pub(crate) fn grant_lease(&self, hash: KeyHash, handle: u32) -> Lease {
        let is_dead = |slot: &u32| {
            let owner = participant_of(self.load(self.lease(*slot) + OWNER));
            self.segment.is_dead(owner)
        };
        let same = self.taken_leases().find(|&slot| self.load(self.lease(slot) + HASH) == hash.0);
        let slot = match same {
            Some(slot) if !is_dead(&slot) => return Lease::Busy,
            Some(slot) => Some(slot),
            None => (0..self.segment.geometry.leases)
                .find(|&slot| self.lease_state(slot) == FREE)
                .or_else(|| self.taken_leases().find(is_dead)),
        };
        let Some(slot) = slot else { return Lease::Busy };
        let at = self.lease(slot);
        let token = self.draw_sequence();
        self.store32(LEASES_HELD, self.load32(LEASES_HELD).saturating_add(1));
        self.store(at + HASH, hash.0);
        self.store(at + OWNER, owner_word(self.segment.me, handle));
        self.store(at + TOKEN, token);
        self.store(at + STATE, HELD | self.segment.epoch().epoch() << 8);
        self.count_leases();
        Lease::Granted(LeaseTicket { shard: self.id, slot, token })
    }

    /// Frees every lease of `handle` in this process.
    pub(crate) fn free_leases_of(&self, handle: u32) {
        let owner = owner_word(self.segment.me, handle);
        let held: Vec<u32> = self.taken_leases().collect();
        for slot in held.into_iter().filter(|&slot| self.load(self.lease(slot) + OWNER) == owner) {
            self.store(self.lease(slot) + STATE, FREE);
        }
        self.count_leases();
    }
}
