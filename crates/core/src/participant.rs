//! The participant table: who is attached for writing.
//!
//! ```text
//! slot i, 16 bytes:   0 generation (4) | pid (4) | start time (8)
//! ```
//! A slot is alive while its process holds the beacon of its number, a lock that the kernel lets go
//! when the process dies. Pid and start time are for messages only. Slot 0 and generation 0 are never
//! used, so that no lock word of a participant is 0.

use crate::lock;
use crate::lock::word::MAX_GENERATION;
use crate::segment::{Participant, Segment};

impl Segment {
    /// The slots whose processes are not proven dead, and their pids. O(slots ever used).
    pub fn living(&self) -> impl Iterator<Item = (Participant, u32)> + '_ {
        (1..self.geometry.participants)
            .map(|slot| Participant { slot, generation: self.generation_of(slot) })
            .filter(|who| who.generation != 0 && !self.is_dead(*who))
            .map(|who| (who, self.pid_of(who.slot)))
    }
}

/// Registers this process in `slot`, whose beacon it holds, so that the slot's last owner is dead. With
/// the next generation every lock word that still names the last owner is that of a dead one; they are
/// taken over and recovered here, like any dead owner's, so that no word outlives the generations' wrap.
/// Dying in between leaves just words of the dead. `segment.me` becomes the new participant.
pub fn register(segment: &mut Segment, slot: u32, pid: u32, start_time: u64) {
    let at = segment.geometry.participant(slot);
    let generation = match segment.generation_of(slot) {
        last @ 0..MAX_GENERATION => last + 1,
        _ => 1,
    };
    segment.region.store32(at + 4, pid);
    segment.region.store(at + 8, start_time);
    segment.region.store32(at, generation);
    segment.me = Participant { slot, generation };
    lock::take_over_slot(segment);
}
