//! The waiter against words on the heap, by itself and with its thread.

use shmkit_object::error::Error;
use shmkit_object::region::Region;
use shmkit_object::sync::{AtomicU32, Ordering};
use shmkit_object::waiter::{
    Attempt, Attempted, Outcome, Pending, Sink, Waiting, block_on, cancel, confirm, deadline_after,
    next_ticket, start,
};
use shmkit_testkit::Heap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Takes `n` from a word that holds a number; given back when dropped.
struct Take {
    region: Region,
    at: u64,
    n: u32,
    taken: bool,
    looks: Arc<AtomicU32>,
}

impl Attempt for Take {
    fn place(&self) -> (&Region, u64) {
        (&self.region, self.at)
    }

    fn attempt(&mut self, look_around: bool) -> Attempted {
        self.looks.fetch_add(u32::from(look_around), Ordering::Relaxed);
        loop {
            let seen = self.region.load32(self.at);
            match seen {
                u32::MAX => return Attempted::Failed(Error::Retired),
                0 => return Attempted::Blocked(0),
                seen if seen < self.n => return Attempted::Starved(seen),
                seen if self.region.swap_if32(self.at, seen, seen - self.n).is_ok() => {
                    self.taken = true;
                    return Attempted::Done;
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

/// Ticket, end, and what it got.
type Ended = Vec<(u64, Outcome, Box<dyn Attempt>)>;

/// Remembers how waits ended, and keeps what they got.
#[derive(Default)]
struct Ends {
    ends: Mutex<Ended>,
    confirmed: Mutex<Vec<u64>>,
    more: Condvar,
}

impl Sink for Ends {
    fn deliver(&self, ticket: u64, attempt: Box<dyn Attempt>, outcome: Outcome) {
        self.ends.lock().unwrap().push((ticket, outcome, attempt));
        self.more.notify_all();
    }

    fn confirm(&self, ticket: u64) {
        self.confirmed.lock().unwrap().push(ticket);
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
    looks: Arc<AtomicU32>,
}

impl World {
    fn new() -> World {
        let region = Region::new(Heap::new(64 << 10));
        World { region, ends: Arc::default(), looks: Arc::default() }
    }

    fn take(&self, at: u64, n: u32) -> Take {
        Take { region: self.region.clone(), at, n, taken: false, looks: self.looks.clone() }
    }

    fn pending(&self, at: u64, n: u32, deadline: Option<u64>) -> Pending {
        let (attempt, sink) = (Box::new(self.take(at, n)), self.ends.clone());
        Pending { ticket: next_ticket(), attempt, deadline, sink }
    }
}

#[test]
fn those_who_come_first_are_tried_first_and_the_modest_pass_the_greedy() {
    let world = World::new();
    let mut waiting = Waiting::default();
    let pending: Vec<Pending> = [3, 1, 1].map(|n| world.pending(0, n, None)).into();
    let tickets: Vec<u64> = pending.iter().map(|pending| pending.ticket).collect();
    pending.into_iter().for_each(|pending| waiting.add(pending));
    add(&world.region, 0, 2);
    waiting.look(false);
    assert_eq!(world.ends.tickets(), tickets[1..]);
    add(&world.region, 0, 3);
    waiting.look(false);
    assert_eq!(world.ends.tickets().len(), 3);
    assert!(waiting.is_empty());
}

#[test]
fn an_unchanged_word_is_tried_only_to_look_around() {
    let world = World::new();
    let mut waiting = Waiting::default();
    (0..100).for_each(|_| waiting.add(world.pending(0, 1, None)));
    waiting.look(false);
    assert_eq!(world.looks.load(Ordering::Relaxed), 0);
    waiting.look(true);
    assert_eq!(world.looks.load(Ordering::Relaxed), 1);
}

#[test]
fn a_cancelled_wait_is_forgotten_with_what_it_had() {
    let world = World::new();
    let mut waiting = Waiting::default();
    for _ in 0..10_000 {
        let pending = world.pending(0, 1, Some(u64::MAX));
        let ticket = pending.ticket;
        waiting.add(pending);
        waiting.cancel(ticket);
        waiting.cancel(ticket);
    }
    assert!(waiting.is_empty() && waiting.words().is_empty());
    assert_eq!(waiting.expire(0), None);
    assert_eq!(Arc::strong_count(&world.looks), 1);
}

#[test]
fn deadlines_end_waits_in_their_order() {
    let world = World::new();
    let mut waiting = Waiting::default();
    let pending = [30, 10, 20].map(|deadline| world.pending(0, 1, Some(deadline)));
    let tickets = pending.each_ref().map(|pending| pending.ticket);
    pending.into_iter().for_each(|pending| waiting.add(pending));
    assert_eq!(waiting.expire(9), Some(10));
    assert_eq!(waiting.expire(20), Some(30));
    assert_eq!(world.ends.tickets(), [tickets[1], tickets[2]]);
    assert_eq!(waiting.expire(30), None);
}

#[test]
fn what_can_never_succeed_fails() {
    let world = World::new();
    world.region.store32(0, u32::MAX);
    let mut waiting = Waiting::default();
    waiting.add(world.pending(0, 1, None));
    let ended = world.ends.wait_for(1);
    assert!(matches!(ended[0].1, Outcome::Failed(Error::Retired)));
    assert!(block_on(&mut world.take(0, 1), None).is_err());
}

#[test]
fn more_words_than_fit_take_turns() {
    let world = World::new();
    let mut waiting = Waiting::default();
    (0..300).for_each(|number| waiting.add(world.pending(number * 64, 1, None)));
    assert!(waiting.is_crowded());
    let mut slept_on = std::collections::BTreeSet::new();
    for _ in 0..3 {
        slept_on.extend(waiting.words().iter().map(|(word, _)| word.as_ptr().addr()));
    }
    assert_eq!(slept_on.len(), 300);
}

#[test]
fn the_thread_serves_waits_on_any_number_of_words() {
    let world = World::new();
    let count = 1000;
    for number in 0..count {
        start(world.pending(number % 500 * 64, 1, None)).unwrap();
    }
    (0..500).for_each(|number| add(&world.region, number * 64, 2));
    assert_eq!(world.ends.wait_for(count as usize).len(), count as usize);
}

#[test]
fn the_thread_keeps_time_and_heals_a_lost_wake_up() {
    let world = World::new();
    start(world.pending(0, 1, deadline_after(Some(Duration::from_millis(5))))).unwrap();
    let ended = world.ends.wait_for(1);
    assert!(matches!(ended[0].1, Outcome::TimedOut));
    start(world.pending(0, 1, None)).unwrap();
    // Nobody is woken.
    world.region.store32(0, 1);
    assert!(matches!(world.ends.wait_for(1)[0].1, Outcome::Done));
}

#[test]
fn a_wait_cancelled_in_the_thread_gives_back_what_it_got() {
    let world = World::new();
    for _ in 0..200 {
        let pending = world.pending(0, 1, None);
        let ticket = pending.ticket;
        start(pending).unwrap();
        add(&world.region, 0, 1);
        cancel(ticket);
        // Whatever came first, one is left in the end. The thread may have it until its end is dropped.
        while world.region.swap_if32(0, 1, 0).is_err() {
            drop(std::mem::take(&mut *world.ends.ends.lock().unwrap()));
            std::thread::yield_now();
        }
    }
}

#[test]
fn what_was_given_before_is_delivered_before_the_confirmation() {
    let world = World::new();
    for round in 0..100 {
        let pending = world.pending(0, 1, None);
        let waiting = pending.ticket;
        start(pending).unwrap();
        // Nobody is woken: the confirmation itself makes the thread look.
        let value = world.region.load32(0);
        world.region.store32(0, value + 1);
        let ticket = next_ticket();
        confirm(ticket, world.ends.clone());
        while world.ends.confirmed.lock().unwrap().last() != Some(&ticket) {
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
