//! Being attached to a file of shared memory: its bytes, who we are in it, and who is dead.
//!
//! All kinds of named objects are built on it; each adds what it derives from the file.

#![expect(
    clippy::disallowed_types,
    reason = "all threads of the process learn that its participant was fenced"
)]

use crate::error::{Error, Result};
use crate::participants::PARTICIPANT_BYTES;
use crate::region::Region;
use crate::superblock::{self, EpochWord, Format, Superblock};
use crate::sync::{AtomicU32, Ordering};

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

/// A file of shared memory as this process is attached to it.
pub struct Membership {
    /// Its memory.
    pub region: Region,
    /// What never changes in it.
    pub superblock: Superblock,
    /// Who we are in it.
    pub me: Participant,
    liveness: Box<dyn Liveness>,
    /// Not 0 once somebody stole a lock from us while we lived: our view of who lives is broken.
    fenced: AtomicU32,
}

impl std::fmt::Debug for Membership {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Membership").field("me", &self.me).finish_non_exhaustive()
    }
}

impl Membership {
    /// Attaches to a formatted region, as somebody who only reads until registered.
    ///
    /// # Errors
    /// As [`Superblock::read`].
    pub fn attach(region: Region, format: &Format, liveness: Box<dyn Liveness>) -> Result<Membership> {
        let superblock = Superblock::read(&region, format)?;
        let end = participant_at(superblock.participants());
        if superblock.participants() == 0 || end > region.len() {
            return Err(Error::Corrupt("the table of participants does not fit into the file".into()));
        }
        let me = Participant::READER;
        Ok(Membership { region, superblock, me, liveness, fenced: AtomicU32::new(0) })
    }

    /// The epoch word: Acquire, so that what a `clear` or a writer did before is seen.
    #[inline]
    pub fn epoch(&self) -> EpochWord {
        EpochWord(self.region.load(superblock::EPOCH))
    }

    /// The epoch, unless the segment was replaced.
    ///
    /// # Errors
    /// [`Error::Retired`].
    #[inline]
    pub fn live_epoch(&self) -> Result<EpochWord> {
        let epoch = self.epoch();
        if epoch.is_retired() { Err(Error::Retired) } else { Ok(epoch) }
    }

    /// Makes every later call of every process fail with [`Error::Retired`]. Idempotent.
    pub fn retire(&self) {
        let mut seen = self.epoch();
        while !seen.is_retired()
            && let Err(now) = self.region.swap_if(superblock::EPOCH, seen.0, seen.retired().0)
        {
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
            return Err(Error::Corrupt("this process lost its registration; open the name again".into()));
        }
        Ok(())
    }

    /// A lock of ours was taken over although we live: stop writing.
    #[cold]
    pub fn fence_off(&self) {
        self.fenced.store(1, Ordering::Relaxed);
    }

    /// Participant slots, number 0 (never used) included.
    #[inline]
    pub fn participants(&self) -> u32 {
        self.superblock.participants()
    }

    /// True if the participant is proven gone, or never was.
    pub fn is_dead(&self, who: Participant) -> bool {
        if who.slot == 0 || who.slot >= self.participants() || who.generation == 0 {
            return true;
        }
        if who.slot == self.me.slot {
            return who.generation != self.me.generation;
        }
        self.generation_of(who.slot) != who.generation || self.liveness.is_dead(who.slot)
    }

    /// The generation of a slot's last registration.
    pub fn generation_of(&self, slot: u32) -> u32 {
        self.region.load32(participant_at(slot))
    }

    /// The pid that a slot was registered with: for messages only.
    pub fn pid_of(&self, slot: u32) -> u32 {
        if slot >= self.participants() {
            return 0;
        }
        self.region.load32(participant_at(slot) + 4)
    }
}

/// Where a kind's own bytes start, behind a table of participants of this size: at a cache line.
pub const fn body_at(participants: u32) -> u64 {
    (superblock::BYTES + participants as u64 * PARTICIPANT_BYTES).next_multiple_of(64)
}

/// Offset of a participant's slot: the table lies behind the superblock.
#[inline]
pub fn participant_at(slot: u32) -> u64 {
    superblock::BYTES + u64::from(slot) * PARTICIPANT_BYTES
}
