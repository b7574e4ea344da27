//! A live owner whose registration was lost, so that other processes take it for dead.

use super::fixture::*;
use crate::guard::Guard;
use std::time::Duration;

#[test]
fn a_fenced_owner_fails_its_writes_and_does_no_harm() {
    let machine = Machine::small();
    let (owner, successor) = (machine.process(1), machine.process(2));
    set(&owner, "k", text("before"));
    let guard = Guard::acquire(owner.segment(), 0, Duration::from_secs(1)).unwrap();
    machine.dead.add(1);
    set(&successor, "k", text("by the successor"));
    let held = Guard::acquire(successor.segment(), 0, Duration::from_secs(1)).unwrap();
    // The owner's unlock must not release the successor's lock.
    drop(guard);
    let third = machine.process(3);
    assert!(Guard::acquire(third.segment(), 0, Duration::from_millis(20)).is_err());
    drop(held);
    let refused = owner.delete(key("k"), None).unwrap_err();
    assert_eq!(refused.code(), "ERR_SHM_CORRUPT");
    assert!(refused.to_string().contains("registration"), "{refused}");
    assert_eq!(get(&owner, "k").as_deref(), Some(&b"by the successor"[..]));
    set(&third, "k", text("after"));
    assert_sound(&successor);
}
