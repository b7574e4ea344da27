//! Taking more memory: for pages, and for a shard's index that is doubled.
//!
//! Both begin outside of the shards' locks, because the system takes its time. One participant at a time takes pages; see
//! [`shmkit_object::growth`].

use crate::guard::Guard;
use crate::index::double::double;
use crate::index::find::LookupResult;
use crate::layout::geometry::SLOTS;
use crate::ops::Dict;
use crate::segment::Segment;
use shmkit_object::growth::{Growth, Refusal, most_at_once, step};
use shmkit_object::superblock::{FREE_CURSOR, FREE_PAGES, GROWN};
use std::time::Duration;

impl Segment {
    /// Takes memory for `needed` more pages or for a step, whichever is more, as far as `maxSize` allows. Waits at most
    /// `timeout` for a living participant that takes memory and makes no progress.
    pub(crate) fn grow(&self, needed: u64, timeout: Duration) -> Result<(), Refusal> {
        if !self.geometry.is_elastic() {
            return Err(Refusal::Maximum);
        }
        let before = self.pages();
        let grower = self.growth().begin(timeout)?;
        if self.pages() > before {
            return Ok(());
        }
        let (per_page, left) = (self.geometry.bytes_per_page(), self.pages_left());
        if left == 0 {
            return Err(Refusal::Maximum);
        }
        let needed = needed.clamp(1, left);
        grower.check(needed * per_page)?;
        let step = step(before.into(), needed, left, per_page);
        match self.commit_all(&grower, before, step) {
            Err(Refusal::FileSystem(_) | Refusal::Limit) if step > needed => {
                self.commit_all(&grower, before, needed)
            }
            outcome => outcome,
        }
    }

    /// Returns how many more pages `maxSize` allows.
    fn pages_left(&self) -> u64 {
        let bytes = self.geometry.max_size.saturating_sub(self.taken());
        (bytes / self.geometry.bytes_per_page()).min(self.most_pages().saturating_sub(self.pages().into()))
    }

    /// Returns whether the dictionary has all the pages that `maxSize` allows.
    #[cold]
    pub(crate) fn is_at_maximum(&self) -> bool {
        self.pages_left() == 0
    }

    /// Commits pages after the first `before`, a step at a time.
    fn commit_all(&self, grower: &Growth<'_>, before: u32, count: u64) -> Result<(), Refusal> {
        let most = most_at_once(self.geometry.bytes_per_page());
        for done in (0..count).step_by(most as usize) {
            self.commit_pages(grower, before + done as u32, most.min(count - done) as u32)?;
        }
        Ok(())
    }

    fn commit_pages(&self, grower: &Growth<'_>, before: u32, count: u32) -> Result<(), Refusal> {
        let (after, bytes) = (before + count, u64::from(count) * self.geometry.bytes_per_page());
        grower.take(self.geometry.page_ranges(before..after), bytes)?;
        if grower.commit(before.into(), after.into()) {
            self.note_pages(after);
            self.region.hint_add(FREE_PAGES, u64::from(count));
            self.region.hint(FREE_CURSOR, u64::from(before));
        }
        Ok(())
    }

    /// Takes memory for the upper half of a shard's index.
    fn take_upper_half(&self, shard: u32, level: u32) -> Result<(), Refusal> {
        let bytes = self.geometry.index_bytes(level + 1) - self.geometry.index_bytes(level);
        if self.taken() + bytes > self.geometry.max_size {
            return Err(Refusal::Maximum);
        }
        let growth = self.growth();
        growth.check(bytes)?;
        growth.take([self.geometry.index_range(shard, Some(level), level + 1)], bytes)
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
        let guard = self.lock(id).map_err(Refusal::Locked)?;
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
