//! The death of a holder is reported to the next one, exactly once, whichever process dies at whichever store.

use super::{LockRequest, RequestOutcome, World, ask, is_held, lock_request};
use crate::locks::{LockTable, Mode, PendingLock, RequestId, RequestState, StateWord};
use shmkit_object::crash::{self, CrashPlan, Died};
use shmkit_object::waiter::{Polled, WaitCondition};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

fn owner_died(table: &LockTable, request: RequestId) -> bool {
    assert!(is_held(table, request));
    table.state_of(request).1.owner_died
}

/// Acquires and releases a lock. Returns whether `owner_died` was set.
fn owner_died_of_next(table: &LockTable, name: &str) -> bool {
    let request = ask(table, name, Mode::Exclusive);
    let reported = owner_died(table, request);
    table.release(request).unwrap();
    reported
}

/// Returns whether this process holds the name, according to the table.
fn holds(table: &LockTable, name: &str) -> bool {
    let me = table.membership.me;
    table.requests().filter(|record| record.name().bytes == name.as_bytes()).any(|record| {
        let word = record.word();
        word.owner() == me && word.state() == RequestState::Held
    })
}

#[test]
fn owner_died_is_set_for_the_next_holder_and_for_no_later_one() {
    let world = World::new(16);
    let (one, two) = (world.process(1), world.process(2));
    for mode in [Mode::Exclusive, Mode::Shared] {
        let dying = world.process(3);
        ask(&dying, "a", mode);
        ask(&dying, "b", mode);
        world.dead.add(3);
        assert!(owner_died_of_next(&one, "a"), "{mode:?}");
        assert!(!owner_died_of_next(&two, "a") && !owner_died_of_next(&one, "c"), "{mode:?}");
        assert!(owner_died_of_next(&two, "b"), "{mode:?}");
    }
}

#[test]
fn owner_died_is_not_set_for_one_that_waited_released_or_was_stolen_from() {
    let world = World::new(16);
    let (one, two) = (world.process(1), world.process(2));
    let holding = ask(&one, "a", Mode::Exclusive);
    ask(&two, "a", Mode::Exclusive);
    let released = ask(&two, "b", Mode::Exclusive);
    two.release(released).unwrap();
    ask(&two, "c", Mode::Exclusive);
    let steal = LockRequest { steal: true, ..lock_request("c", Mode::Exclusive) };
    let RequestOutcome::Held(stolen, grant) = one.request(&steal).unwrap() else {
        panic!("steal does not wait")
    };
    assert!(!grant.owner_died);
    world.dead.add(2);
    // What it waits for is released before any process has noticed its death.
    for request in [holding, stolen] {
        one.release(request).unwrap();
    }
    assert!(!["a", "b", "c"].into_iter().any(|name| owner_died_of_next(&one, name)));
}

#[test]
fn owner_died_of_a_shared_holder_is_set_for_the_next_grant_beside_other_holders() {
    let world = World::new(16);
    let (one, two, dying) = (world.process(1), world.process(2), world.process(3));
    let first = ask(&one, "a", Mode::Shared);
    ask(&dying, "a", Mode::Shared);
    world.dead.add(3);
    one.recover_dead();
    let if_available = LockRequest { if_available: true, ..lock_request("a", Mode::Shared) };
    let RequestOutcome::Held(second, grant) = two.request(&if_available).unwrap() else {
        panic!("it can be shared")
    };
    assert!(grant.owner_died && !owner_died(&one, first));
    assert!(!owner_died(&two, ask(&two, "a", Mode::Shared)));
    // The first one was granted before the second, and dies after the second one learned of a death.
    world.dead.add(1);
    assert!(owner_died(&two, ask(&two, "a", Mode::Shared)));
    assert!(owner_died(&two, second), "a grant does not change");
}

#[test]
fn owner_died_is_set_for_if_available_and_steal() {
    let world = World::new(16);
    let one = world.process(1);
    for request_of in [
        LockRequest { if_available: true, ..lock_request("a", Mode::Exclusive) },
        LockRequest { steal: true, ..lock_request("a", Mode::Exclusive) },
    ] {
        let dying = world.process(2);
        ask(&dying, "a", Mode::Exclusive);
        world.dead.add(2);
        let RequestOutcome::Held(request, grant) = one.request(&request_of).unwrap() else {
            panic!("{request_of:?}")
        };
        assert!(grant.owner_died, "{request_of:?}");
        one.release(request).unwrap();
        assert!(!owner_died_of_next(&one, "a"));
    }
}

#[test]
fn owner_died_is_set_when_a_grant_was_abandoned_or_not_delivered() {
    let world = World::new(16);
    let (one, two) = (world.process(1), world.process(2));
    let abandoned = ask(&one, "a", Mode::Exclusive);
    let waiting = ask(&two, "a", Mode::Exclusive);
    let mut pending = PendingLock::new(Arc::clone(&two), waiting);
    assert!(matches!(pending.poll(true), Polled::Unavailable { wake_next: true, .. }));
    one.abandon(abandoned).unwrap();
    assert!(matches!(pending.poll(true), Polled::Done));
    drop(pending);
    assert!(owner_died_of_next(&one, "a") && !owner_died_of_next(&one, "a"));
    // No holder died: an undelivered grant leaves nothing to report.
    drop(PendingLock::new(Arc::clone(&two), ask(&two, "a", Mode::Exclusive)));
    assert!(!owner_died_of_next(&one, "a"));
}

#[test]
fn owner_died_records_block_no_request_and_are_evicted_when_full() {
    let world = World::new(3);
    let one = world.process(1);
    let dying = world.process(2);
    for name in ["a", "b", "c"] {
        ask(&dying, name, Mode::Exclusive);
    }
    world.dead.add(2);
    one.recover_dead();
    assert_eq!((one.query().unwrap().len(), one.requests().count(), one.records().count()), (0, 0, 3));
    // All records are owner-died ones. The oldest of another name is evicted unreported; one of the same name if
    // there is no other.
    let reported = ["c", "a", "b"].map(|name| owner_died(&one, ask(&one, name, Mode::Exclusive)));
    assert_eq!(reported, [true, false, false]);
    assert!(one.request(&lock_request("d", Mode::Shared)).is_err());
}

/// A process dies before each of its stores, and the process that recovers from that as well. If it held the
/// lock when it died, `owner_died` is set for the next holder, and for no other.
#[test]
fn owner_died_is_set_once_after_death_at_any_store() {
    type Step = fn(&LockTable, RequestId);
    let steps: [(&str, Step); 4] = [
        ("release", |table, mine| drop(table.release(mine))),
        ("abandon", |table, mine| drop(table.abandon(mine))),
        ("request another", |table, _| drop(table.request(&lock_request("b", Mode::Exclusive)))),
        ("steal", |table, _| {
            drop(table.request(&LockRequest { steal: true, ..lock_request("a", Mode::Exclusive) }))
        }),
    ];
    for (name, step) in steps {
        for die_at in 0.. {
            let mut is_through = false;
            for recovery_dies_at in 0.. {
                let at = format!("{name}, store {die_at}, recovering process's store {recovery_dies_at}");
                let world = World::new(16);
                let (victim, recovering, last) = (world.process(1), world.process(2), world.process(3));
                let mine = ask(&victim, "a", Mode::Exclusive);
                ask(&recovering, "c", Mode::Exclusive);
                let waiting = [Mode::Shared, Mode::Shared, Mode::Exclusive].map(|mode| ask(&last, "a", mode));
                crash::arm(CrashPlan { die_at: Some(die_at), skip: None });
                let died = catch_unwind(AssertUnwindSafe(|| step(&victim, mine)));
                crash::arm(CrashPlan::default());
                let expected = holds(&victim, "a") || is_reported_or_left(&victim);
                let expected_b = holds(&victim, "b");
                world.dead.add(1);
                crash::arm(CrashPlan { die_at: Some(recovery_dies_at), skip: None });
                let recovery_died = catch_unwind(AssertUnwindSafe(|| recovering.recover_dead())).is_err();
                crash::arm(CrashPlan::default());
                world.dead.add(2);
                last.recover_dead();
                let reported = [0, 1].map(|index| owner_died(&last, waiting[index]));
                assert_eq!(reported, [expected, false], "{at}");
                for request in &waiting[..2] {
                    last.release(*request).unwrap();
                }
                assert!(!owner_died(&last, waiting[2]), "{at}");
                last.release(waiting[2]).unwrap();
                let others = ["a", "b", "c", "b", "c"].map(|name| owner_died_of_next(&last, name));
                assert_eq!(others, [false, expected_b, true, false, false], "{at}");
                assert_eq!(last.records().count(), 0, "{at}");
                is_through = match died {
                    Ok(()) => true,
                    Err(payload) => !payload.is::<Died>(),
                };
                if !recovery_died {
                    break;
                }
            }
            if is_through {
                break;
            }
        }
    }
}

/// Returns whether there is an owner-died record of `a`, or its next holder has been granted with `owner_died`.
fn is_reported_or_left(table: &LockTable) -> bool {
    table
        .records()
        .filter(|record| record.name().bytes == b"a")
        .any(|record| record.word() == StateWord::OWNER_DIED || record.word().owner_died())
}
