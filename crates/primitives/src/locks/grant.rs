//! Granting requests. All of this runs with the table's lock held.
//!
//! In the queue of a name, pending requests come after all others, and none can be granted: that is so
//! between any two changes. So a change has to look only at the requests beside the one that it changes.

use super::record::{LockName, Mode, RequestRecord, RequestState};
use super::{LockRequest, LockTable, file};
use shmkit_os as os;
use std::collections::HashSet;

/// How a name is held.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hold {
    Free,
    Shared,
    Exclusive,
}

impl Hold {
    fn by(record: Option<RequestRecord<'_>>) -> Hold {
        match record.map(|record| record.word().mode()) {
            None => Hold::Free,
            Some(Mode::Shared) => Hold::Shared,
            Some(Mode::Exclusive) => Hold::Exclusive,
        }
    }

    fn admits(self, mode: Mode) -> bool {
        self == Hold::Free || self == Hold::Shared && mode == Mode::Shared
    }
}

fn is_held(record: &RequestRecord<'_>) -> bool {
    record.word().state() == RequestState::Held
}

fn is_pending(record: &RequestRecord<'_>) -> bool {
    record.word().state() == RequestState::Pending
}

fn is_active(record: &RequestRecord<'_>) -> bool {
    is_held(record) || is_pending(record)
}

impl LockTable {
    /// Grants the requests of a name that can be granted. O(holders of the name).
    pub(super) fn grant(&self, name: &LockName) {
        let mut last_held = None;
        for record in self.queue(name).filter(is_active) {
            if is_pending(&record) {
                return self.grant_from(record, name, Hold::by(last_held));
            }
            last_held = Some(record);
        }
    }

    /// Like `grant`, for all names in the table.
    pub(super) fn grant_all(&self) {
        let names: HashSet<LockName> = self.records().map(|record| record.name()).collect();
        names.iter().for_each(|name| self.grant(name));
    }

    /// Returns whether a new request would be granted at once.
    pub(super) fn is_available(&self, request: &LockRequest) -> bool {
        match self.queue_reversed(&request.name).find(is_active) {
            Some(last) => is_held(&last) && Hold::by(Some(last)).admits(request.mode),
            None => true,
        }
    }

    /// Grants the request that was just added at the end of its queue, if it is available.
    pub(super) fn grant_last<'t>(&'t self, record: RequestRecord<'t>, name: &LockName) {
        let before = self.queue_reversed(name).filter(|other| other.index != record.index).find(is_active);
        if before.is_none_or(|before| is_held(&before)) {
            self.grant_from(record, name, Hold::by(before));
        }
    }

    /// Frees a request, and grants those that waited for it. O(requests granted).
    pub(super) fn end_and_grant<'t>(&'t self, record: RequestRecord<'t>, name: &'t LockName) {
        let was_pending = is_pending(&record);
        let of_name = |other: &RequestRecord<'_>| other.index != record.index && other.is_named(name);
        let before = self.walk(Some(record), RequestRecord::previous).filter(of_name).find(is_active);
        let after = self.walk(Some(record), RequestRecord::next).filter(of_name).find(is_active);
        self.free(record);
        match (before, after) {
            // What is held beside a request that was held is shared, as that was: the pending requests wait for it.
            (Some(before), Some(after)) if was_pending && is_held(&before) => {
                self.grant_from(after, name, Hold::by(Some(before)));
            }
            (None, Some(after)) if is_pending(&after) => self.grant_from(after, name, Hold::Free),
            _ => {}
        }
    }

    /// Grants pending requests of a name, from one on, as far as they can be held together with what is held before
    /// them.
    fn grant_from<'t>(&'t self, first: RequestRecord<'t>, name: &LockName, mut hold: Hold) {
        let mut current = Some(first);
        while let Some(record) = current {
            let word = record.word();
            if word.state() == RequestState::Pending {
                if !hold.admits(word.mode()) {
                    return;
                }
                if self.membership.is_dead(word.owner()) {
                    // It died while it waited, so it held nothing that a later holder has to learn of.
                    current = self.following(record, name);
                    self.free(record);
                    continue;
                }
                self.grant_one(record, name);
            }
            if is_held(&record) {
                hold = Hold::by(Some(record));
            }
            current = self.following(record, name);
        }
    }

    fn following<'t>(&'t self, record: RequestRecord<'t>, name: &LockName) -> Option<RequestRecord<'t>> {
        self.walk(record.next(), RequestRecord::next).find(|other| other.is_named(name))
    }

    fn grant_one(&self, record: RequestRecord<'_>, name: &LockName) {
        record.set_since(os::clock::boot_ns_coarse());
        record.set_token(self.issue(file::LAST_TOKEN));
        let held = record.word().with(RequestState::Held);
        if self.has_owner_died() && self.free_reported(name, record) {
            record.set(held.with_owner_died());
            self.free_owner_died(name);
        } else {
            record.set(held);
        }
        self.notify(record);
    }

    /// Steals the lock from its current holders.
    pub(super) fn steal(&self, name: &LockName) {
        for record in self.queue(name).filter(is_held) {
            record.set(record.word().with(RequestState::Stolen));
            self.notify(record);
        }
    }

    /// Returns a position in the queue before all other requests of the name.
    pub(super) fn order_before(&self, name: &LockName) -> u64 {
        let first = self.queue(name).next().map(RequestRecord::order);
        first.map_or_else(|| self.issue(file::LAST_ORDER), |first| first.saturating_sub(1))
    }

    /// Wakes all participants: the dead owner of the table's lock may have granted a request, and not said so.
    pub(super) fn notify_all(&self) {
        let region = &self.membership.region;
        for owner in self.owners() {
            let at = file::wake_word_at(owner.slot);
            // More changes than the wake line tells, so that all its waits are polled.
            region.store32(at, region.load32(at).wrapping_add(file::CHANGES + 1));
            os::futex::wake(region.futex(at), u32::MAX);
        }
    }

    /// Wakes the owner of a record that has changed.
    fn notify(&self, record: RequestRecord<'_>) {
        let slot = record.word().owner().slot;
        if slot >= self.membership.participants() {
            return;
        }
        let region = &self.membership.region;
        let at = file::wake_word_at(slot);
        let change = region.load32(at).wrapping_add(1);
        region.store32(file::change_at(slot, change), record.index);
        // Release: pairs with the Acquire in `changes`, so that a waiter that sees the number finds the record.
        region.store32(at, change);
        os::futex::wake(region.futex(at), u32::MAX);
    }
}
