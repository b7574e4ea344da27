//! Two threads on two cores: the cost of memory that the other core wrote last.

#![expect(clippy::disallowed_types, reason = "two threads alternate")]

use crate::machine::Machine;
use crate::operations::{Bench, Contents, Operation};
use shmkit_object::sync::{AtomicU32, Ordering};
use shmkit_os::futex;
use std::hint::spin_loop;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// Bytes of a dictionary with only one shard.
pub const ONE_SHARD: u64 = 960 << 10;
const TURNS: u32 = 20_000;
const WAKES: usize = 400;
const RACE_TIME: Duration = Duration::from_millis(50);
/// Operations between two reads of the clock.
const BATCH: usize = 64;

/// Returns the lower quartile, which approximates the cost without disturbances.
pub fn lower_quartile(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 4).copied().unwrap_or_default()
}

/// Returns the nanoseconds that reading the clock twice adds.
fn clock_cost() -> f64 {
    let figures = (0..1000).map(|_| {
        let start = Instant::now();
        start.elapsed().as_nanos() as f64
    });
    lower_quartile(figures.collect())
}

/// Returns the nanoseconds of an operation that strictly alternates with one on another core in a dictionary of one
/// shard: the other core has last written every cache line of the shard that the operation writes.
pub fn alternating(operation: &Operation) -> f64 {
    let machine = Machine::new(ONE_SHARD, 2000);
    let turn = AtomicU32::new(0);
    let barrier = Barrier::new(2);
    let overhead = clock_cost();
    let run = |me: u32| {
        let mut bench = Bench::attach(&machine, me + 1, operation.prepare);
        barrier.wait();
        let mut figures = Vec::new();
        for number in 0..TURNS {
            // Acquire: pairs with the Release below of the other thread, which has then left the shard.
            while turn.load(Ordering::Acquire) & 1 != me {
                spin_loop();
            }
            let start = Instant::now();
            (operation.operate)(&mut bench, number as usize);
            figures.push(start.elapsed().as_nanos() as f64);
            // Release: pairs with the Acquire above of the other thread.
            turn.fetch_add(1, Ordering::Release);
        }
        lower_quartile(figures)
    };
    let both = thread::scope(|scope| [0, 1].map(|me| scope.spawn(move || run(me))).map(|it| it.join()));
    let figures = both.into_iter().map(|figure| figure.expect("no thread panics") - overhead);
    figures.sum::<f64>() / 2.0
}

/// Returns the nanoseconds until one core sees a word that another core writes.
pub fn transfer() -> f64 {
    let word = AtomicU32::new(0);
    let run = |me: u32| {
        let mut figures = Vec::new();
        for _ in 0..TURNS as usize / BATCH {
            let start = Instant::now();
            for _ in 0..BATCH {
                // Acquire: pairs with the Release below of the other thread.
                while word.load(Ordering::Acquire) & 1 != me {
                    spin_loop();
                }
                // Release: pairs with the Acquire above of the other thread; no other memory is published.
                word.fetch_add(1, Ordering::Release);
            }
            // Each iteration is two transfers.
            figures.push(start.elapsed().as_nanos() as f64 / (2 * BATCH) as f64);
        }
        lower_quartile(figures)
    };
    let run = &run;
    let both = thread::scope(|scope| [0, 1].map(|me| scope.spawn(move || run(me))).map(|it| it.join()));
    both.into_iter().map(|figure| figure.expect("no thread panics")).sum::<f64>() / 2.0
}

/// The costs of waking a waiter, in nanoseconds.
pub struct Wake {
    /// Duration of the call that wakes.
    pub caller: f64,
    /// Time until the waiter runs.
    pub waiter: f64,
}

/// Repeatedly wakes a thread that is asleep, and measures both sides.
pub fn wake() -> Wake {
    let word = AtomicU32::new(0);
    let begin = Instant::now();
    let barrier = Barrier::new(2);
    let waiter = || {
        let mut awake = Vec::new();
        for number in 0..WAKES as u32 {
            barrier.wait();
            // Acquire: pairs with the Release store of the caller.
            while word.load(Ordering::Acquire) == number {
                futex::wait(&word, number, Duration::from_secs(1));
            }
            awake.push(begin.elapsed().as_nanos() as f64);
        }
        awake
    };
    let caller = || {
        let mut called = Vec::new();
        for number in 0..WAKES as u32 {
            barrier.wait();
            // No condition tells that the waiter is asleep by now; if it is not, the figure is an outlier.
            thread::sleep(Duration::from_micros(300));
            // Release: pairs with the Acquire load of the waiter.
            word.store(number + 1, Ordering::Release);
            let start = begin.elapsed().as_nanos() as f64;
            futex::wake(&word, 1);
            called.push((start, begin.elapsed().as_nanos() as f64));
        }
        called
    };
    thread::scope(|scope| {
        let (awake, called) = (scope.spawn(waiter), scope.spawn(caller));
        let (awake, called) = (awake.join().expect("no panic"), called.join().expect("no panic"));
        let caller = called.iter().map(|(start, end)| end - start).collect();
        let waiter = awake.iter().zip(&called).map(|(awake, (start, _))| awake - start).collect();
        Wake { caller: lower_quartile(caller), waiter: lower_quartile(waiter) }
    })
}

/// Returns the operations per second of `threads` threads together, in a dictionary of `size` bytes.
pub fn race(operation: &Operation, size: u64, threads: u32) -> f64 {
    let machine = Machine::new(size, 2000);
    let barrier = Barrier::new(threads as usize);
    let run = |me: u32| {
        let mut bench = Bench::attach(&machine, me + 1, Contents::Text(32));
        barrier.wait();
        let start = Instant::now();
        let mut done = 0;
        while start.elapsed() < RACE_TIME {
            for _ in 0..BATCH {
                // Each thread visits the keys, which are of all shards, in a different order.
                (operation.operate)(&mut bench, done * (2 * me as usize + 1));
                done += 1;
            }
        }
        done as f64 / start.elapsed().as_secs_f64()
    };
    let run = &run;
    thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|me| scope.spawn(move || run(me))).collect();
        all.into_iter().map(|one| one.join().expect("no thread panics")).sum()
    })
}
