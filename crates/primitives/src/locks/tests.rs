//! Lock tables on the heap: who gets what, and dying before every store.

use super::{FORMAT, LockName, LockTable, LocksOptions, Mode, Request, Standing, Wish, Wished};
use shmkit_object::crash::{self, CrashPlan, Died};
use shmkit_object::error::Error;
use shmkit_object::lifecycle::Kind;
use shmkit_object::membership::Membership;
use shmkit_object::region::Region;
use shmkit_testkit::{DeadSlots, Heap, superblock_for};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

mod owner_died;

struct World {
    heap: Arc<Heap>,
    dead: DeadSlots,
}

impl World {
    fn new(capacity: u32) -> World {
        crash::arm(CrashPlan::default());
        let options = LocksOptions { capacity: Some(capacity), ..LocksOptions::default() };
        let params = LockTable::create_params(&options).unwrap();
        let heap = Heap::new(params.size as usize);
        superblock_for(&params).format(&Region::new(heap.clone()), &FORMAT);
        World { heap, dead: DeadSlots::default() }
    }

    fn process(&self, slot: u32) -> Arc<LockTable> {
        let region = Region::new(self.heap.clone());
        let mut membership = Membership::attach(region, &FORMAT, Box::new(self.dead.clone())).unwrap();
        membership.register(slot, slot, 0);
        let capacity = membership.superblock.parameters[0] as u32;
        let table = LockTable { membership, capacity };
        table.recover_slot();
        Arc::new(table)
    }
}

fn wish(name: &str, mode: Mode) -> Wish {
    let name = LockName::new(name.as_bytes(), false).unwrap();
    Wish { name, mode, if_available: false, steal: false }
}

fn ask(table: &LockTable, name: &str, mode: Mode) -> Request {
    match table.request(&wish(name, mode)).unwrap() {
        Wished::Held(request, _) | Wished::Pending(request) => request,
        Wished::Unavailable => panic!("it was not asked for at once only"),
    }
}

fn is_held(table: &LockTable, request: Request) -> bool {
    table.standing(request).0 == Standing::Held
}

#[test]
fn the_oldest_request_of_a_name_comes_first() {
    let world = World::new(16);
    let (one, two) = (world.process(1), world.process(2));
    let first = ask(&one, "a", Mode::Shared);
    let second = ask(&two, "a", Mode::Shared);
    let third = ask(&one, "a", Mode::Exclusive);
    let fourth = ask(&two, "a", Mode::Shared);
    let other = ask(&two, "b", Mode::Exclusive);
    let standings = || [(&one, first), (&two, second), (&one, third), (&two, fourth), (&two, other)];
    let held = || standings().map(|(table, request)| is_held(table, request));
    assert_eq!(held(), [true, true, false, false, true]);
    one.release(first).unwrap();
    assert_eq!(held(), [false, true, false, false, true]);
    two.release(second).unwrap();
    assert_eq!(held(), [false, false, true, false, true]);
    one.release(third).unwrap();
    assert_eq!(held(), [false, false, false, true, true]);
}

#[test]
fn a_request_that_gives_up_lets_those_behind_it_through() {
    let world = World::new(16);
    let (one, two) = (world.process(1), world.process(2));
    let shared = ask(&one, "a", Mode::Shared);
    let exclusive = ask(&two, "a", Mode::Exclusive);
    let behind = ask(&one, "a", Mode::Shared);
    assert!(!is_held(&one, behind));
    assert_eq!(two.release(exclusive).unwrap(), Standing::Pending);
    assert!(is_held(&one, behind) && is_held(&one, shared));
}

#[test]
fn what_is_wanted_at_once_is_not_waited_for() {
    let world = World::new(16);
    let (one, two) = (world.process(1), world.process(2));
    let at_once = |mode| Wish { if_available: true, ..wish("a", mode) };
    assert!(matches!(one.request(&at_once(Mode::Shared)).unwrap(), Wished::Held(..)));
    assert!(matches!(two.request(&at_once(Mode::Shared)).unwrap(), Wished::Held(..)));
    assert_eq!(two.request(&at_once(Mode::Exclusive)).unwrap(), Wished::Unavailable);
    let waiting = ask(&two, "a", Mode::Exclusive);
    assert_eq!(one.request(&at_once(Mode::Shared)).unwrap(), Wished::Unavailable);
    assert_eq!(two.release(waiting).unwrap(), Standing::Pending);
    assert!(matches!(one.request(&at_once(Mode::Shared)).unwrap(), Wished::Held(..)));
}

#[test]
fn a_thief_comes_before_all_who_wait_and_the_robbed_are_told() {
    let world = World::new(16);
    let (one, two) = (world.process(1), world.process(2));
    let robbed = ask(&one, "a", Mode::Exclusive);
    let waiting = ask(&one, "a", Mode::Exclusive);
    let Wished::Held(stolen, grant) =
        two.request(&Wish { steal: true, ..wish("a", Mode::Exclusive) }).unwrap()
    else {
        panic!("a thief does not wait");
    };
    assert!(grant.token > one.standing(robbed).1.token);
    assert_eq!(one.standing(robbed).0, Standing::Stolen);
    assert_eq!(one.standing(waiting).0, Standing::Pending);
    assert_eq!(one.release(robbed).unwrap(), Standing::Stolen);
    assert!(is_held(&two, stolen));
    two.release(stolen).unwrap();
    assert!(is_held(&one, waiting));
}

#[test]
fn requests_of_the_dead_vanish() {
    let world = World::new(16);
    let (one, two, three) = (world.process(1), world.process(2), world.process(3));
    ask(&one, "a", Mode::Exclusive);
    ask(&two, "a", Mode::Exclusive);
    let last = ask(&three, "a", Mode::Exclusive);
    world.dead.add(1);
    world.dead.add(2);
    assert_eq!(three.query().unwrap().len(), 1);
    assert!(!is_held(&three, last));
    three.tend();
    assert!(is_held(&three, last));
    let again = world.process(1);
    assert!(!is_held(&again, ask(&again, "a", Mode::Exclusive)));
}

#[test]
fn a_full_table_refuses_and_forgets_nothing() {
    let world = World::new(3);
    let one = world.process(1);
    let requests = ["a", "b", "c"].map(|name| ask(&one, name, Mode::Exclusive));
    assert!(matches!(one.request(&wish("d", Mode::Shared)), Err(Error::Full { .. })));
    one.release(requests[1]).unwrap();
    assert!(is_held(&one, ask(&one, "d", Mode::Exclusive)));
    assert_eq!(one.query().unwrap().len(), 3);
    assert!(LockName::new(&[0; super::MOST_NAME_BYTES + 1], false).is_err());
}

/// What must hold at every moment for those who live.
fn check(table: &LockTable, name: &str) {
    let lines: Vec<_> =
        table.query().unwrap().into_iter().filter(|line| line.name.bytes == name.as_bytes()).collect();
    let held: Vec<_> = lines.iter().filter(|line| line.held).collect();
    let exclusive = held.iter().filter(|line| line.mode == Mode::Exclusive).count();
    assert!(exclusive == 0 || held.len() == 1, "{lines:?}");
    assert!(lines.is_empty() || !held.is_empty(), "nobody holds what is waited for: {lines:?}");
}

/// A process dies before each of its stores. The others go on, nobody waits for a dead one, and no lock is
/// held twice.
#[test]
fn death_before_any_store_is_made_up_for() {
    type Step = fn(&LockTable, Request);
    let steps: [(&str, Step); 5] = [
        ("request", |table, _| drop(table.request(&wish("a", Mode::Exclusive)))),
        ("request another", |table, _| drop(table.request(&wish("b", Mode::Shared)))),
        ("steal", |table, _| drop(table.request(&Wish { steal: true, ..wish("a", Mode::Exclusive) }))),
        ("release", |table, mine| drop(table.release(mine))),
        ("release, request", |table, mine| {
            table.release(mine).unwrap();
            drop(table.request(&wish("a", Mode::Shared)));
        }),
    ];
    for (name, step) in steps {
        for die_at in 0.. {
            let world = World::new(16);
            let (victim, heir, other) = (world.process(1), world.process(2), world.process(3));
            let mine = ask(&victim, "a", Mode::Shared);
            let first = ask(&heir, "a", Mode::Shared);
            let second = ask(&other, "a", Mode::Exclusive);
            let third = ask(&heir, "a", Mode::Shared);
            crash::arm(CrashPlan { die_at: Some(die_at), skip: None });
            let died = catch_unwind(AssertUnwindSafe(|| step(&victim, mine)));
            crash::arm(CrashPlan::default());
            world.dead.add(1);
            other.tend();
            check(&heir, "a");
            // Whatever was stolen is released by its owner, and the queue moves on to its end.
            heir.release(first).unwrap();
            assert!(is_held(&other, second), "{name}, store {die_at}");
            other.release(second).unwrap();
            assert!(is_held(&heir, third), "{name}, store {die_at}");
            heir.release(third).unwrap();
            assert!(heir.query().unwrap().is_empty(), "{name}, store {die_at}: {:?}", heir.query().unwrap());
            assert_eq!(heir.requests().count(), 0, "{name}, store {die_at}");
            match died {
                Ok(()) => break,
                Err(payload) => assert!(payload.is::<Died>(), "{name}, store {die_at}"),
            }
        }
    }
}

/// As above, with the one who makes up for it dying, too.
#[test]
fn death_while_making_up_for_a_death_is_made_up_for() {
    for die_at in 0.. {
        let world = World::new(16);
        let (victim, heir, last) = (world.process(1), world.process(2), world.process(3));
        let mine = ask(&victim, "a", Mode::Exclusive);
        ask(&heir, "b", Mode::Exclusive);
        let waiting = ["a", "b"].map(|name| ask(&last, name, Mode::Exclusive));
        crash::arm(CrashPlan { die_at: Some(3), skip: None });
        assert!(catch_unwind(AssertUnwindSafe(|| victim.release(mine))).is_err());
        world.dead.add(1);
        crash::arm(CrashPlan { die_at: Some(die_at), skip: None });
        let died = catch_unwind(AssertUnwindSafe(|| heir.tend())).is_err();
        crash::arm(CrashPlan::default());
        world.dead.add(2);
        last.tend();
        assert!(waiting.iter().all(|request| is_held(&last, *request)), "store {die_at}");
        if !died {
            break;
        }
    }
}
