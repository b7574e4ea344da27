//! A hostile peer: it changes words while another process makes calls.
#![no_main]

mod calls;
mod machine;

use arbitrary::Arbitrary;
use calls::{Call, make_calls};
use libfuzzer_sys::fuzz_target;
use machine::{Damage, Machine};
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug, Arbitrary)]
struct Input {
    evict: bool,
    checksums: bool,
    before: Vec<Call>,
    damage: Vec<Damage>,
    during: Vec<Call>,
}

fuzz_target!(|input: Input| {
    let machine = Machine::new(input.evict, input.checksums);
    let dict = machine.process(1).expect("a sound segment");
    make_calls(&dict, &input.before, input.checksums);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for damage in &input.damage {
                    damage.apply(&machine.region);
                }
                std::thread::yield_now();
            }
        });
        make_calls(&dict, &input.during, input.checksums);
        done.store(true, Ordering::Relaxed);
    });
});
