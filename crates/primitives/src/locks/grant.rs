//! Granting requests. All of this runs with the table's lock held, and all of it is idempotent.

use super::record::{LockName, Mode, RequestRecord, RequestState, StateWord};
use super::{LockRequest, LockTable, file};
use shmkit_object::membership::Participant;
use shmkit_os as os;
use std::collections::HashSet;

impl LockTable {
    /// Grants the requests of a name that can be granted, the oldest first.
    pub(super) fn grant(&self, name: &LockName) {
        let mut queue: Vec<RequestRecord<'_>> =
            self.records().filter(|record| record.is_named(name)).collect();
        queue.sort_by_key(|record| record.order());
        let mut has_owner_died = self.free_reported(&queue);
        let held = |mode: Mode| {
            let is_held = |word: StateWord| word.state() == RequestState::Held && word.mode() == mode;
            queue.iter().any(|record| is_held(record.word()))
        };
        let (mut exclusive, mut shared) = (held(Mode::Exclusive), held(Mode::Shared));
        for record in queue.iter().filter(|record| record.word().state() == RequestState::Pending) {
            let word = record.word();
            let is_possible = match word.mode() {
                Mode::Exclusive => !exclusive && !shared,
                Mode::Shared => !exclusive,
            };
            if !is_possible {
                break;
            }
            if self.membership.is_dead(word.owner()) {
                // It died while it waited, so it held nothing that a later holder has to learn of.
                record.set(StateWord::FREE);
                continue;
            }
            match word.mode() {
                Mode::Exclusive => exclusive = true,
                Mode::Shared => shared = true,
            }
            record.set_token(self.issue(file::LAST_TOKEN));
            let held = word.with(RequestState::Held);
            record.set(if has_owner_died { held.with_owner_died() } else { held });
            if std::mem::take(&mut has_owner_died) {
                self.free_owner_died(&queue);
            }
            self.notify(word.owner());
        }
    }

    /// Like `grant`, for all names in the table.
    pub(super) fn grant_all(&self) {
        let names: HashSet<LockName> = self.records().map(|record| record.name()).collect();
        names.iter().for_each(|name| self.grant(name));
    }

    /// Returns whether a request would be granted at once.
    pub(super) fn is_available(&self, request: &LockRequest) -> bool {
        self.records().filter(|record| record.is_named(&request.name)).all(|record| {
            let word = record.word();
            match word.state() {
                RequestState::Free | RequestState::Stolen => true,
                RequestState::Held => request.mode == Mode::Shared && word.mode() == Mode::Shared,
                RequestState::Pending => false,
            }
        })
    }

    /// Steals the lock from its current holders.
    pub(super) fn steal(&self, name: &LockName) {
        for record in self.records().filter(|record| record.is_named(name)) {
            let word = record.word();
            if word.state() == RequestState::Held {
                record.set(word.with(RequestState::Stolen));
                self.notify(word.owner());
            }
        }
    }

    /// Returns a position in the queue before all other requests of the name.
    pub(super) fn order_before(&self, name: &LockName) -> u64 {
        let first = self.records().filter(|record| record.is_named(name)).map(|record| record.order()).min();
        first.map_or_else(|| self.issue(file::LAST_ORDER), |first| first.saturating_sub(1))
    }

    /// Returns whether a dead participant has a request.
    pub(super) fn has_dead(&self) -> bool {
        let owners: HashSet<(u32, u32)> = self.requests().map(owner_of).collect();
        owners.into_iter().any(|(slot, generation)| self.membership.is_dead(Participant { slot, generation }))
    }

    /// Frees the requests of dead participants, and keeps what they held as owner-died records. Returns whether
    /// there were any.
    pub(super) fn reap_dead(&self) -> bool {
        let owners: HashSet<(u32, u32)> = self.requests().map(owner_of).collect();
        let dead: HashSet<(u32, u32)> = owners
            .into_iter()
            .filter(|&(slot, generation)| self.membership.is_dead(Participant { slot, generation }))
            .collect();
        for record in self.requests().filter(|record| dead.contains(&owner_of(*record))) {
            match record.word().state() {
                RequestState::Held => self.mark_owner_died(record),
                _ => record.set(StateWord::FREE),
            }
        }
        !dead.is_empty()
    }

    /// Wakes a participant, one of whose requests has changed.
    fn notify(&self, owner: Participant) {
        if owner.slot >= self.membership.participants() {
            return;
        }
        let region = &self.membership.region;
        let at = file::wake_word_at(owner.slot);
        region.store32(at, region.load32(at).wrapping_add(1));
        os::futex::wake(region.futex(at), u32::MAX);
    }
}

fn owner_of(record: RequestRecord<'_>) -> (u32, u32) {
    let owner = record.word().owner();
    (owner.slot, owner.generation)
}
