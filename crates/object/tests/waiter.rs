//! Waits on words on the heap, with and without the waiter's thread.

#![expect(clippy::disallowed_types, reason = "the tests count across threads")]

use shmkit_object::error::Error;
use shmkit_object::region::Region;
use shmkit_object::sync::{AtomicU32, Ordering};
use shmkit_object::waiter::{
    Completion, Outcome, Pending, Polled, WaitCondition, WaitSet, block_on, cancel, deadline_after, flush,
    next_ticket, start,
};
use shmkit_os::futex::MAX_WORDS;
use shmkit_testkit::Heap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Takes `n` from a word that holds a number, and adds it again when dropped.
struct Take {
    region: Region,
    at: u64,
    n: u32,
    taken: bool,
    owner_checks: Arc<AtomicU32>,
}

impl WaitCondition for Take {
    fn wait_word(&self) -> (&Region, u64) {
        (&self.region, self.at)
    }

    fn poll(&mut self, check_owners: bool) -> Polled {
        self.owner_checks.fetch_add(u32::from(check_owners), Ordering::Relaxed);
        loop {
            let seen = self.region.load32(self.at);
            match seen {
                u32::MAX => return Polled::Failed(Error::Retired),
                0 => return Polled::Unavailable { seen: 0, wake_next: false },
                seen if seen < self.n => return Polled::Unavailable { seen, wake_next: true },
                seen if self.region.swap_if32(self.at, seen, seen - self.n).is_ok() => {
                    self.taken = true;
                    return Polled::Done;
                }
                _ => {}
            }
        }
    }
}

impl Drop for Take {
    fn drop(&mut self) {
        if self.taken {
            add(&self.region, self.at, self.n);
        }
    }
}

fn add(region: &Region, at: u64, n: u32) {
    let mut seen = region.load32(at);
    while let Err(now) = region.swap_if32(at, seen, seen + n) {
        seen = now;
    }
    shmkit_os::futex::wake(region.futex(at), u32::MAX);
}

/// The ticket, outcome and condition of each finished wait.
type Ended = Vec<(u64, Outcome, Box<dyn WaitCondition>)>;

/// Records how waits ended, and keeps what they acquired.
#[derive(Default)]
struct Ends {
    ends: Mutex<Ended>,
    flushed: Mutex<Vec<u64>>,
    more: Condvar,
}

impl Completion for Ends {
    fn complete(&self, ticket: u64, condition: Box<dyn WaitCondition>, outcome: Outcome) {
        self.ends.lock().unwrap().push((ticket, outcome, condition));
        self.more.notify_all();
    }

    fn flushed(&self, ticket: u64) {
        self.flushed.lock().unwrap().push(ticket);
    }
}

impl Ends {
    fn wait_for(&self, count: usize) -> Ended {
        let ends = self.ends.lock().unwrap();
        std::mem::take(&mut *self.more.wait_while(ends, |ends| ends.len() < count).unwrap())
    }

    fn tickets(&self) -> Vec<u64> {
        self.ends.lock().unwrap().iter().map(|(ticket, ..)| *ticket).collect()
    }
}

struct World {
    region: Region,
    ends: Arc<Ends>,
    owner_checks: Arc<AtomicU32>,
}

impl World {
    fn new() -> World {
        let region = Region::new(Heap::new(64 << 10));
        World { region, ends: Arc::default(), owner_checks: Arc::default() }
    }

    fn take(&self, at: u64, n: u32) -> Take {
        Take { region: self.region.clone(), at, n, taken: false, owner_checks: self.owner_checks.clone() }
    }

    fn pending(&self, at: u64, n: u32, deadline: Option<u64>) -> Pending {
        let (condition, completion) = (Box::new(self.take(at, n)), self.ends.clone());
        Pending { ticket: next_ticket(), condition, deadline, completion }
    }
}

#[test]
fn a_small_request_overtakes_a_large_one_and_equal_ones_keep_their_order() {
    let world = World::new();
    let mut waiting = WaitSet::new(MAX_WORDS);
    let pending: Vec<Pending> = [3, 1, 1].map(|n| world.pending(0, n, None)).into();
    let tickets: Vec<u64> = pending.iter().map(|pending| pending.ticket).collect();
    pending.into_iter().for_each(|pending| waiting.add(pending));
    add(&world.region, 0, 2);
    waiting.poll_changed(false);
    assert_eq!(world.ends.tickets(), tickets[1..]);
    add(&world.region, 0, 3);
    waiting.poll_changed(false);
    assert_eq!(world.ends.tickets().len(), 3);
    assert!(waiting.is_empty());
}

#[test]
fn an_unchanged_word_is_polled_only_to_check_owners_once_for_all_waits() {
    let world = World::new();
    let mut waiting = WaitSet::new(MAX_WORDS);
    (0..100).for_each(|_| waiting.add(world.pending(0, 1, None)));
    waiting.poll_changed(false);
    assert_eq!(world.owner_checks.load(Ordering::Relaxed), 0);
    waiting.poll_changed(true);
    assert_eq!(world.owner_checks.load(Ordering::Relaxed), 1);
}

#[test]
fn cancelling_a_wait_drops_its_condition() {
    let world = World::new();
    let mut waiting = WaitSet::new(MAX_WORDS);
    for _ in 0..10_000 {
        let pending = world.pending(0, 1, Some(u64::MAX));
        let ticket = pending.ticket;
        waiting.add(pending);
        waiting.cancel(ticket);
        waiting.cancel(ticket);
    }
    assert!(waiting.is_empty() && waiting.words(0).is_empty());
    assert_eq!(waiting.expire(0), None);
    assert_eq!(Arc::strong_count(&world.owner_checks), 1);
}

#[test]
fn waits_expire_in_the_order_of_their_deadlines() {
    let world = World::new();
    let mut waiting = WaitSet::new(MAX_WORDS);
    let pending = [30, 10, 20].map(|deadline| world.pending(0, 1, Some(deadline)));
    let tickets = pending.each_ref().map(|pending| pending.ticket);
    pending.into_iter().for_each(|pending| waiting.add(pending));
    assert_eq!(waiting.expire(9), Some(10));
    assert_eq!(waiting.expire(20), Some(30));
    assert_eq!(world.ends.tickets(), [tickets[1], tickets[2]]);
    assert_eq!(waiting.expire(30), None);
}

#[test]
fn a_wait_fails_when_its_condition_fails() {
    let world = World::new();
    world.region.store32(0, u32::MAX);
    let mut waiting = WaitSet::new(MAX_WORDS);
    waiting.add(world.pending(0, 1, None));
    let ended = world.ends.wait_for(1);
    assert!(matches!(ended[0].1, Outcome::Failed(Error::Retired)));
    assert!(block_on(&mut world.take(0, 1), None).is_err());
}

#[test]
fn words_are_divided_into_lanes_of_one_sleep_each_which_tell_when_they_change() {
    let world = World::new();
    let mut waiting = WaitSet::new(MAX_WORDS);
    let tickets: Vec<u64> = (0..300)
        .map(|number| {
            let pending = world.pending(number * 64, 1, None);
            let ticket = pending.ticket;
            waiting.add(pending);
            ticket
        })
        .collect();
    let words = |waiting: &WaitSet| {
        let offsets = |lane| waiting.words(lane).iter().map(|word| word.at).collect::<Vec<_>>();
        (0..waiting.lanes()).map(offsets).collect::<Vec<_>>()
    };
    let lanes = words(&waiting);
    assert_eq!(lanes.iter().map(Vec::len).collect::<Vec<_>>(), [127, 127, 46]);
    assert_eq!(lanes.concat().into_iter().collect::<std::collections::BTreeSet<_>>().len(), 300);
    let stale = |waiting: &mut WaitSet| [0, 1, 2].map(|lane| waiting.take_stale(lane));
    assert_eq!((stale(&mut waiting), stale(&mut waiting)), ([true; 3], [false; 3]));
    waiting.cancel(tickets[130]);
    assert_eq!(stale(&mut waiting), [false, true, false]);
    let changed = lanes[2][0];
    add(&world.region, changed, 1);
    waiting.poll_lane(1, false);
    assert!(world.ends.tickets().is_empty());
    waiting.poll_lane(2, false);
    assert_eq!(world.ends.tickets(), [tickets[changed as usize / 64]]);
    assert_eq!(stale(&mut waiting), [false, false, true]);
}

#[test]
fn the_thread_completes_waits_on_more_words_than_one_sleep_takes() {
    let world = World::new();
    let count = 1000;
    for number in 0..count {
        start(world.pending(number % 500 * 64, 1, None)).unwrap();
    }
    (0..500).for_each(|number| add(&world.region, number * 64, 2));
    assert_eq!(world.ends.wait_for(count as usize).len(), count as usize);
}

#[test]
fn the_thread_ends_waits_at_their_deadline_and_notices_a_change_without_wake_up() {
    let world = World::new();
    start(world.pending(0, 1, deadline_after(Some(Duration::from_millis(5))))).unwrap();
    let ended = world.ends.wait_for(1);
    assert!(matches!(ended[0].1, Outcome::TimedOut));
    start(world.pending(0, 1, None)).unwrap();
    // No wake-up follows.
    world.region.store32(0, 1);
    assert!(matches!(world.ends.wait_for(1)[0].1, Outcome::Done));
}

#[test]
fn cancelling_a_wait_in_the_thread_releases_what_it_acquired() {
    let world = World::new();
    for _ in 0..200 {
        let pending = world.pending(0, 1, None);
        let ticket = pending.ticket;
        start(pending).unwrap();
        add(&world.region, 0, 1);
        cancel(ticket);
        // In either order, one is left in the end. The thread may hold it until the finished wait is dropped.
        while world.region.swap_if32(0, 1, 0).is_err() {
            drop(std::mem::take(&mut *world.ends.ends.lock().unwrap()));
            std::thread::yield_now();
        }
    }
}

#[test]
fn flushed_comes_after_the_completion_of_every_wait_that_could_end_before() {
    let world = World::new();
    for round in 0..100 {
        let pending = world.pending(0, 1, None);
        let waiting = pending.ticket;
        start(pending).unwrap();
        // No wake-up follows: the flush makes the thread poll.
        let value = world.region.load32(0);
        world.region.store32(0, value + 1);
        let ticket = next_ticket();
        flush(ticket, world.ends.clone());
        while world.ends.flushed.lock().unwrap().last() != Some(&ticket) {
            std::thread::yield_now();
        }
        assert_eq!(world.ends.tickets(), [waiting], "round {round}");
        assert_eq!(world.ends.wait_for(1).len(), 1);
    }
}

#[test]
fn a_blocking_wait_ends_by_success_or_deadline() {
    let world = World::new();
    assert!(!block_on(&mut world.take(0, 1), deadline_after(Some(Duration::ZERO))).unwrap());
    assert!(!block_on(&mut world.take(0, 1), deadline_after(Some(Duration::from_millis(3)))).unwrap());
    std::thread::scope(|scope| {
        let sleeper = scope.spawn(|| block_on(&mut world.take(0, 1), None).unwrap());
        add(&world.region, 0, 1);
        assert!(sleeper.join().unwrap());
    });
}
