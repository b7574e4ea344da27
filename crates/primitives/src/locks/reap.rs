//! Recovering from the death of participants.

use super::record::{RequestRecord, RequestState};
use super::{LOCK_TIMEOUT, LockTable};
use shmkit_object::error::Result;
use shmkit_object::lock::{Guard, is_abandoned};
use shmkit_object::membership::Participant;
use std::collections::HashSet;
use std::time::Duration;

/// How long a waiter that recovers from a death waits for the table's lock.
const RECOVERY_TIMEOUT: Duration = Duration::from_millis(1);

impl LockTable {
    /// Returns whether a dead participant has a request. O(participants that have requests), and a system call for
    /// each other one.
    pub(super) fn has_dead(&self) -> bool {
        self.owners().any(|owner| self.membership.is_dead(owner))
    }

    /// Frees the requests of dead participants, keeps what they held as owner-died records, and grants what waited
    /// for them. O(requests).
    pub(super) fn reap_dead(&self) {
        let owners: HashSet<(u32, u32)> = self.requests().map(owner_of).collect();
        let dead: HashSet<(u32, u32)> = owners
            .into_iter()
            .filter(|&(slot, generation)| self.membership.is_dead(Participant { slot, generation }))
            .collect();
        if dead.is_empty() {
            return;
        }
        for record in self.requests().filter(|record| dead.contains(&owner_of(*record))) {
            match record.word().state() {
                RequestState::Held => self.mark_owner_died(record),
                _ => self.free(record),
            }
        }
        self.grant_all();
    }

    /// Detects dead participants, an interrupted update or an orphaned request, and recovers from their deaths.
    /// Called by waiters.
    pub(super) fn recover_dead(&self) {
        if (is_abandoned(self) || self.has_dead())
            && let Ok(_change) = self.change_even_if_retired(RECOVERY_TIMEOUT)
        {
            self.reap_dead();
        }
    }

    /// Recovers what the previous owner of our slot left.
    pub(super) fn recover_slot(&self) {
        // What the guard cannot finish now is finished by the next owner of the lock.
        let _: Result<_> = Guard::recover_previous_owner(self);
        if self.has_previous_owners()
            && let Ok(_change) = self.change_even_if_retired(LOCK_TIMEOUT)
        {
            self.reap_dead();
        }
    }

    /// Returns whether the previous owner of our slot still has requests. O(1).
    pub(super) fn has_previous_owners(&self) -> bool {
        let me = self.membership.me;
        self.owner_in(me.slot).is_some_and(|owner| owner != me)
    }
}

fn owner_of(record: RequestRecord<'_>) -> (u32, u32) {
    let owner = record.word().owner();
    (owner.slot, owner.generation)
}
