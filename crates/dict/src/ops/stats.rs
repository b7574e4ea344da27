//! Statistics, and calls over the whole dictionary.

use super::Dict;
use crate::guard::Guard;
use crate::layout::page::PageWord;
use crate::layout::shard::NEXT_DEADLINE;
use crate::layout::statistics::{self, Statistic};
use crate::recovery::audit::{audit_pages, audit_shard};
use crate::shard::Shard;
use crate::structures;
use shmkit_object::error::Result;
use shmkit_object::sync::Ordering;

/// Memory of one size class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassStats {
    /// Bytes of one block.
    pub block_size: u32,
    /// Pages of this class.
    pub pages: u32,
    /// Blocks in use.
    pub used: u32,
    /// Blocks free.
    pub free: u32,
}

/// The result of `stats()`. Not a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Bytes that the segment takes.
    pub size: u64,
    /// Bytes that it may take.
    pub max_size: u64,
    /// Times it has taken more.
    pub grown: u64,
    /// Bytes of all pages, which entries can use.
    pub capacity: u64,
    /// Bytes of blocks in use.
    pub used: u64,
    /// `capacity - used`.
    pub free: u64,
    /// Live entries.
    pub entries: u64,
    /// Reads that found an entry.
    pub hits: u64,
    /// Reads that found none.
    pub misses: u64,
    /// Writes.
    pub sets: u64,
    /// Deletions.
    pub deletes: u64,
    /// Entries evicted to make space.
    pub evictions: u64,
    /// Expired entries reclaimed.
    pub expired: u64,
    /// Times a writer slept for a lock.
    pub lock_waits: u64,
    /// Times a dead writer's shard was recovered.
    pub recoveries: u64,
    /// Live processes attached for writing.
    pub processes: u32,
    /// When it was created, and the counters were 0: nanoseconds of the boot clock.
    pub created: u64,
    /// Classes that have pages.
    pub per_class: Vec<ClassStats>,
}

impl Dict {
    /// Adds to a statistic, in this handle's stripe. Not an atomic addition, which would cost a read a
    /// tenth of its time: a count is lost where two handles share a stripe and count at the same time.
    #[inline]
    pub(crate) fn count(&self, statistic: Statistic, by: u64) {
        match &self.stats {
            Some(stats) => stats.count(statistic as usize, by),
            None => self.count_own(statistic, by),
        }
    }

    /// Adds to a statistic that only this handle shows, because it cannot write.
    #[cold]
    fn count_own(&self, statistic: Statistic, by: u64) {
        self.own_counts[statistic as usize].fetch_add(by, Ordering::Relaxed);
    }

    /// Returns the number of live entries. O(shards), plus O(entries) of the shards with expired entries that have not
    /// been reclaimed. Holds no lock. Not a snapshot.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::Retired`], [`shmkit_object::error::Error::Forked`].
    pub fn len(&self) -> Result<u64> {
        self.check_fork()?;
        let epoch = self.segment.live_epoch()?;
        let now = self.now();
        let live = |id| {
            let shard = Shard::new(&self.segment, id);
            let counted = shard.live(epoch.epoch());
            let due = counted > 0 && shard.load(NEXT_DEADLINE) <= now;
            if due { counted.saturating_sub(self.count_expired(&shard, now, epoch.tag())) } else { counted }
        };
        Ok((0..self.segment.geometry.shards).map(live).sum())
    }

    /// Returns whether there is no live entry.
    ///
    /// # Errors
    /// Those of `len`.
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Returns counters and memory use. The counters are those of all processes; a handle that cannot write adds its own
    /// reads, which no other handle shows. O(pages). Not a snapshot.
    ///
    /// # Errors
    /// Those of `len`.
    pub fn stats(&self) -> Result<Stats> {
        let segment = &*self.segment;
        let geometry = &segment.geometry;
        let sum = |statistic| {
            (0..geometry.stripes)
                .map(|stripe| {
                    segment.region.load_relaxed(geometry.stripe(stripe) + statistics::offset(statistic))
                })
                .fold(self.own_counts[statistic as usize].load(Ordering::Relaxed), u64::wrapping_add)
        };
        let per_class = self.per_class();
        let used = per_class.iter().map(|class| u64::from(class.used) * u64::from(class.block_size)).sum();
        let capacity = segment.capacity();
        Ok(Stats {
            size: segment.taken(),
            max_size: if geometry.is_elastic() { geometry.max_size } else { geometry.size },
            grown: segment.grown(),
            capacity,
            used,
            free: capacity.saturating_sub(used),
            entries: self.len()?,
            hits: sum(Statistic::Hits),
            misses: sum(Statistic::Misses),
            sets: sum(Statistic::Sets),
            deletes: sum(Statistic::Deletes),
            evictions: sum(Statistic::Evictions),
            expired: sum(Statistic::Expired),
            lock_waits: sum(Statistic::LockWaits),
            recoveries: sum(Statistic::Recoveries),
            processes: segment.living().count() as u32,
            created: segment.superblock.created,
            per_class,
        })
    }

    /// Returns the bytes of all pages that are not in use. O(pages).
    pub(crate) fn free_bytes(&self) -> u64 {
        let used = |class: &ClassStats| u64::from(class.used) * u64::from(class.block_size);
        let used: u64 = self.per_class().iter().map(used).sum();
        self.segment.capacity().saturating_sub(used)
    }

    fn per_class(&self) -> Vec<ClassStats> {
        let segment = &*self.segment;
        let classes = &segment.geometry.classes;
        let mut all: Vec<ClassStats> = (0..classes.count() as u8)
            .filter_map(|class| classes.size(class))
            .map(|block_size| ClassStats { block_size, pages: 0, used: 0, free: 0 })
            .collect();
        let shard = Shard::new(segment, 0);
        for page in 0..segment.pages() {
            let word = PageWord(segment.region.load(segment.geometry.page_word(page)));
            if let Some(class) = all.get_mut(usize::from(word.class()))
                && !word.is_free()
            {
                let blocks = classes.per_page(word.class());
                let used = shard.used_blocks(page).min(blocks);
                class.pages += 1;
                class.used += used;
                class.free += blocks - used;
            }
        }
        all.retain(|class| class.pages > 0);
        all
    }

    /// Audits everything and returns the problems. Locks one shard after the other; a read-only handle cannot lock, and
    /// audits a shard only while no writer changes it. O(entries + pages).
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::LockTimeout`], [`shmkit_object::error::Error::Retired`], [`shmkit_object::error::Error::Forked`].
    pub fn verify(&self) -> Result<Vec<String>> {
        self.check_fork()?;
        self.segment.live_epoch()?;
        let mut problems = audit_pages(&self.segment);
        problems.extend(structures::audit(&self.segment));
        for id in 0..self.segment.geometry.shards {
            if self.is_read_only() {
                problems.extend(audit_unlocked(&Shard::new(&self.segment, id)));
            } else {
                let guard = Guard::acquire(&self.segment, id, self.lock_timeout)?;
                problems.extend(audit_shard(&guard));
            }
        }
        Ok(problems)
    }
}

/// Audits a shard without its lock. Reports nothing if a writer interferes with every attempt.
fn audit_unlocked(shard: &Shard<'_>) -> Vec<String> {
    const TRIES: u32 = 10;
    let moment = || (shard.load32(crate::layout::shard::LOCK), shard.load(crate::layout::shard::SEQUENCE));
    for _ in 0..TRIES {
        let before = moment();
        if let Err(damage) = shard.segment.refresh_level(shard.id, shard.shape()) {
            return vec![damage.to_string()];
        }
        let problems = audit_shard(shard);
        if problems.is_empty() || (before.0 == 0 && before == moment()) {
            return problems;
        }
    }
    Vec::new()
}
