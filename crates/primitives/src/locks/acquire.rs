//! Waiting for a request to be granted, and for a held lock to be stolen.

use super::{Grant, LockTable, RequestId, RequestState, file};
use shmkit_object::error::Error;
use shmkit_object::region::Region;
use shmkit_object::waiter::{Polled, WaitCondition};
use std::sync::Arc;

/// Returns the value of our wake word. Read before the state, so that every later change of the state changes
/// it again.
fn wake_word(table: &LockTable) -> u32 {
    table.membership.region.load32(file::wake_word_at(table.membership.me.slot))
}

fn wait_word(table: &LockTable) -> (&Region, u64) {
    (&table.membership.region, file::wake_word_at(table.membership.me.slot))
}

fn topic(request: RequestId) -> u64 {
    u64::from(request.index)
}

/// Returns the value of our wake word, and the records that have changed since it was `seen`, if our wake line still
/// tells.
fn changes(table: &LockTable, seen: u32) -> Option<(u32, Vec<u64>)> {
    let (region, slot) = (&table.membership.region, table.membership.me.slot);
    let wake_word = || region.load32(file::wake_word_at(slot));
    // Acquire: pairs with the Release in `notify`, so that the records of all changes up to this one are stored.
    let now = wake_word();
    let count = now.wrapping_sub(seen);
    if count > file::CHANGES {
        return None;
    }
    let change = |back| u64::from(region.load32(file::change_at(slot, now.wrapping_sub(back))));
    let records = (0..count).map(change).collect();
    // The next change stores its record before its number, over that of the oldest one.
    (wake_word().wrapping_sub(seen) < file::CHANGES).then_some((now, records))
}

/// A request that waits to be granted, or was granted and is not yet delivered. Dropping it ends the request.
#[derive(Debug)]
pub struct PendingLock {
    table: Arc<LockTable>,
    request: Option<RequestId>,
    grant: Grant,
}

impl PendingLock {
    /// Waits for `request` to be granted.
    pub fn new(table: Arc<LockTable>, request: RequestId) -> Self {
        PendingLock { table, request: Some(request), grant: Grant::default() }
    }

    /// Passes what was granted on to the caller, which releases it.
    pub fn into_grant(mut self) -> Option<(RequestId, Grant)> {
        self.request.take().map(|request| (request, self.grant))
    }
}

impl WaitCondition for PendingLock {
    fn wait_word(&self) -> (&Region, u64) {
        wait_word(&self.table)
    }

    fn poll(&mut self, check_owners: bool) -> Polled {
        if let Err(error) = self.table.membership.live_epoch() {
            return Polled::Failed(error);
        }
        let Some(request) = self.request else { return Polled::Failed(Error::Closed) };
        if check_owners {
            self.table.recover_dead();
        }
        let seen = wake_word(&self.table);
        match self.table.state_of(request) {
            // If it was stolen before it was delivered, its `StolenWatch` says so at the first poll.
            (RequestState::Held | RequestState::Stolen, grant) => {
                self.grant = grant;
                Polled::Done
            }
            (RequestState::Pending, _) => Polled::Unavailable { seen, wake_next: true },
            (RequestState::Free, _) => {
                Polled::Failed(Error::Corrupt("a request has vanished from the lock table".into()))
            }
        }
    }

    fn topic(&self) -> Option<u64> {
        self.request.map(topic)
    }

    fn changed_topics(&self, seen: u32) -> Option<(u32, Vec<u64>)> {
        changes(&self.table, seen)
    }
}

impl Drop for PendingLock {
    fn drop(&mut self) {
        if let Some(request) = self.request {
            // Fails only while a stopped process changes the table; the request then ends with this process.
            let _: Result<RequestState, Error> = self.table.release_undelivered(request);
        }
    }
}

/// Waits for a held lock to be stolen.
#[derive(Debug)]
pub struct StolenWatch {
    table: Arc<LockTable>,
    request: RequestId,
}

impl StolenWatch {
    /// Waits for the lock of `request` to be stolen.
    pub fn new(table: Arc<LockTable>, request: RequestId) -> Self {
        StolenWatch { table, request }
    }
}

impl WaitCondition for StolenWatch {
    fn wait_word(&self) -> (&Region, u64) {
        wait_word(&self.table)
    }

    fn poll(&mut self, check_owners: bool) -> Polled {
        if check_owners {
            self.table.recover_dead();
        }
        let seen = wake_word(&self.table);
        match self.table.state_of(self.request) {
            (RequestState::Held | RequestState::Pending, _) => Polled::Unavailable { seen, wake_next: true },
            (RequestState::Stolen | RequestState::Free, _) => Polled::Done,
        }
    }

    fn topic(&self) -> Option<u64> {
        Some(topic(self.request))
    }

    fn changed_topics(&self, seen: u32) -> Option<(u32, Vec<u64>)> {
        changes(&self.table, seen)
    }
}
