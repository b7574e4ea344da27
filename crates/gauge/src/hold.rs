//! How long a lock is held, and what it costs to get it from another core.
//!
//! Held is everything a write does but hashing its key: the engine does nothing else outside of the lock.

use crate::operations::{Bench, OPERATIONS, Operation};
use crate::pair::{ONE_SHARD, by_turns, race, transfer, undisturbed, wake};
use shmkit_dict::{Geometry, KeyHash, Secret};
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 15;
const TIMES: usize = 20_000;
const WRITES: [&str; 4] = ["set 32 B", "set 1 KiB", "incr", "expire"];
/// Of which the fastest counts: the machine may have other work.
const RACES_EACH: usize = 15;
/// One shard, and as many as a dictionary of this size has.
const RACES: [(&str, u64); 2] = [("one shard", ONE_SHARD), ("64 MiB", 64 << 20)];

fn nanoseconds(mut run: impl FnMut(usize)) -> f64 {
    let rounds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        (0..TIMES).for_each(&mut run);
        start.elapsed().as_nanos() as f64 / TIMES as f64
    });
    undisturbed(rounds.collect())
}

fn hashing() -> f64 {
    let (bench, secret) = (Bench::new(crate::operations::Contents::None), Secret::new(b"a fixed test key"));
    nanoseconds(|time| {
        black_box(KeyHash::of(bench.key(time).bytes(), &secret));
    })
}

fn alone(operation: &Operation) -> f64 {
    let mut bench = Bench::new(operation.prepare);
    nanoseconds(|time| (operation.operate)(&mut bench, time))
}

fn write(name: &str) -> &'static Operation {
    OPERATIONS.iter().find(|operation| operation.name == name).expect("it is one of the list")
}

/// How many shards the engine gives to segments of so many MiB.
const SIZES: [u64; 12] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096];

fn shards() -> String {
    let pairs = SIZES.map(|mib| {
        let geometry = Geometry::derive(mib << 20, None).expect("a legal size");
        format!("{{ \"mib\": {mib}, \"shards\": {} }}", geometry.shards)
    });
    pairs.join(", ")
}

/// Prints everything as one JSON object; times in nanoseconds, rates in operations a second.
pub fn report() {
    let hash = hashing();
    let writes = WRITES.map(|name| {
        let operation = write(name);
        let (local, turns) = (alone(operation) - hash, by_turns(operation) - hash);
        format!("{{ \"name\": \"{name}\", \"held\": {local:.1}, \"heldAfterAnother\": {turns:.1} }}")
    });
    let races = RACES.map(|(name, size)| {
        let [one, two] = [1, 2].map(|threads| {
            (0..RACES_EACH).map(|_| race(write("set 32 B"), size, threads)).fold(0.0, f64::max)
        });
        let shards = Geometry::derive(size, Some(2000)).expect("a legal size").shards;
        format!("{{ \"name\": \"{name}\", \"shards\": {shards}, \"one\": {one:.0}, \"two\": {two:.0} }}")
    });
    let woken = wake();
    println!("{{");
    println!("  \"hash\": {hash:.1},");
    println!("  \"writes\": [{}],", writes.join(", "));
    println!("  \"transfer\": {:.1},", transfer());
    println!("  \"wake\": {{ \"caller\": {:.0}, \"sleeper\": {:.0} }},", woken.caller, woken.sleeper);
    println!("  \"races\": [{}],", races.join(", "));
    println!("  \"shards\": [{}]", shards());
    println!("}}");
}
