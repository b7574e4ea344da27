//! Locks by name, held and waited for by any number of processes: the Web Locks of browsers.
//!
//! A table has a place for each request. Its first word says whose it is and where it stands, and every
//! transition is one store of it. Who gets what follows from the table alone: per name, the oldest request
//! is granted if no other is held, or only shared ones and it is shared too; then the next one. So whoever
//! takes the table's lock after a death, or finds a dead owner's request, frees what is dead and grants
//! again ([`grant`]): there is nothing else to recover. What a dead one held is remembered until the next
//! one who gets it is told ([`estate`]).
//!
//! Each participant has a bell, a word to sleep on: it changes when one of its requests was granted or
//! stolen.

mod acquire;
mod file;
mod grant;
mod owner_died;
mod record;
mod release;
#[cfg(test)]
mod tests;

pub use acquire::{Granting, StolenWatch};
pub use file::{FORMAT, LocksOptions, MOST_NAME_BYTES};
pub use record::{Grant, LockName, Mode, Standing};

use record::{Entry, StateWord};
use shmkit_object::error::{Error, Result};
use shmkit_object::lock::{Contended, Guard, Recover, is_abandoned};
use shmkit_object::membership::Membership;
use std::time::Duration;

/// How long a call waits for a living process that changes the table and makes no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// An attached lock table.
#[derive(Debug)]
pub struct LockTable {
    membership: Membership,
    capacity: u32,
}

/// A request of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Request {
    /// Its place in the table.
    pub index: u32,
    /// Tells it from others that had the place.
    order: u64,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The lock's name.
    pub name: LockName,
    /// How it is to be held.
    pub mode: Mode,
    /// Only if it can be had at once.
    pub if_available: bool,
    /// At the expense of those who hold it.
    pub steal: bool,
}

/// What came of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wished {
    /// It is held.
    Held(Request, Grant),
    /// It is waited for.
    Pending(Request),
    /// Somebody else has it, or is before us.
    Unavailable,
}

/// One line of `query`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The lock's name.
    pub name: LockName,
    /// Its mode.
    pub mode: Mode,
    /// True if it is held, false if it is waited for.
    pub held: bool,
    /// The process, in its own pid namespace.
    pub pid: u32,
    /// Its participant's slot.
    pub slot: u32,
    order: u64,
}

impl Contended for LockTable {
    fn membership(&self) -> &Membership {
        &self.membership
    }

    fn lock_at(&self) -> u64 {
        file::LOCK
    }

    fn progress(&self) -> u64 {
        self.membership.region.load(file::ORDER) ^ self.membership.region.load(file::TOKEN)
    }
}

impl Recover for LockTable {
    fn is_dirty(&self) -> bool {
        self.membership.region.load32(file::BUSY) != 0
    }

    fn finish(&self) -> Result<()> {
        self.free_dead();
        self.grant_all();
        self.membership.region.store32(file::BUSY, 0);
        Ok(())
    }
}

/// The table's held lock. While a panic unwinds, the table stays marked as busy: the change that was in
/// progress is then made up for by the next owner.
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
    /// Asks for a lock. O(requests there are).
    ///
    /// # Errors
    /// [`Error::Full`] if the table has no place left; [`Error::LockTimeout`], [`Error::Retired`],
    /// [`Error::ReadOnly`].
    pub fn request(&self, wish: &Wish) -> Result<Wished> {
        let change = self.change(PATIENCE)?;
        let mut is_free = !self.entries().any(|entry| entry.is_named(&wish.name));
        if !is_free && change.0.free_dead() {
            self.grant_all();
            is_free = !self.entries().any(|entry| entry.is_named(&wish.name));
        }
        if wish.if_available && !is_free && !self.would_get(wish) {
            return Ok(Wished::Unavailable);
        }
        let entry = self.free_place(&wish.name)?;
        let order = if wish.steal { self.order_before_all(&wish.name) } else { self.draw(file::ORDER) };
        entry.write(&wish.name, order);
        entry.set(StateWord::new(Standing::Pending, wish.mode, self.membership.me));
        if wish.steal {
            self.rob(&wish.name);
        }
        self.grant(&wish.name);
        let request = Request { index: entry.index, order };
        Ok(match entry.state().standing() {
            Standing::Held => Wished::Held(request, self.standing(request).1),
            _ => Wished::Pending(request),
        })
    }

    /// Where a request of ours stands, and what its holder is told.
    pub fn standing(&self, request: Request) -> (Standing, Grant) {
        let entry = self.entry(request.index);
        let state = entry.state();
        if state.owner() != self.membership.me || entry.order() != request.order {
            return (Standing::Free, Grant::default());
        }
        (state.standing(), Grant { token: entry.token(), owner_died: state.is_told() })
    }

    /// Returns the requests of all live processes, those of a name in their order. Not a snapshot.
    ///
    /// # Errors
    /// [`Error::Retired`].
    pub fn query(&self) -> Result<Vec<Line>> {
        self.membership.live_epoch()?;
        let line = |entry: Entry<'_>| {
            let state = entry.state();
            let owner = state.owner();
            let held = match state.standing() {
                Standing::Held => true,
                Standing::Pending => false,
                Standing::Free | Standing::Stolen => return None,
            };
            let pid = self.membership.pid_of(owner.slot);
            let (name, order) = (entry.name(), entry.order());
            let is_alive = !self.membership.is_dead(owner);
            is_alive.then_some(Line { name, mode: state.mode(), held, pid, slot: owner.slot, order })
        };
        let mut lines: Vec<Line> = self.requests().filter_map(line).collect();
        lines.sort_by_key(|line| line.order);
        Ok(lines)
    }

    fn change(&self, patience: Duration) -> Result<Change<'_>> {
        self.membership.live_epoch()?;
        self.change_even_if_retired(patience)
    }

    fn change_even_if_retired(&self, patience: Duration) -> Result<Change<'_>> {
        self.membership.check_writable()?;
        Ok(Change::begin(Guard::acquire(self, patience)?))
    }

    /// Looks whether somebody died on us: a change under way, or a request. The waiters call it.
    fn tend(&self) {
        if (is_abandoned(self) || self.has_dead())
            && let Ok(_change) = self.change_even_if_retired(Duration::from_millis(1))
            && self.free_dead()
        {
            self.grant_all();
        }
    }

    /// An earlier owner of our slot died, perhaps inside.
    fn recover_slot(&self) {
        // What the guard cannot finish now is finished by the next owner of the lock.
        let _: Result<_> = Guard::recover_previous_owner(self);
        let me = self.membership.me;
        let is_earlier = |entry: Entry<'_>| {
            let owner = entry.state().owner();
            owner.slot == me.slot && owner != me
        };
        if self.requests().any(is_earlier)
            && let Ok(_change) = self.change_even_if_retired(PATIENCE)
        {
            self.free_dead();
            self.grant_all();
        }
    }

    fn entry(&self, index: u32) -> Entry<'_> {
        Entry::new(&self.membership.region, index)
    }

    /// All places in use.
    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let used = self.membership.region.load(file::USED).min(u64::from(self.capacity)) as u32;
        (0..used).map(|index| self.entry(index)).filter(|entry| entry.state() != StateWord::FREE)
    }

    /// All requests: places in use but for estates.
    fn requests(&self) -> impl Iterator<Item = Entry<'_>> {
        self.entries().filter(|entry| entry.state() != StateWord::ESTATE)
    }

    /// A place for a request of this name.
    fn free_place(&self, name: &LockName) -> Result<Entry<'_>> {
        let region = &self.membership.region;
        let used = region.load(file::USED).min(u64::from(self.capacity)) as u32;
        let free = (0..used).map(|index| self.entry(index)).find(|entry| entry.state() == StateWord::FREE);
        if let Some(entry) = free {
            return Ok(entry);
        }
        if used == self.capacity {
            let full = Error::Full { needed: file::REQUEST_BYTES, free: 0 };
            return self.give_up_estate(name).ok_or(full);
        }
        let entry = self.entry(used);
        entry.set(StateWord::FREE);
        region.store(file::USED, u64::from(used) + 1);
        Ok(entry)
    }

    /// The next number of a counter. A death skips it.
    fn draw(&self, counter: u64) -> u64 {
        let next = self.membership.region.load(counter).wrapping_add(1);
        self.membership.region.store(counter, next);
        next
    }
}
