//! Who gets what a dead holder had is told, once: whoever dies, at whatever store.

use super::{Wish, Wished, World, ask, is_held, wish};
use crate::locks::{Granting, LockTable, Mode, Request, Standing, StateWord};
use shmkit_object::crash::{self, CrashPlan, Died};
use shmkit_object::waiter::{Polled, WaitCondition};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

fn is_told(table: &LockTable, request: Request) -> bool {
    assert!(is_held(table, request));
    table.standing(request).1.owner_died
}

/// Gets it now, and releases it; what it was told.
fn told_in_passing(table: &LockTable, name: &str) -> bool {
    let request = ask(table, name, Mode::Exclusive);
    let told = is_told(table, request);
    table.release(request).unwrap();
    told
}

/// Whether this process's table says that it holds the name.
fn holds(table: &LockTable, name: &str) -> bool {
    let me = table.membership.me;
    table.requests().filter(|entry| entry.name().bytes == name.as_bytes()).any(|entry| {
        let state = entry.state();
        state.owner() == me && state.standing() == Standing::Held
    })
}

#[test]
fn the_next_one_is_told_that_a_holder_died_and_nobody_after_it() {
    let world = World::new(16);
    let (one, two) = (world.process(1), world.process(2));
    for mode in [Mode::Exclusive, Mode::Shared] {
        let dying = world.process(3);
        ask(&dying, "a", mode);
        ask(&dying, "b", mode);
        world.dead.add(3);
        assert!(told_in_passing(&one, "a"), "{mode:?}");
        assert!(!told_in_passing(&two, "a") && !told_in_passing(&one, "c"), "{mode:?}");
        assert!(told_in_passing(&two, "b"), "{mode:?}");
    }
}

#[test]
fn who_waited_released_or_was_robbed_leaves_nothing_to_tell() {
    let world = World::new(16);
    let (one, two) = (world.process(1), world.process(2));
    let holding = ask(&one, "a", Mode::Exclusive);
    ask(&two, "a", Mode::Exclusive);
    let released = ask(&two, "b", Mode::Exclusive);
    two.release(released).unwrap();
    ask(&two, "c", Mode::Exclusive);
    let theft = Wish { steal: true, ..wish("c", Mode::Exclusive) };
    let Wished::Held(stolen, grant) = one.request(&theft).unwrap() else { panic!("a thief does not wait") };
    assert!(!grant.owner_died);
    world.dead.add(2);
    // What it waits for is released before anybody has noticed.
    for request in [holding, stolen] {
        one.release(request).unwrap();
    }
    assert!(!["a", "b", "c"].into_iter().any(|name| told_in_passing(&one, name)));
}

#[test]
fn a_shared_holders_death_is_told_to_the_next_grant_while_others_hold_on() {
    let world = World::new(16);
    let (one, two, dying) = (world.process(1), world.process(2), world.process(3));
    let first = ask(&one, "a", Mode::Shared);
    ask(&dying, "a", Mode::Shared);
    world.dead.add(3);
    one.tend();
    let at_once = Wish { if_available: true, ..wish("a", Mode::Shared) };
    let Wished::Held(second, grant) = two.request(&at_once).unwrap() else { panic!("it can be shared") };
    assert!(grant.owner_died && !is_told(&one, first));
    assert!(!is_told(&two, ask(&two, "a", Mode::Shared)));
    // The first one was granted before the second, and dies after that one was told.
    world.dead.add(1);
    assert!(is_told(&two, ask(&two, "a", Mode::Shared)));
    assert!(is_told(&two, second), "what one was told stays so");
}

#[test]
fn who_takes_it_at_once_or_by_theft_is_told_as_well() {
    let world = World::new(16);
    let one = world.process(1);
    for wanted in [
        Wish { if_available: true, ..wish("a", Mode::Exclusive) },
        Wish { steal: true, ..wish("a", Mode::Exclusive) },
    ] {
        let dying = world.process(2);
        ask(&dying, "a", Mode::Exclusive);
        world.dead.add(2);
        let Wished::Held(request, grant) = one.request(&wanted).unwrap() else { panic!("{wanted:?}") };
        assert!(grant.owner_died, "{wanted:?}");
        one.release(request).unwrap();
        assert!(!told_in_passing(&one, "a"));
    }
}

#[test]
fn what_was_abandoned_or_never_delivered_is_told_to_the_next() {
    let world = World::new(16);
    let (one, two) = (world.process(1), world.process(2));
    let abandoned = ask(&one, "a", Mode::Exclusive);
    let waiting = ask(&two, "a", Mode::Exclusive);
    let mut granting = Granting::new(Arc::clone(&two), waiting);
    assert!(matches!(granting.poll(true), Polled::Unavailable { wake_next: true, .. }));
    one.abandon(abandoned).unwrap();
    assert!(matches!(granting.poll(true), Polled::Done));
    drop(granting);
    assert!(told_in_passing(&one, "a") && !told_in_passing(&one, "a"));
    // Nobody died: what is not delivered is told to nobody.
    drop(Granting::new(Arc::clone(&two), ask(&two, "a", Mode::Exclusive)));
    assert!(!told_in_passing(&one, "a"));
}

#[test]
fn what_is_to_be_told_blocks_nobody_counts_nowhere_and_makes_room() {
    let world = World::new(3);
    let one = world.process(1);
    let dying = world.process(2);
    for name in ["a", "b", "c"] {
        ask(&dying, name, Mode::Exclusive);
    }
    world.dead.add(2);
    one.tend();
    assert_eq!((one.query().unwrap().len(), one.requests().count(), one.entries().count()), (0, 0, 3));
    // All places are estates: the oldest of another name goes, untold; one of the same name if there is no other.
    let told = ["c", "a", "b"].map(|name| is_told(&one, ask(&one, name, Mode::Exclusive)));
    assert_eq!(told, [true, false, false]);
    assert!(one.request(&wish("d", Mode::Shared)).is_err());
}

/// A process dies before each of its stores, and whoever makes up for it as well. Those who get what it had
/// are told if it held it when it died, the first of them, and no other.
#[test]
fn whoever_dies_at_any_store_the_first_one_after_it_is_told() {
    type Step = fn(&LockTable, Request);
    let steps: [(&str, Step); 4] = [
        ("release", |table, mine| drop(table.release(mine))),
        ("abandon", |table, mine| drop(table.abandon(mine))),
        ("request another", |table, _| drop(table.request(&wish("b", Mode::Exclusive)))),
        ("steal", |table, _| drop(table.request(&Wish { steal: true, ..wish("a", Mode::Exclusive) }))),
    ];
    for (name, step) in steps {
        for die_at in 0.. {
            let mut is_through = false;
            for heir_dies_at in 0.. {
                let at = format!("{name}, store {die_at}, heir's store {heir_dies_at}");
                let world = World::new(16);
                let (victim, heir, last) = (world.process(1), world.process(2), world.process(3));
                let mine = ask(&victim, "a", Mode::Exclusive);
                ask(&heir, "c", Mode::Exclusive);
                let waiting = [Mode::Shared, Mode::Shared, Mode::Exclusive].map(|mode| ask(&last, "a", mode));
                crash::arm(CrashPlan { die_at: Some(die_at), skip: None });
                let died = catch_unwind(AssertUnwindSafe(|| step(&victim, mine)));
                crash::arm(CrashPlan::default());
                let expected = holds(&victim, "a") || was_left(&victim);
                let expected_b = holds(&victim, "b");
                world.dead.add(1);
                crash::arm(CrashPlan { die_at: Some(heir_dies_at), skip: None });
                let heir_died = catch_unwind(AssertUnwindSafe(|| heir.tend())).is_err();
                crash::arm(CrashPlan::default());
                world.dead.add(2);
                last.tend();
                let told = [0, 1].map(|index| is_told(&last, waiting[index]));
                assert_eq!(told, [expected, false], "{at}");
                for request in &waiting[..2] {
                    last.release(*request).unwrap();
                }
                assert!(!is_told(&last, waiting[2]), "{at}");
                last.release(waiting[2]).unwrap();
                let others = ["a", "b", "c", "b", "c"].map(|name| told_in_passing(&last, name));
                assert_eq!(others, [false, expected_b, true, false, false], "{at}");
                assert_eq!(last.entries().count(), 0, "{at}");
                is_through = match died {
                    Ok(()) => true,
                    Err(payload) => !payload.is::<Died>(),
                };
                if !heir_died {
                    break;
                }
            }
            if is_through {
                break;
            }
        }
    }
}

/// Whether there is an estate of `a`, or its next holder was told already.
fn was_left(table: &LockTable) -> bool {
    table
        .entries()
        .filter(|entry| entry.name().bytes == b"a")
        .any(|entry| entry.state() == StateWord::ESTATE || entry.state().is_told())
}
