//! Concurrent readers and writers: every read returns a whole and current value.

use super::fixture::*;
use crate::ops::Dict;
use crate::value::{Increment, Number, Ttl};
use shmkit_object::sync::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const TIME: Duration = Duration::from_millis(600);

/// Returns a value that shows whether it is torn: its number, then bytes derived from it.
fn stamped(number: u64, length: usize) -> Vec<u8> {
    let mut value = number.to_le_bytes().to_vec();
    value.extend((0..length).map(|at| (number as usize * 7 + at) as u8));
    value
}

fn number_of(value: &[u8]) -> u64 {
    let number = u64::from_le_bytes(value[..8].try_into().unwrap());
    assert_eq!(value, stamped(number, value.len() - 8), "a torn value");
    number
}

#[test]
fn readers_get_whole_values_that_never_go_back_in_time() {
    for (checksums, lengths) in [(false, [20, 30, 300]), (false, [3000, 100, 9000]), (true, [20, 300, 5000])]
    {
        let machine = Machine::new(Options { size: 1 << 20, checksums, ..Options::default() });
        let written = AtomicU64::new(0);
        let reads = AtomicU64::new(0);
        let until = Instant::now() + TIME;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let dict = machine.process(1);
                for number in 1.. {
                    let length = lengths[number as usize % 3];
                    set(&dict, "k", bytes(&stamped(number, length)));
                    // Pairs with the Acquire in the readers: from now on they read this value or a later one.
                    written.store(number, Ordering::Release);
                    set(&dict, &format!("other{}", number % 5), bytes(&stamped(number, lengths[0])));
                    if Instant::now() > until {
                        break;
                    }
                }
            });
            for (slot, read) in [(2, get as fn(&Dict, &str) -> _), (3, read_direct)] {
                let (machine, written, reads) = (&machine, &written, &reads);
                scope.spawn(move || {
                    let dict = machine.process(slot);
                    let mut last = 0;
                    while Instant::now() < until {
                        let floor = written.load(Ordering::Acquire).max(last);
                        if let Some(value) = read(&dict, "k") {
                            last = number_of(&value);
                            assert!(last >= floor, "read {last} after {floor} was acknowledged");
                            reads.fetch_add(1, Ordering::Relaxed);
                        } else {
                            assert_eq!(floor, 0, "a false miss");
                        }
                    }
                });
            }
        });
        assert!(reads.load(Ordering::Relaxed) > 1000);
        assert_sound(&machine.process(1));
    }
}

#[test]
fn counts_from_several_threads_and_processes_are_exact() {
    let machine = Machine::small();
    let shared = machine.process(1);
    let total = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for thread in 0..4u32 {
            let (machine, total) = (&machine, &total);
            // Two threads of one process, and two other processes.
            let dict = if thread < 2 { shared.clone() } else { machine.process(thread) };
            scope.spawn(move || {
                for _ in 0..20_000 {
                    let by = Increment {
                        delta: Number::Integer(1),
                        delta_is_default: false,
                        init: Some(Number::Integer(0)),
                        ttl: Ttl::Keep,
                        init_ttl: Ttl::Never,
                    };
                    dict.increment(key("n"), by).unwrap();
                    total.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let mut buffer = Vec::new();
    let entry = shared.get(key("n"), &mut buffer).unwrap().unwrap();
    assert_eq!(entry.value.scalar, u64::from(total.load(Ordering::Relaxed)));
    assert_sound(&shared);
}

#[test]
fn readers_of_moved_deleted_and_reused_blocks_never_get_another_keys_value() {
    let machine = Machine::new(Options { size: 64 << 10, evict: true, ..Options::default() });
    std::thread::scope(|scope| {
        let until = Instant::now() + TIME;
        for slot in [1, 2] {
            let machine = &machine;
            scope.spawn(move || {
                let dict = machine.process(slot);
                for number in 0u64.. {
                    let name = number * 31 % 97;
                    match number % 11 {
                        0 => drop(dict.delete(key(&format!("{name}")), None).unwrap()),
                        1 if number % 1000 == 1 => dict.clear().unwrap(),
                        _ => set(&dict, &format!("{name}"), bytes(&stamped(name, number as usize % 900))),
                    }
                    if Instant::now() > until {
                        break;
                    }
                }
            });
        }
        for (slot, read) in [(3, get as fn(&Dict, &str) -> _), (4, read_direct)] {
            let machine = &machine;
            scope.spawn(move || {
                let dict = machine.process(slot);
                while Instant::now() < until {
                    for name in 0..97 {
                        if let Some(value) = read(&dict, &format!("{name}")) {
                            assert_eq!(number_of(&value), name, "another key's value");
                        }
                    }
                }
            });
        }
    });
    assert_sound(&machine.process(5));
}
