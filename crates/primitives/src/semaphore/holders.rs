//! Semaphores that know who holds their permits, so that those of a dead process come back.
//!
//! Beside the word there is a count for each participant. The two change together under a lock that names
//! its owner, by an intent of absolute values that whoever finds it armed carries out again:
//!
//! ```text
//! lock
//! intent <- {slot, its count after, permits after, reclaimed after}; ARMED
//! count[slot] <- count after
//! reclaimed <- reclaimed after
//! word <- permits after                          (CAS: sleepers set their flag without the lock)
//! intent <- IDLE
//! unlock; wake
//! ```
//! | if it dies | then the next owner of the lock finds | permits |
//! |---|---|---|
//! | before ARMED | nothing changed | as before |
//! | after ARMED, anywhere before IDLE | the intent: all are stored once more | as intended |
//! | after IDLE | a lock to be taken over | as intended |
//!
//! Taking back the permits of a dead participant is such a change as well: its count becomes 0 and the
//! permits grow by it, as does what tells how many ever came back. So they come back once, and count once,
//! whoever dies on the way.

use super::file::{COUNTS, INTENT, LOCK, WORD};
use super::permit_word::MOST;
use super::{Semaphore, too_many};
use shmkit_object::error::Result;
use shmkit_object::lock::{Guard, Lockable, Recover, is_abandoned};
use shmkit_object::membership::{Membership, Participant};
use std::time::Duration;

/// How long a call waits for a living process that changes the semaphore and makes no progress.
pub const PATIENCE: Duration = Duration::from_secs(1);

const ARMED: u64 = INTENT;
const SLOT: u64 = INTENT + 8;
const COUNT_AFTER: u64 = INTENT + 16;
const PERMITS_AFTER: u64 = INTENT + 24;
const SEQUENCE: u64 = INTENT + 32;
const RECLAIMED_AFTER: u64 = INTENT + 40;
/// Permits that ever came back from the dead.
const RECLAIMED: u64 = INTENT + 48;

impl Lockable for Semaphore {
    fn membership(&self) -> &Membership {
        &self.membership
    }

    fn lock_at(&self) -> u64 {
        LOCK
    }

    fn progress(&self) -> u64 {
        self.membership.region.load(SEQUENCE)
    }
}

impl Recover for Semaphore {
    fn is_dirty(&self) -> bool {
        self.membership.region.load(ARMED) != 0
    }

    fn finish(&self) -> Result<()> {
        self.carry_out();
        Ok(())
    }
}

/// The held lock of the counts.
pub struct Ledger<'a>(Guard<&'a Semaphore>);

/// A participant's count, which is that of one generation alone.
#[derive(Clone, Copy)]
struct Count {
    generation: u32,
    permits: u32,
}

impl Count {
    fn of(word: u64) -> Count {
        Count { generation: (word >> 32) as u32, permits: word as u32 & MOST }
    }

    fn word(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.permits)
    }
}

impl Ledger<'_> {
    /// Takes `n` permits if there are as many.
    pub fn take(&self, n: u32) -> bool {
        let (me, mine) = self.mine();
        let Some(left) = self.0.word().less(n) else { return false };
        let permits = mine.permits.saturating_add(n).min(MOST);
        self.change(me.slot, Count { permits, ..mine }, left.permits(), 0);
        true
    }

    /// Adds `n` permits; those that this process does not hold are new ones.
    pub fn give(&self, n: u32) -> Result<u32> {
        let (me, mine) = self.mine();
        let seen = self.0.word();
        let more = seen.more(n).ok_or_else(|| too_many(seen, n))?;
        self.change(me.slot, Count { permits: mine.permits.saturating_sub(n), ..mine }, more.permits(), 0);
        Ok(more.permits())
    }

    /// Gives back what a thread of this process held when it ended: `n` permits at most, and none that are new.
    fn hand_back(&self, n: u32) {
        let (me, mine) = self.mine();
        self.take_back(me.slot, mine, n.min(mine.permits));
    }

    /// Takes back what the dead hold; whether they held anything.
    pub fn reclaim(&self) -> bool {
        let mut reclaimed = false;
        for (slot, count) in self.0.dead_holders() {
            self.take_back(slot, count, count.permits);
            reclaimed = true;
        }
        reclaimed
    }

    fn mine(&self) -> (Participant, Count) {
        let me = self.0.membership.me;
        let count = Count::of(self.0.membership.region.load(count_at(me.slot)));
        if count.generation == me.generation {
            return (me, count);
        }
        if count.permits > 0 {
            // An earlier owner's, which could not be taken back when we registered.
            self.take_back(me.slot, count, count.permits);
        }
        (me, Count { generation: me.generation, permits: 0 })
    }

    /// Gives back `n` of the permits that a participant has, of itself or of one of its threads that is gone.
    fn take_back(&self, slot: u32, count: Count, n: u32) {
        let seen = self.0.word().permits();
        let permits = seen.saturating_add(n).min(MOST);
        self.change(slot, Count { permits: count.permits - n, ..count }, permits, permits - seen);
    }

    /// `reclaimed` permits come back by it.
    fn change(&self, slot: u32, count: Count, permits: u32, reclaimed: u32) {
        let region = &self.0.membership.region;
        region.store(SLOT, slot.into());
        region.store(COUNT_AFTER, count.word());
        region.store(PERMITS_AFTER, permits.into());
        region.store(RECLAIMED_AFTER, region.load(RECLAIMED).wrapping_add(reclaimed.into()));
        region.store(ARMED, 1);
        self.0.carry_out();
    }
}

fn count_at(slot: u32) -> u64 {
    COUNTS + 8 * u64::from(slot)
}

impl Semaphore {
    /// Takes the lock, and finishes what its last owner had begun.
    pub(super) fn ledger(&self, patience: Duration) -> Result<Ledger<'_>> {
        Guard::acquire(self, patience).map(Ledger)
    }

    /// All stores are of absolute values: doing them again does no harm.
    fn carry_out(&self) {
        let region = &self.membership.region;
        let slot = region.load(SLOT).min(u64::from(self.membership.participants() - 1)) as u32;
        region.store(count_at(slot), region.load(COUNT_AFTER));
        // Before the permits: who gets one of them finds that they have come back.
        region.store(RECLAIMED, region.load(RECLAIMED_AFTER));
        let permits = region.load(PERMITS_AFTER) as u32 & MOST;
        let mut seen = self.word();
        while let Err(now) = self.swap(seen, seen.with_permits(permits)) {
            seen = now;
        }
        region.store(SEQUENCE, region.load(SEQUENCE).wrapping_add(1));
        region.store(ARMED, 0);
    }

    /// Gives back `n` permits on behalf of a thread that ended without releasing them, as far as this process
    /// holds as many. Without `holders`, nobody does it for anybody. O(1), and a system call if somebody waits.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::LockTimeout`]; the permits are then held until the process dies.
    pub fn hand_back(&self, n: u32) -> Result<()> {
        if n > 0 && self.holders {
            self.ledger(PATIENCE)?.hand_back(n);
            self.wake_all();
        }
        Ok(())
    }

    /// Permits that ever came back from holders that died, and from threads of theirs that ended. O(1).
    pub(super) fn taken_back(&self) -> u64 {
        self.membership.region.load(RECLAIMED)
    }

    /// Looks whether somebody died on us, in the middle of a change or holding permits, and makes up for
    /// it. Costs a load for each participant, and a system call for each other one that holds permits.
    pub(super) fn tend(&self, patience: Duration) -> Result<()> {
        let is_abandoned = is_abandoned(self);
        if is_abandoned || self.dead_holders().next().is_some() {
            let ledger = self.ledger(patience)?;
            let reclaimed = ledger.reclaim();
            drop(ledger);
            if reclaimed || is_abandoned {
                self.wake_all();
            }
        }
        Ok(())
    }

    fn dead_holders(&self) -> impl Iterator<Item = (u32, Count)> + '_ {
        let region = &self.membership.region;
        (1..self.membership.participants())
            .map(|slot| (slot, Count::of(region.load(count_at(slot)))))
            .filter(|(_, count)| count.permits > 0)
            .filter(|&(slot, Count { generation, .. })| {
                self.membership.is_dead(Participant { slot, generation })
            })
    }

    /// What an earlier owner of our slot held comes back now, before anything counts as ours.
    pub(super) fn take_over_slot_of_holders(&self) {
        if let Ok(Some(guard)) = Guard::recover_previous_owner(self) {
            let ledger = Ledger(guard);
            ledger.reclaim();
            drop(ledger);
            self.wake_all();
        }
        // What cannot be done now, because a stopped process is inside, is done at the next look.
        let _: Result<()> = self.tend(PATIENCE);
    }

    /// Drops the sleepers' flag first, so that whoever goes on sleeping sets it again.
    pub(super) fn wake_all(&self) {
        let mut seen = self.word();
        while seen.has_waiters() {
            match self.swap(seen, seen.without_waiters()) {
                Ok(()) => return shmkit_os::futex::wake(self.membership.region.futex(WORD), u32::MAX),
                Err(now) => seen = now,
            }
        }
    }
}
