//! Damaged images: calls fill a segment, words of it are changed, another process attaches and makes calls.
#![no_main]

mod calls;
mod machine;

use arbitrary::Arbitrary;
use calls::{Call, make_calls};
use libfuzzer_sys::fuzz_target;
use machine::{Damage, Machine};
use std::panic::{AssertUnwindSafe, catch_unwind};

#[derive(Debug, Arbitrary)]
struct Input {
    evict: bool,
    checksums: bool,
    before: Vec<Call>,
    damage: Vec<Damage>,
    after: Vec<Call>,
}

fuzz_target!(|input: Input| {
    let machine = Machine::new(input.evict, input.checksums);
    let first = machine.process(1).expect("a sound segment");
    make_calls(&first, &input.before, input.checksums);
    assert!(first.verify().expect("a sound segment").is_empty(), "calls alone damage nothing");
    for damage in &input.damage {
        damage.apply(&machine.region);
    }
    // It is as correct to refuse a damaged segment as to use it.
    if let Ok(Ok(second)) = catch_unwind(AssertUnwindSafe(|| machine.process(2))) {
        make_calls(&second, &input.after, input.checksums);
    }
});
