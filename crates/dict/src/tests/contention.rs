//! Reads of what others change all the time: they end, and what they return is whole.

use super::fixture::*;
use crate::entry::view::ViewBytes;
use crate::ops::Dict;
use crate::value::{ListEnd, Value};
use shmkit_object::error::Error;
use shmkit_object::sync::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The writer gives up after this time: a reader that never ends fails the test.
const LONGEST: Duration = Duration::from_secs(60);
const READS: u32 = 20;

/// Calls `write` again and again, with the number of the call, until `read` has returned `READS` times.
fn read_while(machine: &Machine, write: impl Fn(&Dict, u64) + Send, read: impl Fn(u32)) {
    let reads = AtomicU32::new(0);
    std::thread::scope(|scope| {
        let reads = &reads;
        scope.spawn(move || {
            let (dict, end) = (machine.process(1), Instant::now() + LONGEST);
            let mut calls = 0..;
            while reads.load(Ordering::Relaxed) < READS && Instant::now() < end {
                write(&dict, calls.next().unwrap());
            }
        });
        while reads.load(Ordering::Relaxed) < READS {
            // If a read panics, the writer must not go on.
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                read(reads.load(Ordering::Relaxed))
            }));
            reads.fetch_add(if outcome.is_ok() { 1 } else { READS }, Ordering::Relaxed);
            outcome.unwrap();
        }
    });
}

/// Asserts that the items of the list are consecutive numbers, and returns their number.
fn count_consecutive(dict: &Dict) -> usize {
    let mut items = Vec::new();
    dict.list_range(key("list"), 0, -1, &mut |item| items.push(f64::from_bits(item.scalar))).unwrap();
    assert!(items.windows(2).all(|pair| pair[1] == pair[0] + 1.0), "items are missing or doubled");
    items.len()
}

fn with_list(items: u64) -> Machine {
    let machine = Machine::new(Options { size: 16 << 20, ..Options::default() });
    let dict = machine.process(1);
    for item in 0..items {
        dict.push(key("list"), ListEnd::Right, Value::number(item as f64)).unwrap();
    }
    machine
}

#[test]
fn a_range_is_read_in_one_attempt_while_others_push_at_both_ends() {
    const ITEMS: u64 = 20_000;
    let machine = with_list(ITEMS);
    let reader = machine.reader();
    let push = |dict: &Dict, call: u64| {
        // The list grows until the memory is full, and then the pushes fail.
        let (end, number) = match call % 2 {
            0 => (ListEnd::Right, ITEMS as f64 + (call / 2) as f64),
            _ => (ListEnd::Left, -1.0 - (call / 2) as f64),
        };
        let _ = dict.push(key("list"), end, Value::number(number));
    };
    // A reader without a lock, which could not end otherwise.
    read_while(&machine, push, |_| assert!(count_consecutive(&reader) >= ITEMS as usize));
    assert_sound(&machine.process(2));
}

#[test]
fn a_range_is_whole_while_others_push_and_pop() {
    const ITEMS: u64 = 20_000;
    let machine = with_list(ITEMS);
    let reader = machine.process(2);
    let rotate = |dict: &Dict, call: u64| {
        dict.push(key("list"), ListEnd::Right, Value::number((ITEMS + call) as f64)).unwrap();
        dict.pop(key("list"), ListEnd::Left, &mut Vec::new()).unwrap().unwrap();
    };
    read_while(&machine, rotate, |_| {
        let items = count_consecutive(&reader);
        assert!((ITEMS as usize..=ITEMS as usize + 1).contains(&items), "{items} items");
    });
    assert_sound(&machine.process(3));
}

#[test]
fn a_range_is_never_that_of_a_list_that_was_deleted_and_made_again_in_its_place() {
    let machine = Machine::small();
    let reader = machine.process(2);
    let again = |dict: &Dict, call: u64| {
        for item in 0..40 {
            dict.push(key("list"), ListEnd::Right, Value::number((100 * call + item) as f64)).unwrap();
        }
        match call % 2 {
            0 => assert!(dict.delete(key("list"), None).unwrap()),
            _ => (0..40).for_each(|_| {
                assert!(dict.pop(key("list"), ListEnd::Right, &mut Vec::new()).unwrap().is_some())
            }),
        }
    };
    read_while(&machine, again, |_| (0..500).for_each(|_| assert!(count_consecutive(&reader) <= 40)));
}

/// The number of the call, again and again.
fn large(call: u64) -> Vec<u8> {
    call.to_le_bytes().repeat((3 << 20) / 8)
}

fn assert_whole(value: &[u8]) {
    assert_eq!(value.len(), 3 << 20);
    assert!(value.chunks(8).all(|word| word == &value[..8]), "a torn value");
}

#[test]
fn a_large_value_is_read_while_it_is_overwritten_all_the_time() {
    for read in [get as fn(&Dict, &str) -> _, read_direct] {
        let machine = Machine::new(Options { size: 32 << 20, ..Options::default() });
        let reader = machine.process(2);
        set(&reader, "k", bytes(&large(0)));
        read_while(
            &machine,
            |dict, call| set(dict, "k", bytes(&large(call))),
            |_| assert_whole(&read(&reader, "k").unwrap()),
        );
        assert_sound(&machine.process(3));
    }
}

#[test]
fn a_scan_ends_while_a_large_value_is_overwritten_all_the_time() {
    let machine = Machine::new(Options { size: 32 << 20, ..Options::default() });
    let reader = machine.process(2);
    set(&reader, "k", bytes(&large(0)));
    read_while(
        &machine,
        |dict, call| set(dict, "k", bytes(&large(call))),
        |_| {
            let mut cursor = crate::ops::Cursor::default();
            reader
                .scan(&mut cursor, usize::MAX, true, &mut |_, entry| assert_whole(entry.value.bytes))
                .unwrap();
        },
    );
}

#[test]
fn a_read_only_handle_gets_contention_instead_of_trying_forever() {
    let machine = Machine::new(Options { size: 32 << 20, ..Options::default() });
    set(&machine.process(2), "k", bytes(&large(0)));
    let reader = machine.reader().with_lock_timeout(Duration::from_millis(20));
    read_while(
        &machine,
        |dict, call| set(dict, "k", bytes(&large(call))),
        |_| match reader.get(key("k"), &mut Vec::new()) {
            Ok(entry) => assert_whole(entry.unwrap().value.bytes),
            Err(error) => assert!(matches!(error, Error::Contention { .. }), "{error}"),
        },
    );
}

#[test]
fn an_attempt_at_a_long_value_ends_soon_after_the_value_has_changed() {
    let machine = Machine::new(Options { size: 4 << 20, ..Options::default() });
    let (writer, reader) = (machine.process(1), machine.process(2));
    set(&writer, "k", bytes(&vec![1; 1 << 20]));
    let (mut attempts, mut wasted) = (0, 0);
    let found = reader.read_with(key("k"), &mut Vec::new(), |view| {
        attempts += 1;
        let mut copied = 0;
        if let ViewBytes::Chained(chain) = view.bytes {
            chain.each(|_, len| {
                copied += len;
                if attempts == 1 && copied == len {
                    set(&writer, "k", bytes(&vec![2; 1 << 20]));
                }
            });
            wasted = copied;
        }
    });
    assert!(found.unwrap().is_some() && attempts == 2);
    assert!((1..100_000).contains(&wasted), "{wasted} bytes were copied in vain");
}
