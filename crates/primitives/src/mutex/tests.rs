//! A mutex on the heap: death before every store of every step.

use super::file::FORMAT;
use super::{Held, Mutex, PendingLock};
use shmkit_object::crash::{self, CrashPlan, Died};
use shmkit_object::lifecycle::Kind;
use shmkit_object::membership::Membership;
use shmkit_object::waiter::{Polled, WaitCondition};
use shmkit_testkit::{DeadSlots, Heap, superblock_for};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

struct World {
    heap: Arc<Heap>,
    dead: DeadSlots,
}

impl World {
    fn new() -> World {
        crash::arm(CrashPlan::default());
        let params = Mutex::create_params(&super::MutexOptions::default()).unwrap();
        let heap = Heap::new(params.size as usize);
        superblock_for(&params).format(&shmkit_object::region::Region::new(heap.clone()), &FORMAT);
        World { heap, dead: DeadSlots::default() }
    }

    fn process(&self, slot: u32) -> Arc<Mutex> {
        let region = shmkit_object::region::Region::new(self.heap.clone());
        let mut membership = Membership::attach(region, &FORMAT, Box::new(self.dead.clone())).unwrap();
        membership.register(slot, slot, 0);
        let mutex = Mutex { membership };
        mutex.recover_slot();
        Arc::new(mutex)
    }
}

fn acquire(mutex: &Arc<Mutex>) -> Option<Held> {
    let mut pending = PendingLock::new(mutex.clone());
    matches!(pending.poll(true), Polled::Done).then(|| pending.into_held().unwrap())
}

#[test]
fn a_mutex_excludes_others_until_released_and_tokens_grow() {
    let world = World::new();
    let (one, two) = (world.process(1), world.process(2));
    let first = one.try_lock().unwrap().unwrap();
    assert_eq!((two.try_lock().unwrap(), acquire(&two), one.try_lock().unwrap()), (None, None, None));
    one.unlock();
    let second = acquire(&two).unwrap();
    assert!(second.token > first.token && !second.owner_died);
    drop(two);
}

#[test]
fn owner_died_is_set_once_when_a_dead_owners_mutex_is_taken_over() {
    let world = World::new();
    let (one, two) = (world.process(1), world.process(2));
    one.try_lock().unwrap().unwrap();
    world.dead.add(1);
    assert_eq!(two.try_lock().unwrap(), None);
    assert!(acquire(&two).unwrap().owner_died);
    two.unlock();
    assert!(!acquire(&two).unwrap().owner_died);
}

#[test]
fn registering_recovers_the_mutex_of_the_slots_previous_owner() {
    let world = World::new();
    world.process(1).try_lock().unwrap().unwrap();
    let again = world.process(1);
    assert!(again.try_lock().unwrap().unwrap().owner_died);
}

#[test]
fn owner_died_is_preserved_when_an_acquisition_is_not_delivered() {
    let world = World::new();
    let (one, two) = (world.process(1), world.process(2));
    one.try_lock().unwrap().unwrap();
    world.dead.add(1);
    let mut pending = PendingLock::new(two.clone());
    assert!(matches!(pending.poll(true), Polled::Done));
    drop(pending);
    assert!(two.try_lock().unwrap().unwrap().owner_died);
    two.abandon();
    assert!(acquire(&two).unwrap().owner_died);
}

/// An owner dies before each of its stores. The next owner always acquires the mutex, with a larger token, and
/// with `owner_died` whenever the dead owner held it.
#[test]
fn death_before_any_store_leaves_the_mutex_usable() {
    type Step = fn(&Arc<Mutex>);
    let steps: [(&str, Step); 3] = [
        ("lock", |mutex| drop(mutex.try_lock().map(|held| held.map(|held| held.token)))),
        ("lock, unlock", |mutex| {
            mutex.try_lock().unwrap();
            mutex.unlock();
        }),
        ("lock, abandon, acquire", |mutex| {
            mutex.try_lock().unwrap();
            mutex.abandon();
            acquire(mutex);
        }),
    ];
    for (name, step) in steps {
        for die_at in 0.. {
            let world = World::new();
            let (victim, next) = (world.process(1), world.process(2));
            let before = next.try_lock().unwrap().unwrap().token;
            next.unlock();
            crash::arm(CrashPlan { die_at: Some(die_at), skip: None });
            let died = catch_unwind(AssertUnwindSafe(|| step(&victim)));
            let was_held = victim.is_locked();
            crash::arm(CrashPlan::default());
            world.dead.add(1);
            let held = acquire(&next).unwrap_or_else(|| panic!("{name}, store {die_at}: not acquired"));
            assert!(held.token > before, "{name}, store {die_at}");
            assert!(held.owner_died || !was_held, "{name}, store {die_at}: owner_died is not set");
            next.unlock();
            assert!(!acquire(&next).unwrap().owner_died, "{name}, store {die_at}: owner_died is set twice");
            match died {
                Ok(()) => break,
                Err(payload) => assert!(payload.is::<Died>(), "{name}, store {die_at}"),
            }
        }
    }
}
