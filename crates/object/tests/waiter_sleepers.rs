//! The waiter's thread and its sleepers: no wait is slept through, and sleeping takes no processor time. On Linux, the feature
//! `shmkit-os/single-words` selects what systems do on which a sleep takes one word.

#![expect(clippy::disallowed_types, reason = "the tests count across threads")]

use shmkit_object::region::Region;
use shmkit_object::sync::{AtomicU32, Ordering};
use shmkit_object::waiter::{
    Completion, Outcome, Pending, Polled, WaitCondition, WaitSet, cancel, next_ticket, start,
};
use shmkit_os::futex::{wake, words_per_sleep};
use shmkit_testkit::Heap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

/// Waits until a word is not 0, and counts how often its owners are checked.
struct NotZero {
    region: Region,
    at: u64,
    checks: Arc<AtomicU32>,
}

impl WaitCondition for NotZero {
    fn wait_word(&self) -> (&Region, u64) {
        (&self.region, self.at)
    }

    fn poll(&mut self, check_owners: bool) -> Polled {
        self.checks.fetch_add(u32::from(check_owners), Ordering::Relaxed);
        match self.region.load32(self.at) {
            0 => Polled::Unavailable { seen: 0, wake_next: true },
            _ => Polled::Done,
        }
    }
}

struct Sender(mpsc::Sender<u64>);

impl Completion for Sender {
    fn complete(&self, ticket: u64, _condition: Box<dyn WaitCondition>, _outcome: Outcome) {
        let _ = self.0.send(ticket);
    }

    fn flushed(&self, _ticket: u64) {}
}

/// The waiter's thread is one for all tests of this program.
static ALONE: Mutex<()> = Mutex::new(());

struct World {
    _alone: MutexGuard<'static, ()>,
    region: Region,
    checks: Arc<AtomicU32>,
    sender: Arc<Sender>,
    ended: mpsc::Receiver<u64>,
}

impl World {
    fn new() -> World {
        let (sender, ended) = mpsc::channel();
        let region = Region::new(Heap::new(64 << 10));
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        World { _alone: alone, region, checks: Arc::default(), sender: Arc::new(Sender(sender)), ended }
    }

    fn pending(&self, at: u64) -> Pending {
        let condition = NotZero { region: self.region.clone(), at, checks: self.checks.clone() };
        let (condition, completion) = (Box::new(condition), self.sender.clone());
        Pending { ticket: next_ticket(), condition, deadline: None, completion }
    }

    fn start(&self, at: u64) -> u64 {
        let pending = self.pending(at);
        let ticket = pending.ticket;
        start(pending).unwrap();
        ticket
    }

    fn change(&self, at: u64, value: u32) {
        self.region.store32(at, value);
        wake(self.region.futex(at), u32::MAX);
    }
}

#[test]
fn a_sleep_of_one_word_has_a_lane_for_each_word_but_none_in_the_waiters_own() {
    let world = World::new();
    let mut waiting = WaitSet::new(1);
    (0..3).for_each(|number| waiting.add(world.pending(number * 64)));
    let lanes: Vec<usize> = (0..waiting.lanes()).map(|lane| waiting.words(lane).len()).collect();
    assert_eq!(lanes, [0, 1, 1, 1]);
    world.change(64, 1);
    waiting.poll_lane(2, false);
    waiting.add(world.pending(64 * 9));
    assert_eq!((waiting.lanes(), waiting.words(2)[0].at), (4, 64 * 9));
    world.change(2 * 64, 1);
    waiting.poll_lane(3, false);
    assert_eq!(waiting.lanes(), 3);
}

/// Waits come and go on the words of a few lanes, so that sleepers are told others while they sleep.
#[test]
fn a_change_of_any_of_several_words_ends_its_wait_whatever_their_sleepers_slept_on_before() {
    const TURNS: u64 = 400;
    let world = World::new();
    let still: Vec<u64> = (0..3).map(|number| world.start(32_768 + number * 64)).collect();
    let begin = Instant::now();
    for turn in 0..TURNS {
        let at = turn % 7 * 64;
        let other = world.start((turn + 3) % 7 * 64 + 8192);
        let ticket = world.start(at);
        world.change(at, 1);
        assert_eq!(world.ended.recv().unwrap(), ticket);
        world.region.store32(at, 0);
        cancel(other);
    }
    println!("from start to end, beside others: {:?}", begin.elapsed() / TURNS as u32);
    still.into_iter().for_each(cancel);
}

#[test]
fn waits_on_several_words_take_no_turns_while_nothing_changes() {
    let world = World::new();
    let more: Vec<u64> = (100..200).map(|number| world.start(number * 64)).collect();
    more.into_iter().for_each(cancel);
    let tickets: Vec<u64> = (0..40).map(|number| world.start(number * 64)).collect();
    world.start(64 * 50);
    world.change(64 * 50, 1);
    world.ended.recv().unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let (before, begin) = (used(), Instant::now());
        // Nothing is waited for: this is how long idleness is measured.
        assert!(world.ended.recv_timeout(Duration::from_millis(400)).is_err());
        let (after, idle) = (used(), begin.elapsed());
        let (time, sleeps) = (after.0 - before.0, after.1 - before.1);
        println!("idle on 40 words, {} to a sleep: {time:?} of {idle:?}, {sleeps} sleeps", words_per_sleep());
        // Owners are looked at once a slice, which grows. With turns of a millisecond there would be hundreds. At first,
        // the threads may still be starting.
        if sleeps < 100 {
            break;
        }
        assert!(Instant::now() < end, "{sleeps}");
    }
    tickets.into_iter().for_each(cancel);
}

#[test]
fn a_wait_that_sleeps_beside_others_ends_when_its_word_changes() {
    const TURNS: usize = 100;
    let world = World::new();
    let tickets: Vec<u64> = (0..40).map(|number| world.start(32_768 + number * 64)).collect();
    let mut times: Vec<Duration> = (0..TURNS)
        .map(|_| {
            world.region.store32(0, 0);
            let ticket = world.start(0);
            // Gives it time to fall asleep; the outcome does not depend on it.
            assert!(world.ended.recv_timeout(Duration::from_millis(5)).is_err());
            let begin = Instant::now();
            world.change(0, 1);
            assert_eq!(world.ended.recv().unwrap(), ticket);
            begin.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!("from change to end, beside 40 words: median {:?}", times[TURNS / 2]);
    tickets.into_iter().for_each(cancel);
}

#[test]
fn owners_are_checked_again_and_again_while_there_are_more_words_than_threads_sleep_on() {
    let world = World::new();
    let tickets: Vec<u64> = (0..100).map(|number| world.start(number * 64)).collect();
    let end = Instant::now() + Duration::from_secs(60);
    while world.checks.load(Ordering::Relaxed) < 500 {
        assert!(Instant::now() < end, "{}", world.checks.load(Ordering::Relaxed));
        std::thread::yield_now();
    }
    tickets.into_iter().for_each(cancel);
}

/// Returns the processor time of all threads of this process, and how often they went to sleep; zeros where the system does
/// not tell.
fn used() -> (Duration, u64) {
    let (mut time, mut sleeps) = (0, 0);
    for thread in std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let text = |name| std::fs::read_to_string(thread.path().join(name)).unwrap_or_default();
        time += text("schedstat").split(' ').next().and_then(|time| time.parse::<u64>().ok()).unwrap_or(0);
        let status = text("status");
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        sleeps += line.and_then(|count| count.trim().parse::<u64>().ok()).unwrap_or(0);
    }
    (Duration::from_nanos(time), sleeps)
}
