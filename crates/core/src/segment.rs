//! An attached segment: checked memory, private geometry, and who we are in it.

use crate::error::{Error, Result};
use crate::layout::geometry::Geometry;
use crate::layout::shard;
use crate::layout::superblock::{self, EpochWord, Superblock};
use crate::region::Region;
use crate::sync::{AtomicU32, Ordering};
use shmkit_os as os;
use std::sync::Arc;

/// Tells whether a participant's process is gone. Nothing is ever stolen from the living, so an
/// implementation says "dead" only when the kernel proves it.
pub trait Liveness: Send + Sync {
    /// True if the process that registered `slot` is proven gone.
    fn is_dead(&self, slot: u32) -> bool;
}

/// Our slot in the participant table. Both numbers are never 0 for somebody who may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Participant {
    /// Number of the slot.
    pub slot: u32,
    /// Its generation at our registration.
    pub generation: u32,
}

impl Participant {
    /// Somebody who only reads.
    pub const READER: Participant = Participant { slot: 0, generation: 0 };
}

/// Where "now" comes from.
#[derive(Debug)]
pub enum Clock {
    /// Nanoseconds since boot.
    Boot,
    /// A test's, in milliseconds.
    Fixed(Arc<AtomicU32>),
}

impl Clock {
    /// Nanoseconds; never 0.
    #[inline]
    pub fn now(&self) -> u64 {
        match self {
            Clock::Boot => os::clock::boot_ns().max(1),
            Clock::Fixed(ms) => u64::from(ms.load(Ordering::Relaxed)) * 1_000_000 + 1,
        }
    }
}

/// An attached segment.
pub struct Segment {
    /// Its memory.
    pub region: Region,
    /// Our private copy of its geometry.
    pub geometry: Geometry,
    /// What never changes in it.
    pub superblock: Superblock,
    /// Who we are in it.
    pub me: Participant,
    /// The clock of its deadlines.
    pub clock: Clock,
    liveness: Box<dyn Liveness>,
    /// Not 0 once somebody stole a lock from us while we lived: our view of who lives is broken.
    fenced: AtomicU32,
}

impl std::fmt::Debug for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Segment")
            .field("geometry", &self.geometry)
            .field("me", &self.me)
            .finish_non_exhaustive()
    }
}

impl Segment {
    /// Turns an all-zero region into an empty dictionary.
    pub fn format(region: &Region, geometry: &Geometry, superblock: &Superblock) {
        for id in 0..geometry.shards {
            let at = geometry.shard(id);
            region.store(at + shard::SEQUENCE, 1);
            region.store(at + shard::LIVE, live_word(1, 0));
            region.store(at + shard::NEXT_DEADLINE, u64::MAX);
            region.store(at + shard::SWEPT_EPOCH, 1);
        }
        region.hint(superblock::FREE_PAGES, u64::from(geometry.pages));
        superblock.format(region, geometry);
    }

    /// Attaches to a formatted region.
    ///
    /// # Errors
    /// As [`Superblock::read`].
    pub fn attach(
        region: Region,
        me: Participant,
        liveness: Box<dyn Liveness>,
        clock: Clock,
    ) -> Result<Segment> {
        let (superblock, geometry) = Superblock::read(&region)?;
        Ok(Segment { region, geometry, superblock, me, clock, liveness, fenced: AtomicU32::new(0) })
    }

    /// The epoch word: Acquire, so that what a `clear` or a writer did before is seen.
    #[inline]
    pub fn epoch(&self) -> EpochWord {
        EpochWord(self.region.load(superblock::EPOCH))
    }

    /// The epoch, unless the segment was replaced.
    #[inline]
    pub fn live_epoch(&self) -> Result<EpochWord> {
        let epoch = self.epoch();
        if epoch.is_retired() { Err(Error::Retired) } else { Ok(epoch) }
    }

    /// Makes every later call of every process fail with [`Error::Retired`]. Idempotent.
    pub fn retire(&self) {
        let mut seen = self.epoch();
        while let Err(now) = self.region.swap_if(superblock::EPOCH, seen.0, seen.0 | superblock::RETIRED) {
            seen = EpochWord(now);
        }
    }

    /// True for a handle that cannot write.
    #[inline]
    pub fn is_read_only(&self) -> bool {
        self.me.slot == 0
    }

    /// # Errors
    /// [`Error::ReadOnly`], or [`Error::Corrupt`] if a lock was stolen from us.
    #[inline]
    pub fn check_writable(&self) -> Result<()> {
        if self.is_read_only() {
            return Err(Error::ReadOnly);
        }
        if self.fenced.load(Ordering::Relaxed) != 0 {
            return Err(Error::Corrupt(
                "this process lost its registration; open the dictionary again".into(),
            ));
        }
        Ok(())
    }

    /// A lock of ours was taken over although we live: stop writing.
    #[cold]
    pub fn fence_off(&self) {
        self.fenced.store(1, Ordering::Relaxed);
    }

    /// True if the participant is proven gone, or never was.
    pub fn is_dead(&self, who: Participant) -> bool {
        if who.slot == 0 || who.slot >= self.geometry.participants || who.generation == 0 {
            return true;
        }
        if who.slot == self.me.slot {
            return who.generation != self.me.generation;
        }
        self.generation_of(who.slot) != who.generation || self.liveness.is_dead(who.slot)
    }

    /// The generation of a slot's last registration.
    pub fn generation_of(&self, slot: u32) -> u32 {
        self.region.load32(self.geometry.participant(slot))
    }

    /// The pid that a slot was registered with: for messages only.
    pub fn pid_of(&self, slot: u32) -> u32 {
        if slot >= self.geometry.participants {
            return 0;
        }
        self.region.load32(self.geometry.participant(slot) + 4)
    }
}

/// A shard's live counter: entries of `epoch`; under another epoch there are none.
#[inline]
pub fn live_word(epoch: u64, live: u64) -> u64 {
    epoch << 32 | live & 0xFFFF_FFFF
}
