//! The participant table: the processes attached for writing.
//!
//! ```text
//! slot i, 16 bytes:   0 generation (4) | pid (4) | start time (8)
//! ```
//! A slot is alive while its process holds the liveness lock of that number, which the kernel releases when the
//! process exits. Pid and start time are for messages only. Slot 0 and generation 0 are never used, so that no lock
//! word of a participant is 0.

use crate::lock::word::MAX_GENERATION;
use crate::membership::{Membership, Participant, participant_at};

/// The number of participant slots of the small kinds, including number 0, which is never used.
pub const SLOTS: u32 = 1024;
/// The bytes of a participant's slot.
pub const PARTICIPANT_BYTES: u64 = 16;

impl Membership {
    /// Returns the participants that are not proven dead, and their pids. O(slots ever used).
    pub fn living(&self) -> impl Iterator<Item = (Participant, u32)> + '_ {
        (1..self.participants())
            .map(|slot| Participant { slot, generation: self.generation_of(slot) })
            .filter(|participant| participant.generation != 0 && !self.is_dead(*participant))
            .map(|participant| (participant, self.pid_of(participant.slot)))
    }

    /// Registers this process in `slot`, whose liveness lock it holds, so the slot's previous owner is dead.
    /// From then on every word that names the previous owner names a dead participant. The caller recovers these
    /// words next, so that none outlives the wrap of the generations. A death in between only leaves words of dead
    /// participants.
    pub fn register(&mut self, slot: u32, pid: u32, start_time: u64) {
        let at = participant_at(slot);
        let generation = match self.generation_of(slot) {
            last @ 0..MAX_GENERATION => last + 1,
            _ => 1,
        };
        self.region.store32(at + 4, pid);
        self.region.store(at + 8, start_time);
        self.region.store32(at, generation);
        self.me = Participant { slot, generation };
    }
}
