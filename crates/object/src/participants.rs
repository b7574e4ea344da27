//! The participant table: who is attached for writing.
//!
//! ```text
//! slot i, 16 bytes:   0 generation (4) | pid (4) | start time (8)
//! ```
//! A slot is alive while its process holds the liveness lock of its number, which the kernel releases
//! when the process dies. Pid and start time are for messages only. Slot 0 and generation 0 are never
//! used, so that no lock word of a participant is 0.

use crate::lock::word::MAX_GENERATION;
use crate::membership::{Membership, Participant, participant_at};

/// Participant slots of the small kinds, number 0 (never used) included.
pub const SLOTS: u32 = 1024;
/// Bytes of a participant's slot.
pub const PARTICIPANT_BYTES: u64 = 16;

impl Membership {
    /// The slots whose processes are not proven dead, and their pids. O(slots ever used).
    pub fn living(&self) -> impl Iterator<Item = (Participant, u32)> + '_ {
        (1..self.participants())
            .map(|slot| Participant { slot, generation: self.generation_of(slot) })
            .filter(|who| who.generation != 0 && !self.is_dead(*who))
            .map(|who| (who, self.pid_of(who.slot)))
    }

    /// Registers this process in `slot`, whose liveness lock it holds, so that the slot's last owner is dead.
    /// With the next generation every word that still names the last owner is that of a dead one. The
    /// caller recovers those words next, so that none outlives the generations' wrap; dying in between
    /// leaves just words of the dead.
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
