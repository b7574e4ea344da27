//! The membership of a shared-memory file: its region, our participant id, and the liveness of the others.
//!
//! All kinds of named objects build on it; each adds what it derives from the file.

#![expect(
    clippy::disallowed_types,
    reason = "all threads of the process learn that its participant was fenced"
)]

use crate::error::{Error, Result};
use crate::participants::PARTICIPANT_BYTES;
use crate::region::Region;
use crate::superblock::{self, EpochWord, Format, Superblock};
use crate::sync::{AtomicU32, Ordering};

/// Reports whether a participant's process has exited. No lock is ever taken from a live process, so an
/// implementation returns true only if the kernel proves it.
pub trait Liveness: Send + Sync {
    /// Returns whether the process that registered `slot` is proven to have exited.
    fn is_dead(&self, slot: u32) -> bool;
}

/// A slot in the participant table. Neither number is 0 for a participant that may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Participant {
    /// The number of the slot.
    pub slot: u32,
    /// The generation of the slot at the registration.
    pub generation: u32,
}

impl Participant {
    /// A reader, which has no slot.
    pub const READER: Participant = Participant { slot: 0, generation: 0 };

    /// The process that created the object: the first one in the first slot.
    pub(crate) const CREATOR: Participant = Participant { slot: 1, generation: 1 };
}

/// A shared-memory file that this process is attached to.
pub struct Membership {
    /// Its memory.
    pub region: Region,
    /// The part of it that never changes.
    pub superblock: Superblock,
    /// Our slot in it.
    pub me: Participant,
    liveness: Box<dyn Liveness>,
    /// Not 0 once a lock was taken from this participant while it was alive.
    fenced: AtomicU32,
}

impl std::fmt::Debug for Membership {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Membership").field("me", &self.me).finish_non_exhaustive()
    }
}

impl Membership {
    /// Attaches to a formatted region, as a reader until `register` is called.
    ///
    /// # Errors
    /// Like [`Superblock::read`].
    pub fn attach(region: Region, format: &Format, liveness: Box<dyn Liveness>) -> Result<Membership> {
        let superblock = Superblock::read(&region, format)?;
        let end = participant_at(superblock.participants());
        if superblock.participants() == 0 || end > region.len() {
            return Err(Error::Corrupt("the table of participants does not fit into the file".into()));
        }
        let me = Participant::READER;
        Ok(Membership { region, superblock, me, liveness, fenced: AtomicU32::new(0) })
    }

    /// Returns the epoch word. Acquire: pairs with the Release of the stores and swaps that change it.
    #[inline]
    pub fn epoch(&self) -> EpochWord {
        EpochWord(self.region.load(superblock::EPOCH))
    }

    /// Returns the epoch, unless the object was replaced.
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
        superblock::mark(&self.region, EpochWord::retired);
    }

    /// Returns whether the object has an owner that died by a signal, so that only attached processes keep it.
    pub(crate) fn is_orphan(&self) -> bool {
        let Superblock { owned, persist, .. } = self.superblock;
        owned && !persist && !self.epoch().is_adopted() && self.is_dead(Participant::CREATOR)
    }

    /// Makes an orphan an object without an owner, which lives until its name is removed. Idempotent.
    pub(crate) fn adopt(&self) {
        superblock::mark(&self.region, EpochWord::adopted);
    }

    /// Returns whether this process is attached read-only.
    #[inline]
    pub fn is_read_only(&self) -> bool {
        self.me.slot == 0
    }

    /// Checks that this participant may write.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], or [`Error::Corrupt`] if a lock was taken from this participant.
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

    /// Ends writing: a lock of this participant was taken over although it is alive.
    #[cold]
    pub(crate) fn fence_off(&self) {
        self.fenced.store(1, Ordering::Relaxed);
    }

    /// Returns the number of participant slots, including number 0, which is never used.
    #[inline]
    pub fn participants(&self) -> u32 {
        self.superblock.participants()
    }

    /// Returns whether the participant is proven dead, or never existed.
    pub fn is_dead(&self, participant: Participant) -> bool {
        if participant.slot == 0 || participant.slot >= self.participants() || participant.generation == 0 {
            return true;
        }
        if participant.slot == self.me.slot {
            return participant.generation != self.me.generation;
        }
        self.generation_of(participant.slot) != participant.generation
            || self.liveness.is_dead(participant.slot)
    }

    /// Returns the generation of a slot's last registration.
    pub(crate) fn generation_of(&self, slot: u32) -> u32 {
        self.region.load32(participant_at(slot))
    }

    /// Returns the pid that a slot was registered with. For messages only: the participant wrote it.
    pub fn pid_of(&self, slot: u32) -> u32 {
        if slot >= self.participants() {
            return 0;
        }
        self.region.load32(participant_at(slot) + 4)
    }
}

/// Returns the offset of a kind's own bytes, past a participant table of this size, at a cache line.
pub const fn body_at(participants: u32) -> u64 {
    (superblock::BYTES + participants as u64 * PARTICIPANT_BYTES).next_multiple_of(64)
}

/// Returns the offset of a participant's slot. The table lies past the superblock.
#[inline]
pub fn participant_at(slot: u32) -> u64 {
    superblock::BYTES + u64::from(slot) * PARTICIPANT_BYTES
}
