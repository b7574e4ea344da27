//! Taking more memory for an object that grows.
//!
//! The file of such an object has its full length from the beginning, and memory for what was committed. Each step takes
//! memory for what comes next, and then stores how much is committed. One participant at a time takes it, outside of the
//! object's own locks, because the system takes its time: a lock word names it. If it dies, the next one goes on from what
//! was committed; what it had reserved is reserved again, which changes nothing.

#![expect(clippy::disallowed_types, reason = "all threads of a process share what it knows of refusals")]

use crate::error::{Error, Result as ObjectResult};
use crate::lock::{Guard, Lockable, Recover};
use crate::membership::Membership;
use crate::superblock::{COMMITTED_PAGES, GROWER, GROWN};
use crate::sync::Ordering;
use crate::sync::plain::AtomicU64;
use shmkit_os as os;
use std::ops::Range;
use std::time::Duration;

/// The bytes that an object may take whose creator names neither them nor a size.
pub const DEFAULT_MAX_SIZE: u64 = 1 << 30;
/// The bytes that an object which grows takes at first, unless its creator names another number.
pub const DEFAULT_FIRST_SIZE: u64 = 1 << 20;
/// The most bytes that one step takes, unless a single write needs more.
const LARGEST_STEP: u64 = 4 << 20;
/// A step takes this fraction (1/n) of what there is.
const STEP_FRACTION: u64 = 8;
/// After the system refused memory, it is not asked again for this long.
const REFUSAL: u64 = 50_000_000;
/// The bits of the time until which memory is refused that tell by what, unless it is the size of the file system.
const BY_GROUP: u64 = 1;
const BY_LIMIT: u64 = 2;
const BY: u64 = BY_GROUP | BY_LIMIT;
/// What a step leaves of the limit of a memory group: this fraction (1/n), and at least this many bytes.
const GROUP_FRACTION: u64 = 16;
const GROUP_LEAVES: u64 = 16 << 20;

/// Why memory could not be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It has taken `maxSize`.
    Maximum,
    /// The file system has none: bytes that it has free, if that is known.
    FileSystem(Option<u64>),
    /// A disk quota, or a limit on memory, is used up.
    Limit,
    /// The memory group of the process would come too close to its limit: bytes that it has left.
    Group(u64),
    /// Another participant holds a lock that is needed: the error of waiting for it.
    Locked(Error),
}

impl Refusal {
    /// Returns the reason as a part of a message.
    pub fn reason(&self, max_size: u64) -> String {
        match self {
            Refusal::Maximum => format!("it has taken its maxSize of {max_size} bytes"),
            Refusal::FileSystem(Some(free)) => {
                format!("it could not grow: the file system has {free} bytes free")
            }
            Refusal::FileSystem(None) => "it could not grow: the system refused memory".into(),
            Refusal::Limit => "it could not grow: a disk quota, or a limit on memory, is used up".into(),
            Refusal::Group(left) => {
                format!("it did not grow: the memory limit of the control group leaves {left} bytes")
            }
            Refusal::Locked(error) => format!("it could not grow: {error}"),
        }
    }

    /// Returns what would let the object grow, as an instruction; `None` if only time does.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Refusal::Maximum => Some("create it with a larger maxSize"),
            Refusal::FileSystem(_) => Some("make room on the file system"),
            Refusal::Limit | Refusal::Group(_) => Some("raise that limit"),
            Refusal::Locked(_) => None,
        }
    }
}

/// The time until which this process does not ask the system for more memory, because it was refused. The lowest bits tell
/// by what: the room in its memory group can change at any moment.
#[derive(Debug, Default)]
pub struct RefusedUntil(AtomicU64);

impl RefusedUntil {
    fn note(&self, refusal: &Refusal) {
        let until = (os::clock::monotonic_ns() + REFUSAL) & !BY;
        let by = match refusal {
            Refusal::Group(_) => BY_GROUP,
            Refusal::Limit => BY_LIMIT,
            _ => 0,
        };
        self.0.store(until | by, Ordering::Relaxed);
    }

    /// Returns the bits that tell by what; `None` if the time has come.
    fn by(&self) -> Option<u64> {
        let until = self.0.load(Ordering::Relaxed);
        (os::clock::monotonic_ns() < until).then_some(until & BY)
    }

    /// Forgets what was refused, as if the process had just attached.
    pub fn forget(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// Returns how many units of memory the next step takes: `needed`, or a part of those `before`, if that is more, but no more
/// than are `left`.
pub fn step(before: u64, needed: u64, left: u64, bytes_per_unit: u64) -> u64 {
    (before / STEP_FRACTION).min(most_at_once(bytes_per_unit)).clamp(needed.min(left), left)
}

/// Returns how many units a participant commits at once. After each commit, those that wait for it see that there is progress.
pub fn most_at_once(bytes_per_unit: u64) -> u64 {
    (LARGEST_STEP / bytes_per_unit).max(1)
}

/// Fails if this many bytes more would bring the memory group of the process too close to its limit.
fn check_group(bytes: u64) -> Result<(), Refusal> {
    match os::process::memory_group() {
        Some(group)
            if group.left < bytes.saturating_add((group.limit / GROUP_FRACTION).max(GROUP_LEAVES)) =>
        {
            Err(Refusal::Group(group.left))
        }
        _ => Ok(()),
    }
}

/// An object that takes more memory; under a [`Guard`], the right to commit it.
#[derive(Debug, Clone, Copy)]
pub struct Growth<'a> {
    /// The participant that takes it.
    pub membership: &'a Membership,
    /// What it knows of refusals.
    pub refused: &'a RefusedUntil,
}

impl Growth<'_> {
    /// Acquires the right to commit memory. Waits at most `timeout` for a living participant that makes no progress.
    ///
    /// # Errors
    /// [`Refusal::Locked`].
    pub fn begin(self, timeout: Duration) -> Result<Guard<Self>, Refusal> {
        Guard::acquire(self, timeout).map_err(Refusal::Locked)
    }

    /// Fails if this many bytes were refused a moment ago, for the same reason.
    ///
    /// # Errors
    /// [`Refusal::Group`], [`Refusal::FileSystem`], [`Refusal::Limit`].
    pub fn check(&self, bytes: u64) -> Result<(), Refusal> {
        match self.refused.by() {
            None => Ok(()),
            Some(BY_GROUP) => check_group(bytes),
            Some(BY_LIMIT) => Err(Refusal::Limit),
            Some(_) => Err(Refusal::FileSystem(self.membership.region.free_bytes())),
        }
    }

    /// Takes memory for ranges of the file, which have about this many bytes.
    ///
    /// # Errors
    /// [`Refusal::Group`], [`Refusal::FileSystem`], [`Refusal::Limit`].
    pub fn take(&self, ranges: impl IntoIterator<Item = Range<u64>>, bytes: u64) -> Result<(), Refusal> {
        let refused = |refusal| {
            self.refused.note(&refusal);
            refusal
        };
        check_group(bytes).map_err(refused)?;
        let region = &self.membership.region;
        ranges.into_iter().try_for_each(|range| {
            let taken = region.take(range.start, range.end);
            taken.map_err(|error| match error.reason() {
                Some(_) => refused(Refusal::Limit),
                None => refused(Refusal::FileSystem(region.free_bytes())),
            })
        })
    }

    /// Stores how much has memory. Returns false only to a participant that was taken for dead: another one has gone on from
    /// `before`.
    pub fn commit(&self, before: u64, after: u64) -> bool {
        let region = &self.membership.region;
        let is_committed = region.swap_if(COMMITTED_PAGES, before, after).is_ok();
        if is_committed {
            region.hint_add(GROWN, 1);
        }
        is_committed
    }
}

impl Lockable for Growth<'_> {
    fn membership(&self) -> &Membership {
        self.membership
    }

    fn lock_at(&self) -> u64 {
        GROWER
    }

    fn progress(&self) -> u64 {
        self.membership.region.load(COMMITTED_PAGES)
    }
}

/// What an owner that died had reserved is reserved again, so there is nothing to recover.
impl Recover for Growth<'_> {
    fn is_dirty(&self) -> bool {
        false
    }

    fn finish(&self) -> ObjectResult<()> {
        Ok(())
    }
}
