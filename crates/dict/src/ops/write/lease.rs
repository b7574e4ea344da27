//! Leases: the right to load a missing value, held by one handle of one process at a time.
//!
//! ```text
//! 0  hash of the key
//! 8  owner: slot 10 | generation 21 | 0 1 | handle 32
//! 16 token, from the shard's sequence
//! 24 state 8 | epoch 56         state: 0 free, 1 held, 2 broken
//! ```
//! Every write of a key breaks its lease, so that what was loaded before the write is not stored after
//! it. A lease ends with its owner's process, which the next one to ask finds out. A key is known by
//! its 64-bit keyed hash: of two that collide, one would wait for the other.

use super::set::{WriteOutcome, WritePrecondition};
use crate::guard::Guard;
use crate::layout::hash::KeyHash;
use crate::layout::shard::{LEASE_BYTES, LEASES, LEASES_HELD};
use crate::ops::Dict;
use crate::segment::Participant;
use crate::shard::Shard;
use crate::value::{Key, Ttl, Value};
use shmkit_object::error::Result;

const HASH: u64 = 0;
const OWNER: u64 = 8;
const TOKEN: u64 = 16;
const STATE: u64 = 24;

const FREE: u64 = 0;
const HELD: u64 = 1;
const BROKEN: u64 = 2;

/// The outcome of asking for the right to load a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// The caller loads; it must `lease_store` or `lease_release` with this ticket.
    Granted(LeaseTicket),
    /// Somebody alive is loading it (or the table is full): ask again a little later.
    Busy,
}

/// Proof of a granted lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseTicket {
    shard: u32,
    slot: u32,
    token: u64,
}

fn owner_word(who: Participant, handle: u32) -> u64 {
    u64::from(who.slot) | u64::from(who.generation) << 10 | u64::from(handle) << 32
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

    /// True if the count of leases is too low: a write would not look for one to break.
    pub(crate) fn hides_leases(&self) -> bool {
        u64::from(self.load32(LEASES_HELD)) < self.taken_leases().count() as u64
    }

    fn taken_leases(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.segment.geometry.leases).filter(|&slot| self.lease_state(slot) != FREE)
    }

    /// A write of a key takes the right to store from whoever loads it.
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

    /// True if the ticket's lease still stands, and its key was not touched or cleared since.
    pub(crate) fn holds_lease(&self, ticket: LeaseTicket, me: Participant) -> bool {
        let at = self.lease(ticket.slot);
        let epoch = self.segment.epoch().epoch();
        self.load(at + TOKEN) == ticket.token
            && participant_of(self.load(at + OWNER)) == me
            && self.load(at + STATE) == HELD | epoch << 8
    }

    /// Frees a lease that `ticket` still names.
    pub(crate) fn free_lease(&self, ticket: LeaseTicket) {
        let at = self.lease(ticket.slot);
        if self.load(at + TOKEN) == ticket.token {
            self.store(at + STATE, FREE);
            self.count_leases();
        }
    }

    /// The count is a hint on the safe side: too high after a death, which costs a look at the table.
    fn count_leases(&self) {
        self.store32(LEASES_HELD, self.taken_leases().count() as u32);
    }

    fn grant_lease(&self, hash: KeyHash, handle: u32) -> Lease {
        let dead = |slot: &u32| {
            let owner = participant_of(self.load(self.lease(*slot) + OWNER));
            self.segment.is_dead(owner)
        };
        let same = self.taken_leases().find(|&slot| self.load(self.lease(slot) + HASH) == hash.0);
        let slot = match same {
            Some(slot) if !dead(&slot) => return Lease::Busy,
            Some(slot) => Some(slot),
            None => (0..self.segment.geometry.leases)
                .find(|&slot| self.lease_state(slot) == FREE)
                .or_else(|| self.taken_leases().find(dead)),
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
}

impl Dict {
    /// Asks for the right to load `key` on behalf of `handle`, a number of the caller's choice. BucketScan
    /// again whether the value is there once it is granted: the last holder may just have stored it.
    ///
    /// # Errors
    /// Those of a write, but for those about room.
    pub fn lease_acquire(&self, key: Key<'_>, handle: u32) -> Result<Lease> {
        let hash = self.hash(key);
        Ok(self.lock_for(hash)?.grant_lease(hash, handle))
    }

    /// Stores the loaded value and gives the lease back; false, with nothing stored, if the key was
    /// written, deleted or cleared since.
    ///
    /// # Errors
    /// Those of `set`; the lease then stands.
    pub fn lease_store(&self, key: Key<'_>, ticket: LeaseTicket, value: Value<'_>, ttl: Ttl) -> Result<bool> {
        match self.write(key, value, ttl, WritePrecondition::Lease(ticket), None)? {
            WriteOutcome::Done(_) => Ok(true),
            WriteOutcome::Refused => {
                self.lease_release(ticket)?;
                Ok(false)
            }
        }
    }

    /// Gives the lease back with nothing stored.
    ///
    /// # Errors
    /// Those of a write, but for those about room.
    pub fn lease_release(&self, ticket: LeaseTicket) -> Result<()> {
        self.lock(ticket.shard)?.free_lease(ticket);
        Ok(())
    }

    /// Gives back every lease of `handle` in this process: its worker ended.
    ///
    /// # Errors
    /// Those of a write, but for those about room.
    pub fn lease_release_all(&self, handle: u32) -> Result<()> {
        let mine = owner_word(self.segment.me, handle);
        for id in 0..self.segment.geometry.shards {
            if Shard::new(&self.segment, id).load32(LEASES_HELD) == 0 {
                continue;
            }
            let guard: Guard<'_> = self.lock(id)?;
            let held: Vec<u32> = guard.taken_leases().collect();
            for slot in held.into_iter().filter(|&slot| guard.load(guard.lease(slot) + OWNER) == mine) {
                guard.store(guard.lease(slot) + STATE, FREE);
            }
            guard.count_leases();
        }
        Ok(())
    }
}
