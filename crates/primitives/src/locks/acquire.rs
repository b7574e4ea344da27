//! Waiting for a lock to be granted, and for one that is held to be stolen.

use super::{Grant, LockTable, Request, Standing, file};
use shmkit_object::error::Error;
use shmkit_object::region::Region;
use shmkit_object::waiter::{Polled, WaitCondition};
use std::sync::Arc;

/// Our bell, read before the state: what changes later rings again.
fn bell(table: &LockTable) -> u32 {
    table.membership.region.load32(file::bell(table.membership.me.slot))
}

fn wait_word(table: &LockTable) -> (&Region, u64) {
    (&table.membership.region, file::bell(table.membership.me.slot))
}

/// A request that is waited for. Dropping it ends the request, unless it was kept.
#[derive(Debug)]
pub struct Granting {
    table: Arc<LockTable>,
    request: Option<Request>,
    grant: Grant,
}

impl Granting {
    /// Of this request.
    pub fn new(table: Arc<LockTable>, request: Request) -> Self {
        Granting { table, request: Some(request), grant: Grant::default() }
    }

    /// What was granted; it is the caller's now, to be released.
    pub fn keep(mut self) -> Option<(Request, Grant)> {
        self.request.take().map(|request| (request, self.grant))
    }
}

impl WaitCondition for Granting {
    fn wait_word(&self) -> (&Region, u64) {
        wait_word(&self.table)
    }

    fn poll(&mut self, check_owners: bool) -> Polled {
        if let Err(error) = self.table.membership.live_epoch() {
            return Polled::Failed(error);
        }
        let Some(request) = self.request else { return Polled::Failed(Error::Closed) };
        if check_owners {
            self.table.tend();
        }
        let seen = bell(&self.table);
        match self.table.standing(request) {
            // Stolen again before it was delivered: its new owner learns that at the first look.
            (Standing::Held | Standing::Stolen, grant) => {
                self.grant = grant;
                Polled::Done
            }
            (Standing::Pending, _) => Polled::Unavailable { seen, wake_next: true },
            (Standing::Free, _) => {
                Polled::Failed(Error::Corrupt("a request has vanished from the lock table".into()))
            }
        }
    }
}

impl Drop for Granting {
    fn drop(&mut self) {
        if let Some(request) = self.request {
            // It fails only while a stopped process changes the table; then the request goes with us.
            let _: Result<Standing, Error> = self.table.give_back(request);
        }
    }
}

/// Waits for a held lock to be stolen.
#[derive(Debug)]
pub struct StolenWatch {
    table: Arc<LockTable>,
    request: Request,
}

impl StolenWatch {
    /// Of this request.
    pub fn new(table: Arc<LockTable>, request: Request) -> Self {
        StolenWatch { table, request }
    }
}

impl WaitCondition for StolenWatch {
    fn wait_word(&self) -> (&Region, u64) {
        wait_word(&self.table)
    }

    fn poll(&mut self, check_owners: bool) -> Polled {
        if check_owners {
            self.table.tend();
        }
        let seen = bell(&self.table);
        match self.table.standing(self.request) {
            (Standing::Held | Standing::Pending, _) => Polled::Unavailable { seen, wake_next: true },
            (Standing::Stolen | Standing::Free, _) => Polled::Done,
        }
    }
}
