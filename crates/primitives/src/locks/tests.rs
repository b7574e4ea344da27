//! Lock tables on the heap: what is granted, and death before every store.

use super::file::{FORMAT, Layout, MAX_NAME_BYTES};
use super::{LockName, LockRequest, LockTable, LocksOptions, Mode, RequestId, RequestOutcome, RequestState};
use shmkit_object::crash::{self, CrashPlan, Died};
use shmkit_object::error::Error;
use shmkit_object::lifecycle::Kind;
use shmkit_object::membership::Membership;
use shmkit_object::region::Region;
use shmkit_testkit::{DeadSlots, Heap, superblock_for};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

mod index;
mod owner_died;

struct World {
    heap: Arc<Heap>,
    dead: DeadSlots,
}

impl World {
    fn new(capacity: u32) -> World {
        crash::arm(CrashPlan::default());
        let options = LocksOptions { capacity: Some(capacity), ..LocksOptions::default() };
        let create_params = LockTable::create_params(&options).unwrap();
        let heap = Heap::new(create_params.size as usize);
        superblock_for(&create_params).format(&Region::new(heap.clone()), &FORMAT);
        World { heap, dead: DeadSlots::default() }
    }

    fn process(&self, slot: u32) -> Arc<LockTable> {
        let region = Region::new(self.heap.clone());
        let mut membership = Membership::attach(region, &FORMAT, Box::new(self.dead.clone())).unwrap();
        membership.register(slot, slot, 0);
        let layout = Layout::new(membership.superblock.parameters[0] as u32);
        let table = LockTable { membership, layout };
        table.recover_slot();
        Arc::new(table)
    }
}

fn lock_request(name: &str, mode: Mode) -> LockRequest {
    let name = LockName::new(name.as_bytes(), false).unwrap();
    LockRequest { name, mode, if_available: false, steal: false }
}

fn ask(table: &LockTable, name: &str, mode: Mode) -> RequestId {
    match table.request(&lock_request(name, mode)).unwrap() {
        RequestOutcome::Held(request, _) | RequestOutcome::Pending(request) => request,
        RequestOutcome::Unavailable => panic!("if_available was not set"),
    }
}

fn is_held(table: &LockTable, request: RequestId) -> bool {
    table.state_of(request).0 == RequestState::Held
}

#[test]
fn the_oldest_request_of_a_name_is_granted_first() {
    let world = World::new(16);
    let (one, two) = (world.process(1), world.process(2));
    let first = ask(&one, "a", Mode::Shared);
    let second = ask(&two, "a", Mode::Shared);
    let third = ask(&one, "a", Mode::Exclusive);
    let fourth = ask(&two, "a", Mode::Shared);
    let other = ask(&two, "b", Mode::Exclusive);
    let requests = || [(&one, first), (&two, second), (&one, third), (&two, fourth), (&two, other)];
    let held = || requests().map(|(table, request)| is_held(table, request));
    assert_eq!(held(), [true, true, false, false, true]);
    one.release(first).unwrap();
    assert_eq!(held(), [false, true, false, false, true]);
    two.release(second).unwrap();
    assert_eq!(held(), [false, false, true, false, true]);
    one.release(third).unwrap();
    assert_eq!(held(), [false, false, false, true, true]);
}

#[test]
fn later_requests_are_granted_when_a_request_is_withdrawn() {
    let world = World::new(16);
    let (one, two) = (world.process(1), world.process(2));
    let shared = ask(&one, "a", Mode::Shared);
    let exclusive = ask(&two, "a", Mode::Exclusive);
    let later = ask(&one, "a", Mode::Shared);
    assert!(!is_held(&one, later));
    assert_eq!(two.release(exclusive).unwrap(), RequestState::Pending);
    assert!(is_held(&one, later) && is_held(&one, shared));
}

#[test]
fn if_available_returns_unavailable_instead_of_waiting() {
    let world = World::new(16);
    let (one, two) = (world.process(1), world.process(2));
    let if_available = |mode| LockRequest { if_available: true, ..lock_request("a", mode) };
    assert!(matches!(one.request(&if_available(Mode::Shared)).unwrap(), RequestOutcome::Held(..)));
    assert!(matches!(two.request(&if_available(Mode::Shared)).unwrap(), RequestOutcome::Held(..)));
    assert_eq!(two.request(&if_available(Mode::Exclusive)).unwrap(), RequestOutcome::Unavailable);
    let waiting = ask(&two, "a", Mode::Exclusive);
    assert_eq!(one.request(&if_available(Mode::Shared)).unwrap(), RequestOutcome::Unavailable);
    assert_eq!(two.release(waiting).unwrap(), RequestState::Pending);
    assert!(matches!(one.request(&if_available(Mode::Shared)).unwrap(), RequestOutcome::Held(..)));
}

#[test]
fn steal_is_granted_before_waiters_and_changes_the_state_of_holders() {
    let world = World::new(16);
    let (one, two) = (world.process(1), world.process(2));
    let victim = ask(&one, "a", Mode::Exclusive);
    let waiting = ask(&one, "a", Mode::Exclusive);
    let RequestOutcome::Held(stolen, grant) =
        two.request(&LockRequest { steal: true, ..lock_request("a", Mode::Exclusive) }).unwrap()
    else {
        panic!("steal does not wait");
    };
    assert!(grant.token > one.state_of(victim).1.token);
    assert_eq!(one.state_of(victim).0, RequestState::Stolen);
    assert_eq!(one.state_of(waiting).0, RequestState::Pending);
    assert_eq!(one.release(victim).unwrap(), RequestState::Stolen);
    assert!(is_held(&two, stolen));
    two.release(stolen).unwrap();
    assert!(is_held(&one, waiting));
}

#[test]
fn requests_of_dead_processes_are_removed() {
    let world = World::new(16);
    let (one, two, three) = (world.process(1), world.process(2), world.process(3));
    ask(&one, "a", Mode::Exclusive);
    ask(&two, "a", Mode::Exclusive);
    let last = ask(&three, "a", Mode::Exclusive);
    world.dead.add(1);
    world.dead.add(2);
    assert_eq!(three.query().unwrap().len(), 1);
    assert!(!is_held(&three, last));
    three.recover_dead();
    assert!(is_held(&three, last));
    let again = world.process(1);
    assert!(!is_held(&again, ask(&again, "a", Mode::Exclusive)));
}

#[test]
fn a_full_table_rejects_requests_and_keeps_its_own() {
    let world = World::new(3);
    let one = world.process(1);
    let requests = ["a", "b", "c"].map(|name| ask(&one, name, Mode::Exclusive));
    assert!(matches!(one.request(&lock_request("d", Mode::Shared)), Err(Error::Full { .. })));
    one.release(requests[1]).unwrap();
    assert!(is_held(&one, ask(&one, "d", Mode::Exclusive)));
    assert_eq!(one.query().unwrap().len(), 3);
    assert!(LockName::new(&[0; MAX_NAME_BYTES + 1], false).is_err());
}

/// Asserts what must hold at every moment for live processes.
fn check(table: &LockTable, name: &str) {
    let rows: Vec<_> =
        table.query().unwrap().into_iter().filter(|row| row.name.bytes == name.as_bytes()).collect();
    let held: Vec<_> = rows.iter().filter(|row| row.held).collect();
    let exclusive = held.iter().filter(|row| row.mode == Mode::Exclusive).count();
    assert!(exclusive == 0 || held.len() == 1, "{rows:?}");
    assert!(rows.is_empty() || !held.is_empty(), "a lock is waited for but not held: {rows:?}");
}

/// A process dies before each of its stores. The others continue, none waits for a dead one, and no lock is
/// held twice.
#[test]
fn death_before_any_store_is_recovered() {
    type Step = fn(&LockTable, RequestId);
    let steps: [(&str, Step); 5] = [
        ("request", |table, _| drop(table.request(&lock_request("a", Mode::Exclusive)))),
        ("request another", |table, _| drop(table.request(&lock_request("b", Mode::Shared)))),
        ("steal", |table, _| {
            drop(table.request(&LockRequest { steal: true, ..lock_request("a", Mode::Exclusive) }))
        }),
        ("release", |table, mine| drop(table.release(mine))),
        ("release, request", |table, mine| {
            table.release(mine).unwrap();
            drop(table.request(&lock_request("a", Mode::Shared)));
        }),
    ];
    for (name, step) in steps {
        for die_at in 0.. {
            let world = World::new(16);
            let (victim, next, other) = (world.process(1), world.process(2), world.process(3));
            let mine = ask(&victim, "a", Mode::Shared);
            let first = ask(&next, "a", Mode::Shared);
            let second = ask(&other, "a", Mode::Exclusive);
            let third = ask(&next, "a", Mode::Shared);
            crash::arm(CrashPlan { die_at: Some(die_at), skip: None });
            let died = catch_unwind(AssertUnwindSafe(|| step(&victim, mine)));
            crash::arm(CrashPlan::default());
            world.dead.add(1);
            other.recover_dead();
            check(&next, "a");
            // What was stolen is released by its owner, and the whole queue is granted.
            next.release(first).unwrap();
            assert!(is_held(&other, second), "{name}, store {die_at}");
            other.release(second).unwrap();
            assert!(is_held(&next, third), "{name}, store {die_at}");
            next.release(third).unwrap();
            assert!(next.query().unwrap().is_empty(), "{name}, store {die_at}: {:?}", next.query().unwrap());
            assert_eq!(next.requests().count(), 0, "{name}, store {die_at}");
            match died {
                Ok(()) => break,
                Err(payload) => assert!(payload.is::<Died>(), "{name}, store {die_at}"),
            }
        }
    }
}

/// As above, and the process that recovers dies too.
#[test]
fn death_during_recovery_is_recovered() {
    for die_at in 0.. {
        let world = World::new(16);
        let (victim, next, last) = (world.process(1), world.process(2), world.process(3));
        let mine = ask(&victim, "a", Mode::Exclusive);
        ask(&next, "b", Mode::Exclusive);
        let waiting = ["a", "b"].map(|name| ask(&last, name, Mode::Exclusive));
        crash::arm(CrashPlan { die_at: Some(3), skip: None });
        assert!(catch_unwind(AssertUnwindSafe(|| victim.release(mine))).is_err());
        world.dead.add(1);
        crash::arm(CrashPlan { die_at: Some(die_at), skip: None });
        let died = catch_unwind(AssertUnwindSafe(|| next.recover_dead())).is_err();
        crash::arm(CrashPlan::default());
        world.dead.add(2);
        last.recover_dead();
        assert!(waiting.iter().all(|request| is_held(&last, *request)), "store {die_at}");
        if !died {
            break;
        }
    }
}
