//! Locks by name, held and waited for by any number of processes: the Web Locks of browsers.
//!
//! A table has a record for each request. Its first word names the request's owner and state, and every
//! transition is one store of it. What is granted follows from the table alone: of each name, the oldest
//! request is granted if no other is held, or only shared ones and it is shared too; then the next one. So a
//! process that acquires the table's lock after a death, or finds a dead owner's request, frees the requests of
//! the dead and grants again ([`grant`], [`reap`]): there is nothing else to recover. The death of a holder is remembered
//! until it is reported to the next one ([`owner_died`]).
//!
//! Requests are found by name through lists that are derived from the records, and rebuilt after a death
//! ([`index`]). Each participant has a wake word to sleep on: it changes when one of its requests was granted
//! or stolen, and says which.

mod acquire;
mod file;
mod grant;
mod index;
mod owner_died;
mod reap;
mod record;
mod release;
#[cfg(test)]
mod tests;

pub use acquire::{PendingLock, StolenWatch};
pub use file::LocksOptions;
pub use record::{Grant, LockName, Mode, RequestState};

use file::Layout;
use record::{RequestRecord, StateWord};
use shmkit_object::error::Result;
use shmkit_object::lock::{Guard, Lockable, Recover};
use shmkit_object::membership::Membership;
use std::time::Duration;

/// How long a call waits for a living process that changes the table and makes no progress.
const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

/// An attached lock table.
#[derive(Debug)]
pub struct LockTable {
    membership: Membership,
    layout: Layout,
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
    /// When it was granted, or while it waits, when it was made: on the boot clock.
    pub since: u64,
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
        self.rebuild();
        self.reap_dead();
        self.grant_all();
        self.notify_all();
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
    /// Requests a lock. Takes the same time however many others are held or waited for, except those that a theft
    /// concerns.
    ///
    /// # Errors
    /// [`Error::Full`](shmkit_object::error::Error::Full) if the table has no free record; `LockTimeout`, `Retired`,
    /// `ReadOnly`.
    pub fn request(&self, request: &LockRequest) -> Result<RequestOutcome> {
        let _change = self.change(LOCK_TIMEOUT)?;
        let (name, mode) = (&request.name, request.mode);
        if self.has_previous_owners() || self.queue(name).next().is_some() && self.has_dead() {
            self.reap_dead();
        }
        if request.if_available && !self.is_available(request) {
            return Ok(RequestOutcome::Unavailable);
        }
        let order = if request.steal { self.order_before(name) } else { self.issue(file::LAST_ORDER) };
        let record = self.insert(name, order, request.steal)?;
        record.set(StateWord::new(RequestState::Pending, mode, self.membership.me));
        if request.steal {
            self.steal(name);
            self.grant(name);
        } else {
            self.grant_last(record, name);
        }
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
    /// [`Error::Retired`](shmkit_object::error::Error::Retired).
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
            let since = record.since();
            is_alive.then_some(QueryRow {
                name,
                mode: word.mode(),
                held,
                pid,
                slot: owner.slot,
                since,
                order,
            })
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

    /// Returns the next number of a counter. A death skips it.
    fn issue(&self, counter: u64) -> u64 {
        let next = self.membership.region.load(counter).wrapping_add(1);
        self.membership.region.store(counter, next);
        next
    }
}
