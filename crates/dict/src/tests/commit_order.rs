//! The order of stores that commits a write is written twice: in `ops::commit` for every entry, and in
//! `ops::write::overwrite` for plain ones. Both must leave the same bytes, wherever they die.

use super::fixture::*;
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
    (machine.heap.image(), lived)
}

fn assert_same_order(before: Value<'_>, after: Value<'_>, ttl: Ttl, neighbours: usize) {
    let (machine, dict, image) = prepare(before, neighbours);
    for die_at in 0..1000 {
        let (fast, lived) = run(&machine, &dict, &image, by_the_fast_path, (after, ttl), die_at);
        let (general, also_lived) = run(&machine, &dict, &image, by_the_general_path, (after, ttl), die_at);
        let differing = fast.iter().zip(&general).position(|(one, other)| one != other);
        assert_eq!(
            differing, None,
            "store {die_at}: {:?} -> {:?}, {neighbours} neighbours",
            before.kind, after.kind
        );
        assert_eq!(lived, also_lived, "store {die_at}");
        if lived {
            assert!(die_at > 5, "the write made hardly any stores");
            return;
        }
    }
    panic!("the write never ends");
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
                    assert_same_order(before, after, ttl, neighbours);
                }
            }
        }
    }
}
