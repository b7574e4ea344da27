//! Semaphores on the heap: death before every store.

use super::file::FORMAT;
use super::{PendingAcquire, Semaphore, SemaphoreOptions};
use shmkit_object::crash::{self, CrashPlan, Died};
use shmkit_object::lifecycle::Kind;
use shmkit_object::membership::Membership;
use shmkit_object::region::Region;
use shmkit_object::waiter::{Polled, WaitCondition};
use shmkit_testkit::{DeadSlots, Heap, superblock_for};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

const INITIAL: u32 = 10;

struct World {
    heap: Arc<Heap>,
    dead: DeadSlots,
    holders: bool,
}

impl World {
    fn new(holders: bool) -> World {
        crash::arm(CrashPlan::default());
        let options = SemaphoreOptions { initial: INITIAL, holders, ..SemaphoreOptions::default() };
        let params = Semaphore::create_params(&options).unwrap();
        let heap = Heap::new(params.size as usize);
        superblock_for(&params).format(&Region::new(heap.clone()), &FORMAT);
        World { heap, dead: DeadSlots::default(), holders }
    }

    fn process(&self, slot: u32) -> Arc<Semaphore> {
        let region = Region::new(self.heap.clone());
        let mut membership = Membership::attach(region, &FORMAT, Box::new(self.dead.clone())).unwrap();
        membership.register(slot, slot, 0);
        let semaphore = Semaphore { membership, holders: self.holders };
        Kind::recover_slot(&semaphore);
        Arc::new(semaphore)
    }
}

#[test]
fn permits_of_a_dead_holder_come_back_once() {
    let world = World::new(true);
    let (one, two) = (world.process(1), world.process(2));
    assert!(one.try_acquire(7).unwrap() && two.try_acquire(2).unwrap());
    assert_eq!(two.value().unwrap(), 1);
    world.dead.add(1);
    assert!(two.try_acquire(8).unwrap());
    assert_eq!((two.value().unwrap(), two.release(10).unwrap()), (0, 10));
}

#[test]
fn reclaimed_counts_exactly_the_permits_that_came_back() {
    let world = World::new(true);
    let (one, two) = (world.process(1), world.process(2));
    assert!(one.try_acquire(3).unwrap() && two.try_acquire(4).unwrap());
    assert_eq!((one.release(1).unwrap(), two.release(3).unwrap()), (4, 7));
    drop(PendingAcquire::new(two.clone(), 1).poll(true));
    assert_eq!(two.reclaimed().unwrap(), 0);
    two.release_for_thread(5).unwrap();
    assert_eq!((two.value().unwrap(), two.reclaimed().unwrap()), (8, 1));
    world.dead.add(1);
    assert_eq!((two.reclaimed().unwrap(), two.value().unwrap(), two.reclaimed().unwrap()), (3, 10, 3));
    assert!(two.try_acquire(6).unwrap());
    world.dead.add(2);
    // A slot's next owner reclaims what the last one held.
    assert_eq!(world.process(2).reclaimed().unwrap(), 9);
    let uncounted = World::new(false).process(1);
    assert!(uncounted.try_acquire(3).unwrap());
    uncounted.release_for_thread(3).unwrap();
    assert_eq!(uncounted.reclaimed().unwrap(), 0);
}

#[test]
fn permits_past_the_limit_neither_come_back_nor_count() {
    let world = World::new(true);
    let (one, two) = (world.process(1), world.process(2));
    assert!(one.try_acquire(5).unwrap());
    two.release(super::MAX_PERMITS - INITIAL + 2).unwrap();
    world.dead.add(1);
    assert_eq!((two.value().unwrap(), two.reclaimed().unwrap()), (super::MAX_PERMITS, 3));
}

#[test]
fn release_for_thread_releases_at_most_what_its_process_holds() {
    let world = World::new(true);
    let (one, two) = (world.process(1), world.process(2));
    assert!(one.try_acquire(3).unwrap() && two.try_acquire(4).unwrap());
    one.release_for_thread(2).unwrap();
    assert_eq!(two.value().unwrap(), 5);
    one.release_for_thread(2).unwrap();
    assert_eq!(two.value().unwrap(), 6);
    world.dead.add(1);
    assert_eq!(two.value().unwrap(), 6);
    let uncounted = World::new(false).process(1);
    assert!(uncounted.try_acquire(3).unwrap());
    uncounted.release_for_thread(3).unwrap();
    assert_eq!(uncounted.value().unwrap(), INITIAL - 3);
}

#[test]
fn released_permits_do_not_come_back_when_the_process_dies() {
    let world = World::new(true);
    let (one, two) = (world.process(1), world.process(2));
    assert!(one.try_acquire(3).unwrap());
    assert_eq!(one.release(2).unwrap(), 9);
    world.dead.add(1);
    assert_eq!(two.value().unwrap(), 10);
    // Permits past what it holds are new ones, and stay.
    assert_eq!(two.release(5).unwrap(), 15);
    world.dead.add(2);
    assert_eq!(world.process(3).value().unwrap(), 15);
}

#[test]
fn registering_reclaims_permits_of_the_slots_previous_owner() {
    let world = World::new(true);
    assert!(world.process(1).try_acquire(4).unwrap());
    let again = world.process(1);
    assert_eq!(again.value().unwrap(), INITIAL);
    assert!(again.try_acquire(INITIAL).unwrap());
    assert_eq!(world.process(2).value().unwrap(), 0);
}

#[test]
fn a_waiter_that_checks_owners_gets_permits_of_a_dead_holder() {
    let world = World::new(true);
    let (one, two) = (world.process(1), world.process(2));
    assert!(one.try_acquire(INITIAL).unwrap());
    let mut waiting = PendingAcquire::new(two.clone(), 1);
    world.dead.add(1);
    assert!(matches!(waiting.poll(false), Polled::Unavailable { wake_next: false, .. }));
    assert!(matches!(waiting.poll(true), Polled::Done));
    drop(waiting);
    assert_eq!(two.value().unwrap(), INITIAL);
}

#[test]
fn release_past_the_limit_adds_nothing() {
    for holders in [false, true] {
        let world = World::new(holders);
        let one = world.process(1);
        assert!(one.release(super::MAX_PERMITS).is_err());
        assert_eq!(one.value().unwrap(), INITIAL);
    }
}

type Step = fn(&Arc<Semaphore>);

/// What the victim does while it holds 3 permits, and how many permits are added if it completes.
const STEPS: [(&str, Step, u32); 4] = [
    ("acquire", |semaphore| drop(semaphore.try_acquire(2)), 0),
    ("wait and acquire", |semaphore| drop(PendingAcquire::new(semaphore.clone(), 2).poll(true)), 0),
    ("release", |semaphore| drop(semaphore.release(2)), 0),
    ("release more than it holds", |semaphore| drop(semaphore.release(5)), 2),
];

/// Returns the permits that a victim may have held when it died.
fn came_back(step: &str) -> [u64; 2] {
    match step {
        "acquire" => [3, 5],
        // It releases what it acquired.
        "wait and acquire" => [3, 5],
        "release" => [3, 1],
        _ => [3, 0],
    }
}

/// A holder dies before each of its stores. All its permits come back once, even if the process that reclaims
/// them dies before each of its stores as well.
#[test]
fn death_before_any_store_neither_loses_nor_doubles_permits() {
    for (name, step, more) in STEPS {
        for die_at in 0.. {
            let mut is_through = false;
            for recovery_dies_at in 0.. {
                let world = World::new(true);
                let (victim, recovering, last) = (world.process(1), world.process(2), world.process(3));
                assert!(victim.try_acquire(3).unwrap() && last.try_acquire(1).unwrap());
                crash::arm(CrashPlan { die_at: Some(die_at), skip: None });
                let died = catch_unwind(AssertUnwindSafe(|| step(&victim)));
                world.dead.add(1);
                crash::arm(CrashPlan { die_at: Some(recovery_dies_at), skip: None });
                let recovery_died = catch_unwind(AssertUnwindSafe(|| recovering.value().unwrap())).is_err();
                world.dead.add(2);
                crash::arm(CrashPlan::default());
                let value = last.value().unwrap();
                let reclaimed = last.reclaimed().unwrap();
                let at = format!("{name}, store {die_at}, recovering process's store {recovery_dies_at}");
                assert!(value == INITIAL - 1 || value == INITIAL - 1 + more, "{at}: {value}");
                assert!(came_back(name).contains(&reclaimed), "{at}: {reclaimed} came back");
                assert_eq!(
                    (last.release(1).unwrap(), last.reclaimed().unwrap()),
                    (value + 1, reclaimed),
                    "{at}"
                );
                assert!(last.try_acquire(value + 1).unwrap(), "{at}");
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

/// Without holders, a change is one store.
#[test]
fn a_plain_semaphore_changes_by_one_store() {
    for (step, after) in [
        ((|semaphore| drop(semaphore.try_acquire(2))) as Step, INITIAL - 2),
        (|semaphore| drop(semaphore.release(2)), INITIAL + 2),
    ] {
        let world = World::new(false);
        let (one, two) = (world.process(1), world.process(2));
        crash::arm(CrashPlan { die_at: Some(0), skip: None });
        assert!(catch_unwind(AssertUnwindSafe(|| step(&one))).is_err());
        crash::arm(CrashPlan { die_at: Some(1), skip: None });
        assert_eq!(two.value().unwrap(), INITIAL);
        step(&one);
        assert_eq!((crash::stores(), two.value().unwrap()), (1, after));
        crash::arm(CrashPlan::default());
    }
}
