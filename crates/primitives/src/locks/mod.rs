//! Locks by name, held and waited for by any number of processes: the Web Locks of browsers.
//!
//! A table has a record for each request. Its first word names the request's owner and state, and every
//! transition is one store of it. What is granted follows from the table alone: of each name, the oldest
//! request is granted if no other is held, or only shared ones and it is shared too; then the next one. So a
//! process that acquires the table's lock after a death, or finds a dead owner's request, frees the requests of
//! the dead and grants again ([`grant`]): there is nothing else to recover. The death of a holder is remembered
//! until it is reported to the next one ([`owner_died`]).
//!
//! Each participant has a wake word to sleep on: it changes when one of its requests was granted or stolen.

mod acquire;
mod file;
mod grant;
mod owner_died;
mod record;
mod release;
#[cfg(test)]
mod tests;

pub use acquire::{PendingLock, StolenWatch};
pub use file::LocksOptions;
pub use record::{Grant, LockName, Mode, RequestState};

use record::{RequestRecord, StateWord};
use shmkit_object::error::{Error, Result};
use shmkit_object::lock::{Guard, Lockable, Recover, is_abandoned};
use shmkit_object::membership::Membership;
use std::time::Duration;

/// How long a call waits for a living process that changes the table and makes no progress.
const LOCK_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a waiter that recovers from a death waits for the table's lock.
const RECOVERY_TIMEOUT: Duration = Duration::from_millis(1);

/// An attached lock table.
#[derive(Debug)]
pub struct LockTable {
    membership: Membership,
    capacity: u32,
}

/// Identifies a request of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId {
    /// Index of its record.
    index: u32,
    /// Distinguishes it from other requests that used the record.
    order: u64,
}

/// What a caller asks for.
#[derive(Debug, Clone)]
pub struct LockRequest {
    /// The lock's name.
    pub name: LockName,
    /// The mode to hold it in.
    pub mode: Mode,
    /// Do not wait.
    pub if_available: bool,
    /// Take it from its current holders.
    pub steal: bool,
}

/// Outcome of [`LockTable::request`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestOutcome {
    /// The lock is held.
    Held(RequestId, Grant),
    /// The request waits.
    Pending(RequestId),
    /// Another request holds the lock or is before this one, and `if_available` was set.
    Unavailable,
}

/// One request, as `query` reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryRow {
    /// The lock's name.
    pub name: LockName,
    /// Its mode.
    pub mode: Mode,
    /// Whether it is held, rather than waited for.
    pub held: bool,
    /// The owner's process, in its own pid namespace.
    pub pid: u32,
    /// The owner's slot.
    pub slot: u32,
    order: u64,
}

impl Lockable for LockTable {
    fn membership(&self) -> &Membership {
        &self.membership
    }

    fn lock_at(&self) -> u64 {
        file::LOCK
    }

    fn progress(&self) -> u64 {
        self.membership.region.load(file::LAST_ORDER) ^ self.membership.region.load(file::LAST_TOKEN)
    }
}

impl Recover for LockTable {
    fn is_dirty(&self) -> bool {
        self.membership.region.load32(file::BUSY) != 0
    }

    fn finish(&self) -> Result<()> {
        self.reap_dead();
        self.grant_all();
        self.membership.region.store32(file::BUSY, 0);
        Ok(())
    }
}

/// The table's held lock. If a panic unwinds, the table stays marked as busy, and the next owner recovers it.
struct Change<'a>(Guard<&'a LockTable>);

impl<'a> Change<'a> {
    fn begin(guard: Guard<&'a LockTable>) -> Self {
        guard.membership.region.store32(file::BUSY, 1);
        Change(guard)
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.0.membership.region.store32(file::BUSY, 0);
        }
    }
}

impl LockTable {
    /// Requests a lock. O(requests in the table).
    ///
    /// # Errors
    /// [`Error::Full`] if the table has no free record; [`Error::LockTimeout`], [`Error::Retired`],
    /// [`Error::ReadOnly`].
    pub fn request(&self, request: &LockRequest) -> Result<RequestOutcome> {
        let change = self.change(LOCK_TIMEOUT)?;
        let mut is_free = !self.records().any(|record| record.is_named(&request.name));
        if !is_free && change.0.reap_dead() {
            self.grant_all();
            is_free = !self.records().any(|record| record.is_named(&request.name));
        }
        if request.if_available && !is_free && !self.is_available(request) {
            return Ok(RequestOutcome::Unavailable);
        }
        let record = self.allocate(&request.name)?;
        let order =
            if request.steal { self.order_before(&request.name) } else { self.issue(file::LAST_ORDER) };
        record.write(&request.name, order);
        record.set(StateWord::new(RequestState::Pending, request.mode, self.membership.me));
        if request.steal {
            self.steal(&request.name);
        }
        self.grant(&request.name);
        let id = RequestId { index: record.index, order };
        Ok(match record.word().state() {
            RequestState::Held => RequestOutcome::Held(id, self.state_of(id).1),
            _ => RequestOutcome::Pending(id),
        })
    }

    /// Returns the state of a request of ours, and what its holder learns.
    pub fn state_of(&self, request: RequestId) -> (RequestState, Grant) {
        let record = self.record(request.index);
        let word = record.word();
        if word.owner() != self.membership.me || record.order() != request.order {
            return (RequestState::Free, Grant::default());
        }
        (word.state(), Grant { token: record.token(), owner_died: word.owner_died() })
    }

    /// Returns the requests of all live processes, those of a name in their order. Not a snapshot.
    ///
    /// # Errors
    /// [`Error::Retired`].
    pub fn query(&self) -> Result<Vec<QueryRow>> {
        self.membership.live_epoch()?;
        let row = |record: RequestRecord<'_>| {
            let word = record.word();
            let owner = word.owner();
            let held = match word.state() {
                RequestState::Held => true,
                RequestState::Pending => false,
                RequestState::Free | RequestState::Stolen => return None,
            };
            let pid = self.membership.pid_of(owner.slot);
            let (name, order) = (record.name(), record.order());
            let is_alive = !self.membership.is_dead(owner);
            is_alive.then_some(QueryRow { name, mode: word.mode(), held, pid, slot: owner.slot, order })
        };
        let mut rows: Vec<QueryRow> = self.requests().filter_map(row).collect();
        rows.sort_by_key(|row| row.order);
        Ok(rows)
    }

    fn change(&self, timeout: Duration) -> Result<Change<'_>> {
        self.membership.live_epoch()?;
        self.change_even_if_retired(timeout)
    }

    fn change_even_if_retired(&self, timeout: Duration) -> Result<Change<'_>> {
        self.membership.check_writable()?;
        Ok(Change::begin(Guard::acquire(self, timeout)?))
    }

    /// Detects dead participants, an interrupted update or an orphaned request, and recovers from their deaths.
    /// Called by waiters.
    fn recover_dead(&self) {
        if (is_abandoned(self) || self.has_dead())
            && let Ok(_change) = self.change_even_if_retired(RECOVERY_TIMEOUT)
            && self.reap_dead()
        {
            self.grant_all();
        }
    }

    /// Recovers what the previous owner of our slot left.
    fn recover_slot(&self) {
        // What the guard cannot finish now is finished by the next owner of the lock.
        let _: Result<_> = Guard::recover_previous_owner(self);
        let me = self.membership.me;
        let is_previous_owners = |record: RequestRecord<'_>| {
            let owner = record.word().owner();
            owner.slot == me.slot && owner != me
        };
        if self.requests().any(is_previous_owners)
            && let Ok(_change) = self.change_even_if_retired(LOCK_TIMEOUT)
        {
            self.reap_dead();
            self.grant_all();
        }
    }

    fn record(&self, index: u32) -> RequestRecord<'_> {
        RequestRecord::new(&self.membership.region, index)
    }

    /// Returns all records in use.
    fn records(&self) -> impl Iterator<Item = RequestRecord<'_>> {
        let used = self.membership.region.load(file::USED).min(u64::from(self.capacity)) as u32;
        (0..used).map(|index| self.record(index)).filter(|record| record.word() != StateWord::FREE)
    }

    /// Returns all requests: the records in use, except owner-died records.
    fn requests(&self) -> impl Iterator<Item = RequestRecord<'_>> {
        self.records().filter(|record| record.word() != StateWord::OWNER_DIED)
    }

    /// Returns a free record for a request of this name.
    fn allocate(&self, name: &LockName) -> Result<RequestRecord<'_>> {
        let region = &self.membership.region;
        let used = region.load(file::USED).min(u64::from(self.capacity)) as u32;
        let free = (0..used).map(|index| self.record(index)).find(|record| record.word() == StateWord::FREE);
        if let Some(record) = free {
            return Ok(record);
        }
        if used == self.capacity {
            let full = Error::Full { needed: file::RECORD_BYTES, free: 0 };
            return self.evict_owner_died(name).ok_or(full);
        }
        let record = self.record(used);
        record.set(StateWord::FREE);
        region.store(file::USED, u64::from(used) + 1);
        Ok(record)
    }

    /// Returns the next number of a counter. A death skips it.
    fn issue(&self, counter: u64) -> u64 {
        let next = self.membership.region.load(counter).wrapping_add(1);
        self.membership.region.store(counter, next);
        next
    }
}
