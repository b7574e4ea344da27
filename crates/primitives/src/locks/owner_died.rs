//! Owner-died records: the death of a holder is reported to the next holder of the name, exactly once.
//!
//! The record of a holder that died is not freed but becomes an owner-died record. It is in no request's way,
//! and has a token of its own. The next grant of the name has a larger token and says so in its single store
//! ([`StateWord::with_owner_died`]); then the owner-died records of the name are freed. A process that recovers
//! from a death in between finds an owner-died record beside a grant with a larger token: that grant has
//! reported it, and the record is only freed.
//!
//! | death | consequence |
//! |---|---|
//! | before the record becomes an owner-died record | it is still a dead holder's, and becomes one at the next recovery |
//! | before the grant | the next grant reports it |
//! | after the grant, before the record is freed | the record is freed without a report: the grant's token is larger |
//! | the holder it was reported to dies as well | its own record becomes an owner-died record |

use super::record::{LockName, RequestRecord, RequestState, StateWord};
use super::{LockTable, file};

impl LockTable {
    /// Turns the record of a holder that is gone into an owner-died record.
    pub(super) fn mark_owner_died(&self, record: RequestRecord<'_>) {
        let owner = record.word().owner();
        record.set_token(self.issue(file::LAST_TOKEN));
        record.set(StateWord::OWNER_DIED);
        self.count_as_owner_died(owner);
    }

    /// Frees the owner-died records of a name that a grant has reported. Returns whether one is left that `granted`,
    /// the request about to be granted, must report.
    pub(super) fn free_reported(&self, name: &LockName, granted: RequestRecord<'_>) -> bool {
        let is_before = |record: &RequestRecord<'_>| record.word().state() != RequestState::Pending;
        let is_granted = |record: &&RequestRecord<'_>| {
            matches!(record.word().state(), RequestState::Held | RequestState::Stolen)
        };
        let others = self.queue(name).filter(|record| record.index != granted.index);
        let before: Vec<RequestRecord<'_>> = others.take_while(is_before).collect();
        let last_grant = before.iter().filter(is_granted).map(|record| record.token()).max();
        let mut is_left = false;
        for record in before.iter().copied().filter(is_owner_died) {
            if last_grant > Some(record.token()) {
                self.free(record);
            } else {
                is_left = true;
            }
        }
        is_left
    }

    /// Frees all owner-died records of a name. The caller has just stored a grant that reports them.
    pub(super) fn free_owner_died(&self, name: &LockName) {
        let records: Vec<RequestRecord<'_>> = self.queue(name).filter(is_owner_died).collect();
        records.into_iter().for_each(|record| self.free(record));
    }

    /// Frees an owner-died record of a full table, to make space for a request: the oldest one, and one of this
    /// name only if there is no other.
    pub(super) fn evict_owner_died(&self, name: &LockName) -> Option<RequestRecord<'_>> {
        let is_any = self.has_owner_died();
        let records = self.records().filter(|record| is_any && is_owner_died(record));
        let record = records.min_by_key(|record| (record.is_named(name), record.token()))?;
        self.free(record);
        Some(record)
    }
}

fn is_owner_died(record: &RequestRecord<'_>) -> bool {
    record.word() == StateWord::OWNER_DIED
}
