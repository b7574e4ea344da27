//! Threads that sleep on the words that the waiter's own sleep does not take, and wake the waiter when one changes.
//!
//! One thread of the process polls all waits; a sleeper only sleeps, for one lane of their words. It is told the words
//! with the values that they had when they were polled. When one differs it says so, and rests until it is told again.

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

/// What the waiter and a sleeper share.
#[derive(Default)]
struct Shared {
    words: Mutex<Option<Vec<SleepWord>>>,
    /// Changes when new words were given; the sleeper sleeps on it as well.
    given: AtomicU32,
    /// 1 after a word has changed.
    has_fired: AtomicU32,
}

/// The sleepers of a waiter: lane 0 is its own, and each further one has a thread.
pub(super) struct Sleepers {
    wake_waiter: fn(),
    threads: Vec<Arc<Shared>>,
    /// Whether one sleep takes several words on this system.
    is_supported: bool,
}

impl Sleepers {
    /// `wake_waiter` makes the waiter's thread look at its lanes.
    pub(super) fn new(wake_waiter: fn()) -> Sleepers {
        Sleepers { wake_waiter, threads: Vec::new(), is_supported: futex::can_wait_on_several() }
    }

    /// Tells the sleepers which words have changed. Returns whether all lanes have one.
    pub(super) fn update(&mut self, waits: &mut WaitSet) -> bool {
        let needed = waits.lanes().saturating_sub(1);
        while self.is_supported && self.threads.len() < needed {
            let Some(thread) = spawn(self.wake_waiter) else { break };
            self.threads.push(thread);
        }
        for (index, thread) in self.threads.iter().enumerate().take(needed) {
            if waits.take_stale(index + 1) {
                thread.give(waits.words(index + 1));
            }
        }
        self.threads.len() >= needed
    }

    /// Polls the waits of the lanes in which a word has changed, or that have no sleeper.
    pub(super) fn poll_fired(&self, waits: &mut WaitSet) {
        for lane in 1..waits.lanes() {
            let fired = self.threads.get(lane - 1).is_none_or(|thread| thread.take_fired());
            if fired {
                waits.poll_lane(lane, false);
                waits.set_stale(lane);
            }
        }
    }
}

impl Shared {
    fn give(&self, words: Vec<SleepWord>) {
        *self.words.lock().unwrap_or_else(PoisonError::into_inner) = Some(words);
        // Release: pairs with the Acquire in `run`, though the mutex orders the words anyway.
        self.given.fetch_add(1, Ordering::Release);
        futex::wake(&self.given, 1);
    }

    fn take_fired(&self) -> bool {
        // Acquire: pairs with the Release in `run`: the change that was seen is seen by the polls that follow.
        self.has_fired.swap(0, Ordering::AcqRel) != 0
    }
}

/// Returns `None` if the system has no thread for it.
fn spawn(wake_waiter: fn()) -> Option<Arc<Shared>> {
    let shared = Arc::new(Shared::default());
    let own = shared.clone();
    let builder = Builder::new().name("shmkit-sleeper".into()).stack_size(STACK_BYTES);
    builder.spawn(move || run(&own, wake_waiter)).ok()?;
    Some(shared)
}

fn run(shared: &Shared, wake_waiter: fn()) {
    let mut words = Vec::new();
    loop {
        // Acquire: pairs with the Release in `give`. Read before the words are fetched: later ones change it again.
        let given = shared.given.load(Ordering::Acquire);
        if let Some(new) = shared.words.lock().unwrap_or_else(PoisonError::into_inner).take() {
            words = new;
        }
        if words.iter().any(|word| word.region.load32(word.at) != word.seen) {
            words.clear();
            // Release: pairs with the Acquire in `take_fired`.
            shared.has_fired.store(1, Ordering::Release);
            wake_waiter();
        }
        let all = words.iter().map(|word| (word.region.futex(word.at), word.seen));
        let all: Vec<_> = std::iter::once((&shared.given, given)).chain(all).collect();
        futex::wait_any(&all, LONGEST_SLEEP);
    }
}
