//! A mutex on the heap: dying before every store of every step.

use super::{FORMAT, Held, Locking, Mutex};
use shmkit_object::crash::{self, Died, Plan};
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
        crash::arm(Plan::default());
        let blueprint = Mutex::blueprint(&super::MutexOptions::default()).unwrap();
        let heap = Heap::new(blueprint.size as usize);
        superblock_for(&blueprint).format(&shmkit_object::region::Region::new(heap.clone()), &FORMAT);
        World { heap, dead: DeadSlots::default() }
    }

    fn process(&self, slot: u32) -> Arc<Mutex> {
        let region = shmkit_object::region::Region::new(self.heap.clone());
        let mut membership = Membership::attach(region, &FORMAT, Box::new(self.dead.clone())).unwrap();
        membership.register(slot, slot, 0);
        let mutex = Mutex { membership };
        mutex.take_over_slot();
        Arc::new(mutex)
    }
}

fn take(mutex: &Arc<Mutex>) -> Option<Held> {
    let mut locking = Locking::new(mutex.clone());
    matches!(locking.poll(true), Polled::Done).then(|| locking.keep().unwrap())
}

#[test]
fn it_excludes_until_released_and_tokens_grow() {
    let world = World::new();
    let (one, two) = (world.process(1), world.process(2));
    let first = one.try_lock().unwrap().unwrap();
    assert_eq!((two.try_lock().unwrap(), take(&two), one.try_lock().unwrap()), (None, None, None));
    one.unlock();
    let second = take(&two).unwrap();
    assert!(second.token > first.token && !second.owner_died);
    drop(two);
}

#[test]
fn a_dead_owners_mutex_passes_on_and_the_next_owner_is_told_once() {
    let world = World::new();
    let (one, two) = (world.process(1), world.process(2));
    one.try_lock().unwrap().unwrap();
    world.dead.add(1);
    assert_eq!(two.try_lock().unwrap(), None);
    assert!(take(&two).unwrap().owner_died);
    two.unlock();
    assert!(!take(&two).unwrap().owner_died);
}

#[test]
fn a_slots_next_owner_frees_what_the_last_one_held() {
    let world = World::new();
    world.process(1).try_lock().unwrap().unwrap();
    let again = world.process(1);
    assert!(again.try_lock().unwrap().unwrap().owner_died);
}

#[test]
fn what_was_not_delivered_is_told_to_the_next() {
    let world = World::new();
    let (one, two) = (world.process(1), world.process(2));
    one.try_lock().unwrap().unwrap();
    world.dead.add(1);
    let mut locking = Locking::new(two.clone());
    assert!(matches!(locking.poll(true), Polled::Done));
    drop(locking);
    assert!(two.try_lock().unwrap().unwrap().owner_died);
    two.abandon();
    assert!(take(&two).unwrap().owner_died);
}

/// An owner dies before each of its stores; the next one always gets the mutex, a larger token, and is
/// told whenever the dead one had been inside.
#[test]
fn death_before_any_store_leaves_it_usable() {
    type Step = fn(&Arc<Mutex>);
    let steps: [(&str, Step); 3] = [
        ("lock", |mutex| drop(mutex.try_lock().map(|held| held.map(|held| held.token)))),
        ("lock, unlock", |mutex| {
            mutex.try_lock().unwrap();
            mutex.unlock();
        }),
        ("lock, abandon, take", |mutex| {
            mutex.try_lock().unwrap();
            mutex.abandon();
            take(mutex);
        }),
    ];
    for (name, step) in steps {
        for die_at in 0.. {
            let world = World::new();
            let (victim, heir) = (world.process(1), world.process(2));
            let before = heir.try_lock().unwrap().unwrap().token;
            heir.unlock();
            crash::arm(Plan { die_at: Some(die_at), skip: None });
            let died = catch_unwind(AssertUnwindSafe(|| step(&victim)));
            let was_inside = victim.is_locked();
            crash::arm(Plan::default());
            world.dead.add(1);
            let held = take(&heir).unwrap_or_else(|| panic!("{name}, store {die_at}: nobody gets it"));
            assert!(held.token > before, "{name}, store {die_at}");
            assert!(held.owner_died || !was_inside, "{name}, store {die_at}: not told");
            heir.unlock();
            assert!(!take(&heir).unwrap().owner_died, "{name}, store {die_at}: told twice");
            match died {
                Ok(()) => break,
                Err(payload) => assert!(payload.is::<Died>(), "{name}, store {die_at}"),
            }
        }
    }
}
