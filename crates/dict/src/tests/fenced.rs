//! An owner whose registration was lost while it lives: others take it for dead.

use super::fixture::*;
use crate::guard::Guard;
use std::time::Duration;

#[test]
fn an_owner_that_was_taken_for_dead_stops_writing_and_harms_nobody() {
    let machine = Machine::small();
    let (owner, heir) = (machine.process(1), machine.process(2));
    set(&owner, "k", text("before"));
    let guard = Guard::acquire(owner.segment(), 0, Duration::from_secs(1)).unwrap();
    machine.dead.add(1);
    set(&heir, "k", text("by the heir"));
    let heirs = Guard::acquire(heir.segment(), 0, Duration::from_secs(1)).unwrap();
    // Its unlock must not let go of the heir's lock.
    drop(guard);
    let third = machine.process(3);
    assert!(Guard::acquire(third.segment(), 0, Duration::from_millis(20)).is_err());
    drop(heirs);
    let refused = owner.delete(key("k"), None).unwrap_err();
    assert_eq!(refused.code(), "ERR_SHM_CORRUPT");
    assert!(refused.to_string().contains("registration"), "{refused}");
    assert_eq!(get(&owner, "k").as_deref(), Some(&b"by the heir"[..]));
    set(&third, "k", text("after"));
    assert_sound(&heir);
}
