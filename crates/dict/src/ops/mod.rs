//! The operations of a dictionary.
//!
//! Reads take no lock (`read`). Writes lock one shard, prepare everything in blocks that no reader can reach, and commit
//! with one store (`write`). `space` makes space for writes that find none.

#![expect(
    clippy::disallowed_types,
    reason = "numbers the handles of the process, and counts for those that cannot write"
)]

mod clear;
pub(crate) mod commit;
mod cursor;
mod expired;
mod lookahead;
mod plain_key;
mod prefix;
mod read;
pub(crate) mod reserve;
mod scan;
mod space;
mod stats;
mod wait;
mod watch;
mod write;

pub use crate::lease::{Lease, LeaseTicket};
pub use cursor::Cursor;
pub use prefix::KeyPrefix;
pub use read::result::{ReadResult, Validator};
pub use scan::ScanStep;
pub use stats::{ClassStats, Stats};
pub use wait::{ChangeWait, LoadWait};
pub use watch::event::Event;
pub use watch::{Watcher, WatcherWait};
pub use write::previous::Previous;
#[cfg(test)]
pub(crate) use write::set::WritePrecondition;

use crate::entry::read::Snapshot;
use crate::guard::Guard;
use crate::layout::hash::KeyHash;
use crate::layout::shard::LOCK;
use crate::layout::statistics::STATISTICS;
use crate::segment::Segment;
use crate::shard::Shard;
use crate::structures::{self, Appended};
use crate::value::Key;
use shmkit_object::error::{Error, Result};
use shmkit_object::lock::word::LockWord;
use shmkit_object::region::StatsStripe;
use shmkit_object::superblock::EpochWord;
use shmkit_object::sync::Ordering;
use shmkit_object::sync::plain::{AtomicU32, AtomicU64};
use shmkit_os as os;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Which entries a read may return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Live entries only.
    Live,
    /// Expired entries as well, if they have not been reclaimed.
    Stale,
}

/// The time until an entry expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLeft {
    /// It never expires.
    Forever,
    /// It expires in this many nanoseconds (at least 1).
    Nanos(u64),
}

/// An attached dictionary. Every call can be made from any thread; give each thread its own clone, so that their
/// statistics do not share cache lines.
#[derive(Debug)]
pub struct Dict {
    segment: Arc<Segment>,
    lock_timeout: Duration,
    /// This handle's stripe of statistics; `None` if it cannot write.
    stats: Option<StatsStripe<STATISTICS>>,
    /// What a handle counts that cannot write.
    own_counts: Box<[AtomicU64; STATISTICS]>,
    /// `fork_epoch()` of the process that attached.
    fork_epoch: u64,
    /// The same if the dictionary has a fixed size; else a number that no process has.
    fixed_epoch: u64,
    /// What the handle's calls of `clear` have swept.
    clearing: Mutex<clear::ClearedPass>,
}

impl Clone for Dict {
    fn clone(&self) -> Self {
        Dict {
            stats: next_stripe(&self.segment),
            own_counts: Default::default(),
            segment: self.segment.clone(),
            lock_timeout: self.lock_timeout,
            fork_epoch: self.fork_epoch,
            fixed_epoch: self.fixed_epoch,
            clearing: Mutex::default(),
        }
    }
}

/// Spreads the handles of all processes over the stripes of statistics.
fn next_stripe(segment: &Segment) -> Option<StatsStripe<STATISTICS>> {
    static HANDLES: AtomicU32 = AtomicU32::new(0);
    // A model checker needs every run to be the same.
    let handle = if cfg!(loom) { 0 } else { HANDLES.fetch_add(1, Ordering::Relaxed) };
    let number = segment.me.slot.wrapping_mul(7).wrapping_add(handle);
    if segment.is_read_only() { None } else { segment.region.stats_stripe(segment.geometry.stripe(number)) }
}

impl Dict {
    /// Returns a handle of an attached segment.
    pub fn new(segment: Arc<Segment>, lock_timeout: Duration) -> Dict {
        let fork_epoch = os::process::fork_epoch();
        Dict {
            lock_timeout,
            stats: next_stripe(&segment),
            own_counts: Default::default(),
            fork_epoch,
            fixed_epoch: if segment.geometry.is_elastic() { u64::MAX } else { fork_epoch },
            segment,
            clearing: Mutex::default(),
        }
    }

    /// Returns a handle of the same attachment with another lock timeout.
    pub fn with_lock_timeout(&self, lock_timeout: Duration) -> Dict {
        Dict { lock_timeout, ..self.clone() }
    }

    /// Returns the attached segment.
    pub fn segment(&self) -> &Arc<Segment> {
        &self.segment
    }

    /// Returns whether a lock word of the dictionary names this participant. Only for tests: no call leaves a lock held.
    pub fn holds_a_lock(&self) -> bool {
        let segment = &*self.segment;
        let lock_word = |id| LockWord(Shard::new(segment, id).load32(LOCK));
        (0..segment.geometry.shards).any(|id| lock_word(id).owner() == segment.me)
            || structures::lock_word(segment)
                .is_some_and(|at| LockWord(segment.region.load32(at)).owner() == segment.me)
    }

    /// Returns whether the handle cannot write.
    pub fn is_read_only(&self) -> bool {
        self.segment.is_read_only()
    }

    /// Returns the time by the clock of deadlines, in nanoseconds; never 0.
    pub fn now(&self) -> u64 {
        self.segment.clock.now()
    }

    /// Returns whether the segment has a table of record structures: one that an earlier version made has none.
    pub fn has_structures(&self) -> bool {
        self.segment.geometry.structures().is_some()
    }

    /// Appends the bytes of `added` record structures if there are `expected` ones.
    ///
    /// # Errors
    /// `LockTimeout`, `ReadOnly`, `Retired`, `Corrupt`, `Forked`.
    pub fn append_structures(&self, expected: u64, added: u64, bytes: &[u8]) -> Result<Appended> {
        self.check_fork()?;
        structures::append(&self.segment, expected, added, bytes, self.lock_timeout)
    }

    /// Appends the bytes of record structures past the first `known` bytes to `out`. Returns the number of structures.
    ///
    /// # Errors
    /// `Corrupt`, `Forked`.
    pub fn read_structures(&self, known: u64, out: &mut Vec<u8>) -> Result<u64> {
        self.check_fork()?;
        structures::read(&self.segment, known, out)
    }

    /// Returns the hash of a key.
    #[inline]
    pub fn hash(&self, key: Key<'_>) -> KeyHash {
        KeyHash::of(key.bytes(), &self.segment.secret)
    }

    #[inline]
    fn check_fork(&self) -> Result<()> {
        if self.fork_epoch == os::process::fork_epoch() { Ok(()) } else { Err(Error::Forked) }
    }

    /// Returns whether the dictionary has a fixed size and this is the process that attached it. One comparison, which every
    /// operation has to make anyway: so dictionaries that grow cost the others nothing. The path of those that grow checks
    /// the process itself.
    #[inline(always)]
    fn is_fixed(&self) -> bool {
        self.fixed_epoch == os::process::fork_epoch()
    }

    #[inline(always)]
    fn lock(&self, shard: u32) -> Result<Guard<'_>> {
        self.check_fork()?;
        Guard::acquire(&self.segment, shard, self.lock_timeout)
    }

    #[inline(always)]
    fn lock_for(&self, hash: KeyHash) -> Result<Guard<'_>> {
        if !self.is_fixed() {
            return self.lock_growing(hash);
        }
        self.lock_sized::<false>(hash)
    }

    // Out of line: in a dictionary of fixed size, nothing of it is inlined.
    #[inline(never)]
    fn lock_growing(&self, hash: KeyHash) -> Result<Guard<'_>> {
        self.lock_sized::<true>(hash)
    }

    /// Like `lock_for`, for callers that know whether the dictionary grows, from `is_fixed`.
    #[inline(always)]
    fn lock_sized<const GROWS: bool>(&self, hash: KeyHash) -> Result<Guard<'_>> {
        let segment = &*self.segment;
        let shard = hash.shard(segment.geometry.shards);
        let home = segment.home_sized::<GROWS>(shard, hash);
        // Acquiring the lock delays the loads after it, so this line is prefetched.
        segment.region.prefetch(segment.geometry.bucket_sized::<GROWS>(shard, home));
        if GROWS {
            self.check_fork()?;
        }
        Guard::acquire_sized::<GROWS>(segment, shard, self.lock_timeout)
    }

    /// Returns whether the entry is neither cleared nor expired. The caller must hold the shard's lock. The clock is read
    /// only if there is a deadline.
    #[inline]
    fn is_live(&self, entry: &Snapshot, epoch: EpochWord) -> bool {
        entry.header.epoch == epoch.tag()
            && (entry.cells.deadline == 0 || !self.segment.clock.is_past(entry.cells.deadline))
    }
}
