//! Taking more memory: for pages, and for a shard's index that is doubled.
//!
//! Both begin outside of the shards' locks, because the system takes its time. One participant at a time takes pages: a lock
//! word names it, and if it dies, the next one goes on from what was committed. What it had reserved is
//! reserved again, which changes nothing.

use crate::guard::Guard;
use crate::index::double::double;
use crate::index::find::LookupResult;
use crate::layout::geometry::SLOTS;
use crate::ops::Dict;
use crate::segment::{Growing, Segment};
use shmkit_object::lock;
use shmkit_object::superblock::{COMMITTED_PAGES, FREE_CURSOR, FREE_PAGES, GROWN};
use shmkit_os as os;
use std::time::Duration;

/// The most bytes that one step takes, unless a single write needs more.
const LARGEST_STEP: u64 = 4 << 20;
/// A step takes this fraction (1/n) of what there is.
const STEP_FRACTION: u64 = 8;
/// Longest wait for another participant that takes memory.
const GROWER_TIMEOUT: Duration = Duration::from_millis(100);
/// After the system refused memory, it is not asked again for this long.
const REFUSAL: u64 = 50_000_000;
/// What a step leaves of the limit of a memory group: this fraction (1/n), and at least this many bytes.
const GROUP_FRACTION: u64 = 16;
const GROUP_LEAVES: u64 = 16 << 20;

/// Why memory could not be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It has taken `maxSize`.
    Maximum,
    /// The file system has none: bytes that it has free, if that is known.
    FileSystem(Option<u64>),
    /// The memory group of the process would come too close to its limit: bytes that it has left.
    Group(u64),
    /// Another participant that takes memory made no progress.
    Busy,
}

impl Refusal {
    /// Returns the reason as the end of a message.
    pub(crate) fn reason(self, segment: &Segment) -> String {
        match self {
            Refusal::Maximum => format!("it has taken its maxSize of {} bytes", segment.geometry.max_size),
            Refusal::FileSystem(Some(free)) => {
                format!("it could not grow: the file system has {free} bytes free")
            }
            Refusal::FileSystem(None) => "it could not grow: the system refused memory".into(),
            Refusal::Group(left) => {
                format!("it did not grow: the memory limit of the control group leaves {left} bytes")
            }
            Refusal::Busy => "it could not grow: another process that takes memory made no progress".into(),
        }
    }
}

impl Segment {
    /// Returns whether memory for `bytes` more may be asked for.
    fn may_take(&self, bytes: u64) -> Result<(), Refusal> {
        if let Some(group) = os::process::memory_group()
            && group.left < bytes.saturating_add((group.limit / GROUP_FRACTION).max(GROUP_LEAVES))
        {
            return Err(self.refused(Refusal::Group(group.left)));
        }
        Ok(())
    }

    fn refused(&self, refusal: Refusal) -> Refusal {
        self.note_refusal(os::clock::monotonic_ns() + REFUSAL);
        refusal
    }

    fn is_refused(&self) -> bool {
        os::clock::monotonic_ns() < self.refused_until()
    }

    fn take_range(&self, range: &std::ops::Range<u64>) -> Result<(), Refusal> {
        self.region
            .take(range.start, range.end)
            .map_err(|_| self.refused(Refusal::FileSystem(self.region.free_bytes())))
    }

    /// Takes memory for `needed` more pages or for a step, whichever is more, as far as `maxSize` allows.
    pub(crate) fn grow(&self, needed: u64) -> Result<(), Refusal> {
        if !self.geometry.is_elastic() {
            return Err(Refusal::Maximum);
        }
        let before = self.pages();
        let Ok(_grower) = lock::Guard::acquire(Growing(self), GROWER_TIMEOUT) else {
            return Err(Refusal::Busy);
        };
        if self.pages() > before {
            return Ok(());
        }
        let per_page = self.geometry.bytes_per_page();
        let left = self.geometry.max_size.saturating_sub(self.taken()) / per_page;
        let left = left.min(self.most_pages() - u64::from(before));
        if left == 0 {
            return Err(Refusal::Maximum);
        }
        if self.is_refused() {
            return Err(Refusal::FileSystem(self.region.free_bytes()));
        }
        let needed = needed.clamp(1, left);
        let step = (u64::from(before) / STEP_FRACTION).min(LARGEST_STEP / per_page).clamp(needed, left);
        match self.commit_pages(before, step as u32) {
            Err(Refusal::FileSystem(_)) if step > needed => self.commit_pages(before, needed as u32),
            outcome => outcome,
        }
    }

    fn commit_pages(&self, before: u32, count: u32) -> Result<(), Refusal> {
        self.may_take(u64::from(count) * self.geometry.bytes_per_page())?;
        let after = before + count;
        for range in self.geometry.page_ranges(before..after) {
            self.take_range(&range)?;
        }
        // It fails only for a grower that was taken for dead: another one has gone on from here.
        if self.region.swap_if(COMMITTED_PAGES, u64::from(before), u64::from(after)).is_ok() {
            self.note_pages(after);
            self.region.hint_add(FREE_PAGES, u64::from(count));
            self.region.hint(FREE_CURSOR, u64::from(before));
            self.region.hint_add(GROWN, 1);
        }
        Ok(())
    }

    /// Takes memory for the upper half of a shard's index.
    fn take_upper_half(&self, shard: u32, level: u32) -> Result<(), Refusal> {
        let bytes = self.geometry.index_bytes(level + 1) - self.geometry.index_bytes(level);
        if self.taken() + bytes > self.geometry.max_size {
            return Err(Refusal::Maximum);
        }
        if self.is_refused() {
            return Err(Refusal::FileSystem(self.region.free_bytes()));
        }
        self.may_take(bytes)?;
        self.take_range(&self.geometry.index_range(shard, Some(level), level + 1))
    }
}

/// Returns whether a shard's index is so full that it should be doubled: from 55 to 65 percent, by the number of the shard,
/// so that not all shards are doubled at once.
fn is_full(guard: &Guard<'_>) -> bool {
    let percent = 55 + u64::from(guard.id) * 7 % 11;
    guard.live(guard.epoch().epoch()) * 100 >= guard.shape().buckets() * SLOTS * percent
}

impl Dict {
    /// Doubles the index of a shard to which a write has added an entry, if it is full enough.
    #[inline(always)]
    pub(crate) fn double_if_full(&self, guard: Guard<'_>, found: &LookupResult) {
        if found.entry.is_none() && self.segment.geometry.is_elastic() {
            self.double_full(guard);
        }
    }

    #[inline(never)]
    fn double_full(&self, guard: Guard<'_>) {
        if guard.shape().level() < self.segment.geometry.max_level && is_full(&guard) {
            // If there is no memory, probes get longer until a write finds no slot.
            let _: Result<_, Refusal> = self.double(guard);
        }
    }

    /// Doubles the index of a shard, or sweeps it if that is due.
    #[cold]
    pub(crate) fn double(&self, guard: Guard<'_>) -> Result<(), Refusal> {
        let Some(guard) = self.sweep_if_due(guard) else { return Ok(()) };
        let (id, shape) = (guard.id, guard.shape());
        drop(guard);
        if shape.level() >= self.segment.geometry.max_level {
            return Err(Refusal::Maximum);
        }
        self.segment.take_upper_half(id, shape.level())?;
        let Ok(guard) = self.lock(id) else { return Err(Refusal::Busy) };
        if guard.shape() != shape {
            return Ok(());
        }
        if !double(&guard) {
            // The next owner of the lock drops damaged entries.
            guard.store32(crate::layout::shard::STATE, crate::layout::shard::STATE_REBUILD);
        }
        self.segment.region.hint_add(GROWN, 1);
        Ok(())
    }
}
