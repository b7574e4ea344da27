//! Measures how long a lock is held, and what it costs to acquire it from another core.
//!
//! The lock is held for all of a write except hashing the key: the engine does nothing else outside the lock.

use crate::operations::{Bench, OPERATIONS, Operation};
use crate::pair::{ONE_SHARD, alternating, lower_quartile, race, transfer, wake};
use shmkit_dict::{Geometry, KeyHash, Secret};
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 15;
const CALLS: usize = 20_000;
const WRITES: [&str; 4] = ["set 32 B", "set 1 KiB", "incr", "expire"];
/// Runs per race; the fastest counts, because the machine may do other work.
const RUNS_PER_RACE: usize = 15;
/// Dictionaries of one shard, and of the shards of a larger size.
const RACES: [(&str, u64); 2] = [("one shard", ONE_SHARD), ("64 MiB", 64 << 20)];

/// Returns the nanoseconds of one call.
fn nanoseconds(mut run: impl FnMut(usize)) -> f64 {
    let rounds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        (0..CALLS).for_each(&mut run);
        start.elapsed().as_nanos() as f64 / CALLS as f64
    });
    lower_quartile(rounds.collect())
}

fn hash_cost() -> f64 {
    let (bench, secret) = (Bench::new(crate::operations::Contents::None), Secret::new(b"a fixed test key"));
    nanoseconds(|index| {
        black_box(KeyHash::of(bench.key(index).bytes(), &secret));
    })
}

fn local_cost(operation: &Operation) -> f64 {
    let mut bench = Bench::new(operation.prepare);
    nanoseconds(|index| (operation.operate)(&mut bench, index))
}

fn operation_named(name: &str) -> &'static Operation {
    OPERATIONS.iter().find(|operation| operation.name == name).expect("a name in OPERATIONS")
}

/// Sizes of dictionaries, in MiB, to report the number of shards for.
const SIZES: [u64; 12] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096];

fn shards() -> String {
    let pairs = SIZES.map(|mib| {
        let geometry = Geometry::derive(mib << 20, None).expect("a valid size");
        format!("{{ \"mib\": {mib}, \"shards\": {} }}", geometry.shards)
    });
    pairs.join(", ")
}

/// Prints all measurements as one JSON object: times in nanoseconds, rates in operations per second.
pub fn report() {
    let hash = hash_cost();
    let writes = WRITES.map(|name| {
        let operation = operation_named(name);
        let (local, turns) = (local_cost(operation) - hash, alternating(operation) - hash);
        format!("{{ \"name\": \"{name}\", \"held\": {local:.1}, \"heldAfterAnother\": {turns:.1} }}")
    });
    let races = RACES.map(|(name, size)| {
        let [one, two] = [1, 2].map(|threads| {
            (0..RUNS_PER_RACE).map(|_| race(operation_named("set 32 B"), size, threads)).fold(0.0, f64::max)
        });
        let shards = Geometry::derive(size, Some(2000)).expect("a valid size").shards;
        format!("{{ \"name\": \"{name}\", \"shards\": {shards}, \"one\": {one:.0}, \"two\": {two:.0} }}")
    });
    let woken = wake();
    println!("{{");
    println!("  \"hash\": {hash:.1},");
    println!("  \"writes\": [{}],", writes.join(", "));
    println!("  \"transfer\": {:.1},", transfer());
    println!("  \"wake\": {{ \"caller\": {:.0}, \"sleeper\": {:.0} }},", woken.caller, woken.waiter);
    println!("  \"races\": [{}],", races.join(", "));
    println!("  \"shards\": [{}]", shards());
    println!("}}");
}
