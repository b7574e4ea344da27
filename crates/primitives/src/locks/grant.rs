//! Who gets what. All of this runs with the table's lock held, and all of it can be done again.

use super::record::{Entry, LockName, Mode, Standing, StateWord};
use super::{LockTable, Wish, file};
use shmkit_object::membership::Participant;
use shmkit_os as os;
use std::collections::HashSet;

impl LockTable {
    /// Grants what can be granted of a name, the oldest first.
    pub(super) fn grant(&self, name: &LockName) {
        let mut queue: Vec<Entry<'_>> = self.entries().filter(|entry| entry.is_named(name)).collect();
        queue.sort_by_key(|entry| entry.order());
        let mut is_to_be_told = self.settle_told(&queue);
        let held = |mode: Mode| {
            let is_held = |state: StateWord| state.standing() == Standing::Held && state.mode() == mode;
            queue.iter().any(|entry| is_held(entry.state()))
        };
        let (mut exclusive, mut shared) = (held(Mode::Exclusive), held(Mode::Shared));
        for entry in queue.iter().filter(|entry| entry.state().standing() == Standing::Pending) {
            let state = entry.state();
            let is_possible = match state.mode() {
                Mode::Exclusive => !exclusive && !shared,
                Mode::Shared => !exclusive,
            };
            if !is_possible {
                break;
            }
            if self.membership.is_dead(state.owner()) {
                // It died while it waited: it is no holder that somebody is to be told of.
                entry.set(StateWord::FREE);
                continue;
            }
            match state.mode() {
                Mode::Exclusive => exclusive = true,
                Mode::Shared => shared = true,
            }
            entry.set_token(self.draw(file::TOKEN));
            let held = state.with(Standing::Held);
            entry.set(if is_to_be_told { held.told() } else { held });
            if std::mem::take(&mut is_to_be_told) {
                self.settle_all(&queue);
            }
            self.ring(state.owner());
        }
    }

    /// As `grant`, for all names there are.
    pub(super) fn grant_all(&self) {
        let names: HashSet<LockName> = self.entries().map(|entry| entry.name()).collect();
        names.iter().for_each(|name| self.grant(name));
    }

    /// True if the wish were granted at once.
    pub(super) fn would_get(&self, wish: &Wish) -> bool {
        self.entries().filter(|entry| entry.is_named(&wish.name)).all(|entry| {
            let state = entry.state();
            match state.standing() {
                Standing::Free | Standing::Stolen => true,
                Standing::Held => wish.mode == Mode::Shared && state.mode() == Mode::Shared,
                Standing::Pending => false,
            }
        })
    }

    /// Takes a lock from all who hold it.
    pub(super) fn rob(&self, name: &LockName) {
        for entry in self.entries().filter(|entry| entry.is_named(name)) {
            let state = entry.state();
            if state.standing() == Standing::Held {
                entry.set(state.with(Standing::Stolen));
                self.ring(state.owner());
            }
        }
    }

    /// A place in the queue before all others of the name.
    pub(super) fn order_before_all(&self, name: &LockName) -> u64 {
        let first = self.entries().filter(|entry| entry.is_named(name)).map(|entry| entry.order()).min();
        first.map_or_else(|| self.draw(file::ORDER), |first| first.saturating_sub(1))
    }

    /// True if a dead participant has a request.
    pub(super) fn has_dead(&self) -> bool {
        let owners: HashSet<(u32, u32)> = self.requests().map(owner_of).collect();
        owners.into_iter().any(|(slot, generation)| self.membership.is_dead(Participant { slot, generation }))
    }

    /// Frees the requests of the dead, and keeps what they held as estates; whether there were any.
    pub(super) fn free_dead(&self) -> bool {
        let owners: HashSet<(u32, u32)> = self.requests().map(owner_of).collect();
        let dead: HashSet<(u32, u32)> = owners
            .into_iter()
            .filter(|&(slot, generation)| self.membership.is_dead(Participant { slot, generation }))
            .collect();
        for entry in self.requests().filter(|entry| dead.contains(&owner_of(*entry))) {
            match entry.state().standing() {
                Standing::Held => self.bequeath(entry),
                _ => entry.set(StateWord::FREE),
            }
        }
        !dead.is_empty()
    }

    /// Wakes a participant: one of its requests has changed.
    fn ring(&self, who: Participant) {
        if who.slot >= self.membership.participants() {
            return;
        }
        let region = &self.membership.region;
        let bell = file::bell(who.slot);
        region.store32(bell, region.load32(bell).wrapping_add(1));
        os::futex::wake(region.futex(bell), u32::MAX);
    }
}

fn owner_of(entry: Entry<'_>) -> (u32, u32) {
    let owner = entry.state().owner();
    (owner.slot, owner.generation)
}
