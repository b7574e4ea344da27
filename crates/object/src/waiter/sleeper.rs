//! Threads that sleep on the words that the waiter's own sleep does not take, and wake the waiter when one changes.
//!
//! One thread of the process polls all waits; a sleeper only sleeps, for one lane of their words. It is told the words
//! with the values that they had when they were polled. When one differs it says so, and rests until it is told again.
//!
//! Where one sleep takes only one word, a sleeper sleeps on a shared word alone. To tell it another one, the waiter wakes
//! that word, which may wake threads of other processes, too: they look at it, and sleep on. The wake-up may come too early,
//! so it is repeated until the sleeper has confirmed.

use super::wait_group::SleepWord;
use super::wait_set::WaitSet;
use crate::sync::Ordering;
use crate::sync::plain::AtomicU32;
use shmkit_os::futex;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;
use std::time::Duration;

/// A lost wake-up is made up for by the waiter, which looks at all words after each slice.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);
const STACK_BYTES: usize = 128 << 10;
/// The most threads that sleep on one word each. The waiter looks at further words from time to time.
const MOST_SINGLE: usize = 64;

/// What the waiter and a sleeper share.
#[derive(Default)]
struct Shared {
    words: Mutex<Option<Vec<SleepWord>>>,
    /// Changes when new words were given; the sleeper sleeps on it as well, or when it has no word.
    given: AtomicU32,
    /// The value of `given` before the words were last fetched.
    fetched: AtomicU32,
    /// Not 0 after a word has changed: the value of `given` before that word was fetched, or more.
    has_fired: AtomicU32,
}

/// A sleeper, as the waiter sees it.
struct Sleeper {
    shared: Arc<Shared>,
    /// The words of which it may sleep on one alone: what it was told last, and before that until it has fetched the last.
    may_sleep_on: Vec<SleepWord>,
    /// How many of these it was told last.
    told_last: usize,
    /// Whether it may have slept on an earlier word when it was told the last.
    may_be_late: bool,
}

/// Which sleepers know their words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// All lanes have one that does.
    All,
    /// There are lanes without one.
    Some,
    /// One may sleep on an earlier word, and must be woken again.
    NotYet,
}

/// The sleepers of a waiter: lane 0 is its own, and each further one has a thread.
pub(super) struct Sleepers {
    wake_waiter: fn(),
    threads: Vec<Sleeper>,
    words_per_sleep: usize,
}

impl Sleepers {
    /// `wake_waiter` makes the waiter's thread look at its lanes.
    pub(super) fn new(wake_waiter: fn()) -> Sleepers {
        Sleepers { wake_waiter, threads: Vec::new(), words_per_sleep: futex::words_per_sleep() }
    }

    /// Tells the sleepers which words have changed.
    pub(super) fn update(&mut self, waits: &mut WaitSet) -> Told {
        let needed = waits.lanes().saturating_sub(1);
        let most = match self.words_per_sleep {
            0 => 0,
            1 => MOST_SINGLE,
            _ => usize::MAX,
        };
        while self.threads.len() < needed.min(most) {
            let Some(thread) = spawn(self.wake_waiter, self.words_per_sleep) else { break };
            self.threads.push(thread);
        }
        let mut told = if self.threads.len() < needed { Told::Some } else { Told::All };
        for (index, thread) in self.threads.iter_mut().enumerate() {
            if waits.take_stale(index + 1) {
                thread.give(waits.words(index + 1), self.words_per_sleep == 1);
            }
            if !thread.is_told() {
                told = Told::NotYet;
            }
        }
        told
    }

    /// Polls the waits of the lanes in which a word has changed, or that have no sleeper.
    pub(super) fn poll_fired(&mut self, waits: &mut WaitSet) {
        for lane in 1..waits.lanes() {
            let fired = self.threads.get_mut(lane - 1).is_none_or(Sleeper::take_fired);
            if fired {
                waits.poll_lane(lane, false);
                waits.set_stale(lane);
            }
        }
    }
}

impl Sleeper {
    fn give(&mut self, words: Vec<SleepWord>, sleeps_on_one: bool) {
        if sleeps_on_one {
            self.may_be_late |= !self.may_sleep_on.is_empty();
            self.told_last = words.len();
            self.may_sleep_on.extend(words.iter().cloned());
        }
        *self.shared.words.lock().unwrap_or_else(PoisonError::into_inner) = Some(words);
        // Release: pairs with the Acquire in `run`, though the mutex orders the words anyway.
        self.shared.given.fetch_add(1, Ordering::Release);
        futex::wake(&self.shared.given, 1);
    }

    /// Returns whether it sleeps on the words that it was told last, or will. Wakes it if it may sleep on an earlier one.
    fn is_told(&mut self) -> bool {
        if !self.may_be_late {
            // It sleeps on what it is told by, and misses nothing.
            return true;
        }
        // Acquire: pairs with the Release in `run`: what it fetched afterwards is what it sleeps on.
        if self.shared.fetched.load(Ordering::Acquire) == self.shared.given.load(Ordering::Relaxed) {
            let earlier = self.may_sleep_on.len() - self.told_last;
            self.may_sleep_on.drain(..earlier);
            self.may_be_late = false;
            return true;
        }
        self.may_sleep_on.iter().for_each(|word| futex::wake(word.region.futex(word.at), u32::MAX));
        false
    }

    fn take_fired(&mut self) -> bool {
        // Acquire: pairs with the Release in `run`: the change that was seen is seen by the polls that follow.
        let fired = self.shared.has_fired.swap(0, Ordering::AcqRel);
        if fired != 0 && fired == self.shared.given.load(Ordering::Relaxed) {
            // By a word of the last ones: it has none any more.
            self.may_sleep_on.clear();
            self.told_last = 0;
            self.may_be_late = false;
        }
        fired != 0
    }
}

/// Returns `None` if the system has no thread for it.
fn spawn(wake_waiter: fn(), words_per_sleep: usize) -> Option<Sleeper> {
    let shared = Arc::new(Shared::default());
    let own = shared.clone();
    let builder = Builder::new().name("shmkit-sleeper".into()).stack_size(STACK_BYTES);
    builder.spawn(move || run(&own, wake_waiter, words_per_sleep)).ok()?;
    Some(Sleeper { shared, may_sleep_on: Vec::new(), told_last: 0, may_be_late: false })
}

fn run(shared: &Shared, wake_waiter: fn(), words_per_sleep: usize) {
    let mut words = Vec::new();
    loop {
        // Acquire: pairs with the Release in `give`. Read before the words are fetched: later ones change it again.
        let given = shared.given.load(Ordering::Acquire);
        if let Some(new) = shared.words.lock().unwrap_or_else(PoisonError::into_inner).take() {
            words = new;
        }
        // Release: pairs with the Acquire in `is_told`.
        shared.fetched.store(given, Ordering::Release);
        if words.iter().any(|word| word.region.load32(word.at) != word.seen) {
            words.clear();
            // Release: pairs with the Acquire in `take_fired`.
            shared.has_fired.store(given.max(1), Ordering::Release);
            wake_waiter();
        }
        let all = words.iter().map(|word| (word.region.futex(word.at), word.seen));
        let mut all: Vec<_> = std::iter::once((&shared.given, given)).chain(all).collect();
        if words_per_sleep == 1 && all.len() > 1 {
            all.remove(0);
        }
        futex::wait_any(&all, LONGEST_SLEEP);
    }
}
