//! Test memory for objects in shared memory: one copy for unit tests, the crash enumerator, the
//! instruction counter, the fuzzer and the model checker.

mod heap;
mod liveness;
mod superblock;
mod twice;

pub use heap::Heap;
pub use liveness::{AllAlive, DeadSlots};
pub use superblock::superblock_for;
pub use twice::{MirroredFile, MirroredImage, Twice};

use shmkit_object::lifecycle::Kind;

/// Registers this process in an attached object: lock words that name the slot's previous owner are
/// taken over and recovered, like any dead owner's.
pub fn register<K: Kind>(object: &mut K, slot: u32) {
    object.membership_mut().register(slot, slot, 0);
    object.recover_slot();
}
