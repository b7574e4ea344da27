//! What waking somebody takes at least: two threads that wake each other by turns, over bare futexes that
//! processes could share.

use crate::pair::undisturbed;
use shmkit_core::sync::{AtomicU32, Ordering};
use shmkit_os::futex;
use std::thread;
use std::time::{Duration, Instant};

const TURNS: u32 = 10_000;
const BATCH: u32 = 100;
const PATIENCE: Duration = Duration::from_secs(1);

/// Pairs with the Acquire in `await_turn`; nothing else is passed on.
fn wake(word: &AtomicU32, turn: u32) {
    word.store(turn, Ordering::Release);
    futex::wake(word, 1);
}

fn await_turn(word: &AtomicU32, turn: u32) {
    while word.load(Ordering::Acquire) != turn {
        futex::wait(word, turn - 1, PATIENCE);
    }
}

/// Prints the nanoseconds from one to the other.
pub fn report() {
    let (there, back) = (AtomicU32::new(0), AtomicU32::new(0));
    let batches = thread::scope(|scope| {
        scope.spawn(|| {
            for turn in 1..=TURNS {
                await_turn(&there, turn);
                wake(&back, turn);
            }
        });
        let batch = |number: u32| {
            let start = Instant::now();
            for turn in number * BATCH + 1..=(number + 1) * BATCH {
                wake(&there, turn);
                await_turn(&back, turn);
            }
            start.elapsed().as_nanos() as f64 / f64::from(2 * BATCH)
        };
        (0..TURNS / BATCH).map(batch).collect()
    });
    println!("{}", undisturbed(batches));
}
