//! Semaphores that count the permits of each holder, so that those of a dead process come back.
//!
//! Beside the permit word there is a count for each participant. The two change together under a lock that
//! names its owner, by an intent of absolute values that the next owner applies again if it finds it armed:
//!
//! ```text
//! lock
//! intent <- {slot, its count after, permits after, reclaimed after}; ARMED
//! count[slot] <- count after
//! reclaimed <- reclaimed after
//! word <- permits after                          (CAS: waiters set their bit without the lock)
//! intent <- IDLE
//! unlock; wake
//! ```
//! | death | the next owner of the lock finds | permits |
//! |---|---|---|
//! | before ARMED | nothing changed | as before |
//! | after ARMED, anywhere before IDLE | the intent, and applies it again | as intended |
//! | after IDLE | a lock to take over | as intended |
//!
//! Reclaiming the permits of a dead participant is such a change as well: its count becomes 0, and the permits
//! grow by it, as does the number of permits ever reclaimed. So they come back once, and count once, whichever
//! process dies in between.

use super::file::{COUNTS, INTENT, LOCK, WORD};
use super::permit_word::MAX_PERMITS;
use super::{Semaphore, too_many};
use shmkit_object::error::Result;
use shmkit_object::lock::{Guard, Lockable, Recover, is_abandoned};
use shmkit_object::membership::{Membership, Participant};
use std::time::Duration;

/// How long a call waits for a living process that changes the semaphore and makes no progress.
pub(super) const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

const ARMED: u64 = INTENT;
const SLOT: u64 = INTENT + 8;
const COUNT_AFTER: u64 = INTENT + 16;
const PERMITS_AFTER: u64 = INTENT + 24;
const SEQUENCE: u64 = INTENT + 32;
const RECLAIMED_AFTER: u64 = INTENT + 40;
/// Permits ever reclaimed from dead holders.
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
        self.apply_intent();
        Ok(())
    }
}

/// The held lock of the counts.
pub(super) struct CountsGuard<'a>(Guard<&'a Semaphore>);

/// A participant's count. It belongs to one generation of its slot.
#[derive(Clone, Copy)]
struct Count {
    generation: u32,
    permits: u32,
}

impl Count {
    fn of(word: u64) -> Count {
        Count { generation: (word >> 32) as u32, permits: word as u32 & MAX_PERMITS }
    }

    fn word(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.permits)
    }
}

impl CountsGuard<'_> {
    /// Acquires `n` permits if there are as many.
    pub(super) fn take(&self, n: u32) -> bool {
        let (me, mine) = self.mine();
        let Some(left) = self.0.word().minus(n) else { return false };
        let permits = mine.permits.saturating_add(n).min(MAX_PERMITS);
        self.change(me.slot, Count { permits, ..mine }, left.permits(), 0);
        true
    }

    /// Adds `n` permits; any that this process does not hold are new ones.
    pub(super) fn give(&self, n: u32) -> Result<u32> {
        let (me, mine) = self.mine();
        let seen = self.0.word();
        let more = seen.plus(n).ok_or_else(|| too_many(seen, n))?;
        self.change(me.slot, Count { permits: mine.permits.saturating_sub(n), ..mine }, more.permits(), 0);
        Ok(more.permits())
    }

    /// Releases what a thread of this process held when it ended: at most `n` permits, and no new ones.
    fn release_for_thread(&self, n: u32) {
        let (me, mine) = self.mine();
        self.reclaim_from(me.slot, mine, n.min(mine.permits));
    }

    /// Reclaims the permits of dead holders. Returns whether there were any.
    pub(super) fn reclaim(&self) -> bool {
        let mut reclaimed = false;
        for (slot, count) in self.0.dead_holders() {
            self.reclaim_from(slot, count, count.permits);
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
            // The slot's previous owner's, which could not be reclaimed when we registered.
            self.reclaim_from(me.slot, count, count.permits);
        }
        (me, Count { generation: me.generation, permits: 0 })
    }

    /// Returns `n` of a participant's permits to the semaphore, after its death or that of one of its threads.
    fn reclaim_from(&self, slot: u32, count: Count, n: u32) {
        let seen = self.0.word().permits();
        let permits = seen.saturating_add(n).min(MAX_PERMITS);
        self.change(slot, Count { permits: count.permits - n, ..count }, permits, permits - seen);
    }

    /// Arms and applies the intent of a change that reclaims `reclaimed` permits.
    fn change(&self, slot: u32, count: Count, permits: u32, reclaimed: u32) {
        let region = &self.0.membership.region;
        region.store(SLOT, slot.into());
        region.store(COUNT_AFTER, count.word());
        region.store(PERMITS_AFTER, permits.into());
        region.store(RECLAIMED_AFTER, region.load(RECLAIMED).wrapping_add(reclaimed.into()));
        region.store(ARMED, 1);
        self.0.apply_intent();
    }
}

fn count_at(slot: u32) -> u64 {
    COUNTS + 8 * u64::from(slot)
}

impl Semaphore {
    /// Acquires the lock of the counts, and completes what its last owner left.
    pub(super) fn counts(&self, timeout: Duration) -> Result<CountsGuard<'_>> {
        Guard::acquire(self, timeout).map(CountsGuard)
    }

    /// Applies the intent. All stores are of absolute values, so applying it again changes nothing.
    fn apply_intent(&self) {
        let region = &self.membership.region;
        let slot = region.load(SLOT).min(u64::from(self.membership.participants() - 1)) as u32;
        region.store(count_at(slot), region.load(COUNT_AFTER));
        // Before the permits, so that a process that acquires one of them sees that they have come back.
        region.store(RECLAIMED, region.load(RECLAIMED_AFTER));
        let permits = region.load(PERMITS_AFTER) as u32 & MAX_PERMITS;
        let mut seen = self.word();
        while let Err(now) = self.compare_exchange(seen, seen.with_permits(permits)) {
            seen = now;
        }
        region.store(SEQUENCE, region.load(SEQUENCE).wrapping_add(1));
        region.store(ARMED, 0);
    }

    /// Releases `n` permits, or as many as this process holds, on behalf of a thread that ended without releasing
    /// them. Does nothing without `holders`. O(1), and a system call if there are waiters.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::LockTimeout`]; the permits are then held until the process dies.
    pub fn release_for_thread(&self, n: u32) -> Result<()> {
        if n > 0 && self.holders {
            self.counts(LOCK_TIMEOUT)?.release_for_thread(n);
            self.wake_all();
        }
        Ok(())
    }

    /// Returns the permits ever reclaimed. O(1).
    pub(super) fn reclaimed_total(&self) -> u64 {
        self.membership.region.load(RECLAIMED)
    }

    /// Detects participants that died in the middle of a change or holding permits, and recovers from their deaths.
    /// Costs a load for each participant, and a system call for each other one that holds permits.
    pub(super) fn reap(&self, timeout: Duration) -> Result<()> {
        let is_abandoned = is_abandoned(self);
        if is_abandoned || self.dead_holders().next().is_some() {
            let counts = self.counts(timeout)?;
            let reclaimed = counts.reclaim();
            drop(counts);
            if reclaimed || is_abandoned {
                self.wake_all();
            }
        }
        Ok(())
    }

    /// Returns the processes that hold permits, by their own account, and how many; none without `holders`. Not a
    /// snapshot. O(participants), and a system call for each other process that holds permits.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::Retired`].
    pub fn holders(&self) -> Result<Vec<(u32, u32)>> {
        self.membership.live_epoch()?;
        if !self.holders {
            return Ok(Vec::new());
        }
        let region = &self.membership.region;
        let counts = (1..self.membership.participants())
            .map(|slot| (slot, Count::of(region.load(count_at(slot)))))
            .filter(|(_, count)| count.permits > 0);
        let live = counts.filter(|&(slot, Count { generation, .. })| {
            !self.membership.is_dead(Participant { slot, generation })
        });
        Ok(live.map(|(slot, count)| (self.membership.pid_of(slot), count.permits)).collect())
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

    /// Reclaims what the previous owner of our slot held, before anything counts as ours.
    pub(super) fn recover_slot_of_holders(&self) {
        if let Ok(Some(guard)) = Guard::recover_previous_owner(self) {
            let counts = CountsGuard(guard);
            counts.reclaim();
            drop(counts);
            self.wake_all();
        }
        // If a stopped process holds the lock, the next check does it.
        let _: Result<()> = self.reap(LOCK_TIMEOUT);
    }

    /// Wakes all waiters. Clears their bit first, so that those that sleep again set it again.
    pub(super) fn wake_all(&self) {
        let mut seen = self.word();
        while seen.has_waiters() {
            match self.compare_exchange(seen, seen.without_waiters()) {
                Ok(()) => return shmkit_os::futex::wake(self.membership.region.futex(WORD), u32::MAX),
                Err(now) => seen = now,
            }
        }
    }
}
