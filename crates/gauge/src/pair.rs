//! Two threads on two cores: what it costs that the other one was there before.

#![expect(clippy::disallowed_types, reason = "two threads take turns")]

use crate::machine::Machine;
use crate::operations::{Bench, Contents, Operation};
use shmkit_object::sync::{AtomicU32, Ordering};
use shmkit_os::futex;
use std::hint::spin_loop;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// Bytes of a dictionary that has one shard only.
pub const ONE_SHARD: u64 = 960 << 10;
const TURNS: u32 = 20_000;
const WAKES: usize = 400;
const RACE: Duration = Duration::from_millis(50);
/// Times within which the clock is not looked at.
const BATCH: usize = 64;

/// What something takes where nothing else disturbs it: a quarter of the figures are below.
pub fn undisturbed(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 4).copied().unwrap_or_default()
}

/// Nanoseconds that looking at the clock twice adds.
fn clock_cost() -> f64 {
    let looks = (0..1000).map(|_| {
        let start = Instant::now();
        start.elapsed().as_nanos() as f64
    });
    undisturbed(looks.collect())
}

/// Nanoseconds of an operation that strictly takes turns with one of another core in a dictionary of one
/// shard: every line of the shard that it writes was last written over there.
pub fn by_turns(operation: &Operation) -> f64 {
    let machine = Machine::new(ONE_SHARD, 2000);
    let turn = AtomicU32::new(0);
    let barrier = Barrier::new(2);
    let overhead = clock_cost();
    let run = |me: u32| {
        let mut bench = Bench::within(&machine, me + 1, operation.prepare);
        barrier.wait();
        let mut figures = Vec::new();
        for number in 0..TURNS {
            // Pairs with the other one's Release: it has left the shard.
            while turn.load(Ordering::Acquire) & 1 != me {
                spin_loop();
            }
            let start = Instant::now();
            (operation.operate)(&mut bench, number as usize);
            figures.push(start.elapsed().as_nanos() as f64);
            turn.fetch_add(1, Ordering::Release);
        }
        undisturbed(figures)
    };
    let both = thread::scope(|scope| [0, 1].map(|me| scope.spawn(move || run(me))).map(|it| it.join()));
    let figures = both.into_iter().map(|figure| figure.expect("no thread panics") - overhead);
    figures.sum::<f64>() / 2.0
}

/// Nanoseconds until a word that one core writes has come to another.
pub fn transfer() -> f64 {
    let word = AtomicU32::new(0);
    let run = |me: u32| {
        let mut figures = Vec::new();
        for _ in 0..TURNS as usize / BATCH {
            let start = Instant::now();
            for _ in 0..BATCH {
                while word.load(Ordering::Acquire) & 1 != me {
                    spin_loop();
                }
                // Pairs with the other one's Acquire; nothing else is passed on.
                word.fetch_add(1, Ordering::Release);
            }
            // There and back.
            figures.push(start.elapsed().as_nanos() as f64 / (2 * BATCH) as f64);
        }
        undisturbed(figures)
    };
    let run = &run;
    let both = thread::scope(|scope| [0, 1].map(|me| scope.spawn(move || run(me))).map(|it| it.join()));
    both.into_iter().map(|figure| figure.expect("no thread panics")).sum::<f64>() / 2.0
}

/// What waking a sleeper takes, in nanoseconds.
pub struct Wake {
    /// Of the one who wakes.
    pub caller: f64,
    /// Until the sleeper runs.
    pub sleeper: f64,
}

/// Wakes a thread again and again that surely sleeps.
pub fn wake() -> Wake {
    let word = AtomicU32::new(0);
    let begin = Instant::now();
    let barrier = Barrier::new(2);
    let sleeper = || {
        let mut awake = Vec::new();
        for number in 0..WAKES as u32 {
            barrier.wait();
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
            // Nothing tells that it sleeps by now; if it does not yet, that figure is an outlier.
            thread::sleep(Duration::from_micros(300));
            // Pairs with the sleeper's Acquire.
            word.store(number + 1, Ordering::Release);
            let start = begin.elapsed().as_nanos() as f64;
            futex::wake(&word, 1);
            called.push((start, begin.elapsed().as_nanos() as f64));
        }
        called
    };
    thread::scope(|scope| {
        let (awake, called) = (scope.spawn(sleeper), scope.spawn(caller));
        let (awake, called) = (awake.join().expect("no panic"), called.join().expect("no panic"));
        let caller = called.iter().map(|(start, end)| end - start).collect();
        let sleeper = awake.iter().zip(&called).map(|(awake, (start, _))| awake - start).collect();
        Wake { caller: undisturbed(caller), sleeper: undisturbed(sleeper) }
    })
}

/// Operations a second of `threads` that do nothing else, in a dictionary of so many bytes.
pub fn race(operation: &Operation, size: u64, threads: u32) -> f64 {
    let machine = Machine::new(size, 2000);
    let barrier = Barrier::new(threads as usize);
    let run = |me: u32| {
        let mut bench = Bench::within(&machine, me + 1, Contents::Text(32));
        barrier.wait();
        let start = Instant::now();
        let mut done = 0;
        while start.elapsed() < RACE {
            for _ in 0..BATCH {
                // Each thread goes its own way through the keys, which are of all shards.
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
