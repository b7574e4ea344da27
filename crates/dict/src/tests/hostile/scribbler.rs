//! A peer that writes random words all over the segment while other processes work.

use super::super::fixture::*;
use super::population::MACHINES;
use super::random::Random;
use super::script::{END, READS, WRITES};
use super::trial::{Bench, Outcome, guarded, watch};
use shmkit_object::region::Region;
use shmkit_object::sync::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const TIME: Duration = Duration::from_millis(1200);
/// After this many words the image is restored; otherwise only a wreck would be tested.
const WORDS: u64 = 4000;
const SEED: u64 = 0x5C21_BB1E;

/// Writes words of every kind at random offsets until the `workers` have finished.
fn scribble(machine: &Machine, random: &mut Random, workers: &AtomicU32, first: u64) {
    let region = Region::new(machine.heap.clone());
    let words = region.len() / 8;
    for _ in 0..WORDS {
        if workers.load(Ordering::Relaxed) == 0 {
            return;
        }
        let offset = |random: &mut Random| (first + random.below(words - first)) * 8;
        let at = offset(random);
        let word = match random.below(3) {
            0 => random.next(),
            1 => region.load(at) ^ 1 << random.below(64),
            _ => region.load(offset(random)),
        };
        region.hint(at, word);
        std::thread::yield_now();
    }
}

/// Runs the script and returns how many calls failed and how many panicked.
fn work(bench: &Bench, slot: u32, workers: &AtomicU32) -> (u64, u64) {
    let (mut errors, mut panics) = (0, 0);
    // The memory may be damaged already: being refused is as good as running.
    if let Outcome::Returned(Ok(dict)) = guarded(|| bench.machine.try_process(slot)) {
        let dict = dict.with_lock_timeout(Duration::from_millis(2));
        for (_, step) in [READS, WRITES, READS, WRITES, END].into_iter().flatten() {
            bench.step();
            match guarded(|| step(&dict)) {
                Outcome::Returned(outcome) => errors += u64::from(outcome.is_err()),
                Outcome::Wrong(_) => {}
                Outcome::Panicked => panics += 1,
            }
        }
    }
    workers.fetch_sub(1, Ordering::Relaxed);
    (errors, panics)
}

fn scribble_at_work(bench: &mut Bench) {
    let mut random = Random(SEED);
    let end = Instant::now() + TIME;
    while Instant::now() < end {
        bench.machine.heap.restore(&bench.image);
        bench.tally.images += 1;
        let workers = AtomicU32::new(2);
        // Half of the time the superblock is spared, so that more calls get through.
        let first = random.below(2) * 128;
        let outcomes = std::thread::scope(|scope| {
            let (shared, workers) = (&*bench, &workers);
            let working = [2, 3].map(|slot| scope.spawn(move || work(shared, slot, workers)));
            scribble(&shared.machine, &mut random, workers, first);
            working.map(|worker| worker.join().expect("a worker that lives"))
        });
        for (errors, panics) in outcomes {
            bench.tally.errors += errors;
            bench.tally.panics += panics;
        }
    }
}

#[test]
fn a_scribbling_peer_does_no_harm() {
    for (name, options) in MACHINES {
        watch(&format!("scribbling, {name}"), options, scribble_at_work);
    }
}
