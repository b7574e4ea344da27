//! What waking somebody takes at least: two threads that wake each other by turns, over bare futexes that
//! processes could share. Each stays on a processor of its own: on one and the same the kernel only switches
//! between them, which takes a thirtieth, and where it puts them is chance.

#![expect(clippy::disallowed_types, reason = "two threads wake each other")]

use crate::pair::undisturbed;
use shmkit_object::sync::{AtomicU32, Ordering};
use shmkit_os::{clock, futex, process};
use std::thread;
use std::time::{Duration, Instant};

const TURNS: u32 = 10_000;
const BATCH: u32 = 100;
const SLEEPS: u32 = 50;
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Pairs with the Acquire in `await_turn`; nothing else is passed on.
fn wake(word: &AtomicU32, turn: u32) {
    word.store(turn, Ordering::Release);
    futex::wake(word, 1);
}

/// Or a later one: whoever waits may be held up for longer than the other sleeps.
fn await_turn(word: &AtomicU32, turn: u32) {
    while word.load(Ordering::Acquire) < turn {
        futex::wait(word, turn - 1, LONGEST_WAIT);
    }
}

/// Runs two threads, each on a processor of its own.
fn apart<A: Send, B: Send>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
    // Neither inherits the other's choice: this thread makes none.
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

/// Nanoseconds from one to the other, both of which have just slept.
fn by_turns() -> f64 {
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
    let (batches, ()) = apart(|| (0..TURNS / BATCH).map(batch).collect(), answer);
    undisturbed(batches)
}

/// Nanoseconds from one to the other, who has slept for a while, and his processor with him.
fn asleep() -> f64 {
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
        apart(|| (1..=SLEEPS).map(send).collect(), || (1..=SLEEPS).map(receive).collect());
    let latencies = sent.iter().zip(received).map(|(sent, received)| (received - *sent).as_nanos() as f64);
    undisturbed(latencies.collect())
}

/// Prints the nanoseconds from one to the other: by turns, and after a sleep of 1 ms.
pub fn report() {
    println!("{} {}", by_turns(), asleep());
}
