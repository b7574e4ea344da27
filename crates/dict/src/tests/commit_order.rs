//! The order of stores that commits a write is written twice: in `ops::commit` for every entry, and in
//! `ops::write::overwrite` for plain ones. Both must leave the same bytes, wherever they die.

use super::fixture::*;
use crate::layout::shard::{CLASS_HINTS, LEASES};
use crate::ops::Dict;
use crate::ops::WritePrecondition;
use crate::value::{Condition, Ttl, Value, ValueKind};
use shmkit_object::crash::{CrashPlan, arm};
use std::panic::{AssertUnwindSafe, catch_unwind};

type Write = fn(&Dict, Value<'_>, Ttl);

fn by_the_fast_path(dict: &Dict, value: Value<'_>, ttl: Ttl) {
    assert!(dict.set(key("k"), value, ttl, Condition::Always).unwrap());
}

fn by_the_general_path(dict: &Dict, value: Value<'_>, ttl: Ttl) {
    dict.write(key("k"), value, ttl, WritePrecondition::NONE, None).unwrap();
}

/// A dictionary with the key, among others that share its page, or alone in it.
fn prepare(before: Value<'_>, neighbours: usize) -> (Machine, Dict, Vec<u8>) {
    let machine = Machine::small();
    let dict = machine.process(1);
    set(&dict, "k", before);
    for number in 0..neighbours {
        set(&dict, &format!("other{number}"), before);
    }
    let image = machine.heap.image();
    (machine, dict, image)
}

/// The bytes that are left of a write that dies before its store of that number; whether it lived.
fn run(
    machine: &Machine,
    dict: &Dict,
    image: &[u8],
    write: Write,
    asked: (Value<'_>, Ttl),
    die_at: u64,
) -> (Vec<u8>, bool) {
    machine.heap.restore(image);
    arm(CrashPlan { die_at: Some(die_at), skip: None });
    let lived = catch_unwind(AssertUnwindSafe(|| write(dict, asked.0, asked.1))).is_ok();
    arm(CrashPlan::default());
    let mut left = machine.heap.image();
    // Statistics and hints are not part of a commit.
    let (geometry, header) = (&dict.segment().geometry, dict.segment().geometry.shard(0));
    left[geometry.stripe(0) as usize..header as usize].fill(0);
    left[(header + CLASS_HINTS) as usize..(header + LEASES) as usize].fill(0);
    (left, lived)
}

/// What is left by a death before each of the write's stores, and by the whole write. A store of what is there
/// already leaves nothing new.
fn deaths(stage: &(Machine, Dict, Vec<u8>), write: Write, asked: (Value<'_>, Ttl)) -> Vec<Vec<u8>> {
    let (machine, dict, image) = stage;
    let mut left = Vec::new();
    for die_at in 0..1000 {
        let (bytes, lived) = run(machine, dict, image, write, asked, die_at);
        left.push(bytes);
        if lived {
            left.dedup();
            return left;
        }
    }
    panic!("the write never ends");
}

fn assert_same_order(before: Value<'_>, asked: (Value<'_>, Ttl), neighbours: usize) {
    let stage = prepare(before, neighbours);
    let fast = deaths(&stage, by_the_fast_path, asked);
    let general = deaths(&stage, by_the_general_path, asked);
    let case = format!("{:?} -> {:?}, {neighbours} neighbours", before.kind, asked.0.kind);
    assert!(fast.len() > 5, "{case}: the write made hardly any stores");
    assert_eq!(fast.len(), general.len(), "{case}");
    for (number, (fast, general)) in fast.iter().zip(&general).enumerate() {
        let differing: Vec<usize> = (0..fast.len()).filter(|&at| fast[at] != general[at]).collect();
        assert!(differing.is_empty(), "{case}: after {number} changes, at the bytes {differing:?}");
    }
}

#[test]
fn both_ways_of_committing_a_plain_entry_store_the_same_words_in_the_same_order() {
    let long = [b'x'; 300];
    let number = Value::number(1.5);
    let values =
        [text("a"), text("some more text"), bytes(&long), number, Value::bytes(ValueKind::Json, b"{}")];
    for before in values {
        for after in values {
            for ttl in [Ttl::Never, Ttl::After(5_000_000_000)] {
                for neighbours in [0, 3] {
                    assert_same_order(before, (after, ttl), neighbours);
                }
            }
        }
    }
}
