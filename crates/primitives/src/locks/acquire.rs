//! Waiting for a lock to be granted, and for one that is held to be stolen.

use super::{Grant, LockTable, Request, Standing, file};
use shmkit_object::error::Error;
use shmkit_object::region::Region;
use shmkit_object::waiter::{Attempt, Attempted};
use std::sync::Arc;

/// Our bell, read before the state: what changes later rings again.
fn bell(table: &LockTable) -> u32 {
    table.membership.region.load32(file::bell(table.membership.me.slot))
}

fn place(table: &LockTable) -> (&Region, u64) {
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

impl Attempt for Granting {
    fn place(&self) -> (&Region, u64) {
        place(&self.table)
    }

    fn attempt(&mut self, look_around: bool) -> Attempted {
        if let Err(error) = self.table.membership.live_epoch() {
            return Attempted::Failed(error);
        }
        let Some(request) = self.request else { return Attempted::Failed(Error::Closed) };
        if look_around {
            self.table.tend();
        }
        let seen = bell(&self.table);
        match self.table.standing(request) {
            // Stolen again before it was delivered: its new owner learns that at the first look.
            (Standing::Held | Standing::Stolen, grant) => {
                self.grant = grant;
                Attempted::Done
            }
            (Standing::Pending, _) => Attempted::Starved(seen),
            (Standing::Free, _) => {
                Attempted::Failed(Error::Corrupt("a request has vanished from the lock table".into()))
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

impl Attempt for StolenWatch {
    fn place(&self) -> (&Region, u64) {
        place(&self.table)
    }

    fn attempt(&mut self, look_around: bool) -> Attempted {
        if look_around {
            self.table.tend();
        }
        let seen = bell(&self.table);
        match self.table.standing(self.request) {
            (Standing::Held | Standing::Pending, _) => Attempted::Starved(seen),
            (Standing::Stolen | Standing::Free, _) => Attempted::Done,
        }
    }
}
