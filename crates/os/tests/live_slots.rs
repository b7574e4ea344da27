//! Which slots of a file live participants hold.

#![allow(unsafe_code, clippy::disallowed_types, reason = "the support of the tests forks and shares memory")]
#![cfg(unix)]

mod support;

use shmkit_os::liveness::{LivenessLock, live_slots};
use shmkit_os::process::exclude_fork;
use shmkit_os::shm::{Access, ShmFile};
use support::TestSegment;

fn acquire(file: &ShmFile, slot: u32) -> Option<LivenessLock> {
    LivenessLock::acquire(&exclude_fork().unwrap(), file, slot..slot + 1).unwrap()
}

#[test]
fn live_slots_finds_every_held_slot_of_the_range_in_order() {
    let segment = TestSegment::new();
    let held = [0, 1, 5, 6, 7, 511, 512, 1022, 1023];
    let locks = held.map(|slot| acquire(&segment.open(Access::ReadWrite), slot).unwrap());
    let other = segment.open(Access::ReadOnly);
    assert_eq!(live_slots(&other, 0..1024).unwrap(), held);
    assert_eq!(live_slots(&other, 1..1023).unwrap(), held[1..8]);
    assert_eq!(live_slots(&other, 6..7).unwrap(), [6]);
    assert_eq!(live_slots(&other, 8..511).unwrap(), []);
    assert_eq!(live_slots(&other, 7..7).unwrap(), []);
    drop(locks);
    assert_eq!(live_slots(&other, 0..1024).unwrap(), []);
}
