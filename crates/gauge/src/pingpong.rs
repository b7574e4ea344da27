//! Measures the minimum cost of waking a waiter: two threads wake each other in turn, by bare futexes that
//! processes could share. Each is pinned to a separate processor: on the same one the kernel only switches
//! between them, at a thirtieth of the cost, and without pinning the placement is random.

#![expect(clippy::disallowed_types, reason = "two threads wake each other")]

use crate::pair::lower_quartile;
use shmkit_object::sync::{AtomicU32, Ordering};
use shmkit_os::{clock, futex, process};
use std::thread;
use std::time::{Duration, Instant};

const TURNS: u32 = 10_000;
const BATCH: u32 = 100;
const SLEEPS: u32 = 50;
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Stores `turn` and wakes the waiter.
fn wake(word: &AtomicU32, turn: u32) {
    // Release: pairs with the Acquire in `await_turn`; no other memory is published.
    word.store(turn, Ordering::Release);
    futex::wake(word, 1);
}

/// Waits for `turn` or a later one: a waiter may be delayed for longer than the other thread sleeps.
fn await_turn(word: &AtomicU32, turn: u32) {
    // Acquire: pairs with the Release in `wake`.
    while word.load(Ordering::Acquire) < turn {
        futex::wait(word, turn - 1, LONGEST_WAIT);
    }
}

/// Runs two threads, pinned to two different processors.
fn on_two_processors<A: Send, B: Send>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    // Two new threads, because a new thread inherits the pinning of the one that starts it.
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            process::pin_to_processor(1);
            other()
        });
        let one = scope.spawn(|| {
            process::pin_to_processor(0);
            one()
        });
        (one.join().expect("no thread panics"), other.join().expect("no thread panics"))
    })
}

/// Returns the nanoseconds from a wake-up until the waiter runs, when both have just slept.
fn alternating() -> f64 {
    let (there, back) = (AtomicU32::new(0), AtomicU32::new(0));
    let batch = |number: u32| {
        let start = Instant::now();
        for turn in number * BATCH + 1..=(number + 1) * BATCH {
            wake(&there, turn);
            await_turn(&back, turn);
        }
        start.elapsed().as_nanos() as f64 / f64::from(2 * BATCH)
    };
    let answer = || {
        for turn in 1..=TURNS {
            await_turn(&there, turn);
            wake(&back, turn);
        }
    };
    let (batches, ()) = on_two_processors(|| (0..TURNS / BATCH).map(batch).collect(), answer);
    lower_quartile(batches)
}

/// Returns the nanoseconds from a wake-up until the waiter runs, when the waiter and its processor have slept for
/// a millisecond.
fn after_sleep() -> f64 {
    let word = AtomicU32::new(0);
    let send = |turn: u32| {
        clock::sleep(Duration::from_millis(1));
        let start = Instant::now();
        wake(&word, turn);
        start
    };
    let receive = |turn: u32| {
        await_turn(&word, turn);
        Instant::now()
    };
    let (sent, received): (Vec<_>, Vec<_>) =
        on_two_processors(|| (1..=SLEEPS).map(send).collect(), || (1..=SLEEPS).map(receive).collect());
    let latencies = sent.iter().zip(received).map(|(sent, received)| (received - *sent).as_nanos() as f64);
    lower_quartile(latencies.collect())
}

/// Prints the nanoseconds from a wake-up until the waiter runs: when threads alternate, and after a sleep of 1 ms.
pub fn report() {
    println!("{} {}", alternating(), after_sleep());
}
