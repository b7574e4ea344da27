//! What happens when memory runs out.

use super::fixture::*;
use crate::guard::Guard;
use crate::ops::Dict;
use crate::slab::Picks;
use crate::value::{Condition, Ttl, Value};
use shmkit_object::error::Error;
use std::time::Duration;

fn try_set(dict: &Dict, name: &str, value: Value<'_>) -> Result<bool, Error> {
    dict.set(key(name), value, Ttl::Never, Condition::Always)
}

/// Fills the dictionary with values of `size` bytes and returns how many fit.
fn fill(dict: &Dict, prefix: &str, size: usize) -> usize {
    let value = vec![1; size];
    (0..).find(|number| try_set(dict, &format!("{prefix}{number:05}"), bytes(&value)).is_err()).unwrap()
}

#[test]
fn a_full_dictionary_refuses_a_larger_value_and_keeps_the_old_one() {
    let dict = Machine::small().process(1);
    set(&dict, "k", text("old"));
    fill(&dict, "f", 100);
    let refused = try_set(&dict, "k", bytes(&[2; 5000]));
    assert!(matches!(refused, Err(Error::Full { .. })), "{refused:?}");
    assert_eq!(get(&dict, "k").as_deref(), Some(&b"old"[..]));
    assert_sound(&dict);
}

#[test]
fn one_mib_holds_60_percent_in_values_of_4000_bytes_and_a_value_of_400000() {
    let machine = Machine::new(Options { size: 1 << 20, ..Options::default() });
    let dict = machine.process(1);
    set(&dict, "large", bytes(&vec![5; 400_000]));
    dict.delete(key("large"), None).unwrap();
    let count = fill(&dict, "key", 4000);
    assert!(count * 4000 >= (1 << 20) * 60 / 100, "{count} values");
    assert_sound(&dict);
}

#[test]
fn memory_moves_between_size_classes_and_shards_whatever_the_order() {
    let machine = Machine::new(Options { size: 4 << 20, ..Options::default() });
    let dict = machine.process(1);
    let mut capacity = Vec::new();
    for (round, size) in [50, 3000, 700, 50, 60_000, 50].into_iter().enumerate() {
        let prefix = format!("r{round}-");
        let count = fill(&dict, &prefix, size);
        capacity.push((size, count));
        for number in 0..count {
            assert!(dict.delete(key(&format!("{prefix}{number:05}")), None).unwrap());
        }
        assert_eq!(dict.len().unwrap(), 0);
    }
    let first = capacity[0].1;
    assert!(capacity.iter().all(|&(size, count)| size != 50 || count * 100 >= first * 95), "{capacity:?}");
    assert!(capacity[1].1 * 3000 >= (4 << 20) * 60 / 100, "{capacity:?}");
    assert_sound(&dict);
}

#[test]
fn picked_blocks_that_were_not_marked_are_found_again() {
    let dict = Machine::small().process(1);
    let segment = dict.segment();
    let guard = Guard::acquire(segment, 0, Duration::from_secs(1)).unwrap();
    let class = segment.geometry.classes.whole_page();
    // One page is the reserve, and two are left.
    for _ in 3..segment.pages() {
        let mut picks = Picks::default();
        guard.pick(class, &mut picks).unwrap();
        guard.mark(picks.ids()[0]);
    }
    for time in 0..3 {
        let mut picks = Picks::default();
        assert!((0..2).all(|_| guard.pick(class, &mut picks).is_some()), "time {time}: {picks:?}");
        assert!(guard.pick(class, &mut picks).is_none(), "time {time}");
    }
}

#[test]
fn a_large_value_fits_into_scattered_free_memory() {
    for size in [1 << 20, 8 << 20] {
        let machine = Machine::new(Options { size, ..Options::default() });
        let dict = machine.process(1);
        let count = fill(&dict, "f", 90);
        for number in (0..count).filter(|number| number % 2 == 0) {
            dict.delete(key(&format!("f{number:05}")), None).unwrap();
        }
        let free = dict.stats().unwrap().free as usize;
        set(&dict, "large", bytes(&vec![9; free * 80 / 100]));
        assert_eq!(get(&dict, "large").unwrap().len(), free * 80 / 100);
        for number in (0..count).filter(|number| number % 2 == 1) {
            assert_eq!(get(&dict, &format!("f{number:05}")).unwrap(), [1; 90]);
        }
        assert_sound(&dict);
    }
}

#[test]
fn expired_and_cleared_entries_are_reclaimed_before_a_write_is_refused() {
    let machine = Machine::new(Options { size: 1 << 20, ..Options::default() });
    let dict = machine.process(1);
    for round in 0..5 {
        let value = vec![1; 1000];
        let full = (0..).find(|number| {
            let ttl = Ttl::After(1_000_000);
            dict.set(key(&format!("{round}-{number}")), bytes(&value), ttl, Condition::Always).is_err()
        });
        assert!(full.unwrap() > 600, "round {round}: {full:?}");
        match round % 2 {
            0 => set_clock(&dict, 1000 + 10 * (round + 1)),
            _ => dict.clear().unwrap(),
        }
    }
    assert_sound(&dict);
}

#[test]
fn an_evicting_dictionary_accepts_every_write_that_fits_when_empty() {
    for size in [64 << 10, 1 << 20, 8 << 20] {
        let machine = Machine::new(Options { size, evict: true, ..Options::default() });
        let dict = machine.process(1);
        let mut random = 12345u64;
        for number in 0..20_000 {
            random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let length = match random >> 60 {
                0 => (random >> 32) as usize % (size as usize / 4),
                1..4 => (random >> 32) as usize % 3000,
                _ => (random >> 32) as usize % 200,
            };
            let name = format!("k{}", (random >> 40) % 3000);
            let stored = try_set(&dict, &name, bytes(&vec![number as u8; length]));
            assert_eq!(stored, Ok(true), "write {number} of {length} bytes into {size}");
            assert_eq!(get(&dict, &name).map(|value| value.len()), Some(length));
            if number % 5000 == 0 {
                assert_sound(&dict);
            }
        }
        let stats = dict.stats().unwrap();
        assert!(stats.evictions > 0);
        assert!(size > 64 << 10 || stats.used * 100 >= stats.capacity * 50, "{stats:?}");
        assert_sound(&dict);
    }
}

#[test]
fn a_value_too_large_for_an_empty_dictionary_evicts_nothing() {
    let dict = Machine::new(Options { size: 1 << 20, evict: true, ..Options::default() }).process(1);
    set(&dict, "k", text("stays"));
    assert!(matches!(try_set(&dict, "large", bytes(&vec![1; 2 << 20])), Err(Error::TooLarge { .. })));
    assert_eq!(dict.stats().unwrap().evictions, 0);
    assert_eq!(get(&dict, "k").as_deref(), Some(&b"stays"[..]));
}

#[test]
fn eviction_spares_entries_that_are_read() {
    let dict = Machine::new(Options { size: 1 << 20, evict: true, ..Options::default() }).process(1);
    for number in 0..50 {
        set(&dict, &format!("hot{number}"), bytes(&[1; 100]));
    }
    for number in 0..20_000 {
        if number % 20 == 0 {
            for hot in 0..50 {
                assert!(get(&dict, &format!("hot{hot}")).is_some(), "hot{hot} went at {number}");
            }
        }
        set(&dict, &format!("cold{number}"), bytes(&[2; 100]));
    }
    assert!(dict.stats().unwrap().evictions > 10_000);
}

#[test]
fn a_full_index_refuses_or_evicts_while_memory_is_free() {
    for evict in [false, true] {
        let machine =
            Machine::new(Options { size: 64 << 10, evict, max_entries: Some(20), ..Options::default() });
        let dict = machine.process(1);
        let outcomes: Vec<_> =
            (0..100).map(|number| try_set(&dict, &format!("k{number}"), text("v"))).collect();
        let refused = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        assert_eq!(evict, refused == 0, "{refused} refused");
        assert!(dict.len().unwrap() >= 20);
        assert_sound(&dict);
    }
}

#[test]
fn churn_at_90_percent_of_capacity_never_fails_and_never_leaks() {
    let machine = Machine::new(Options { size: 1 << 20, ..Options::default() });
    let dict = machine.process(1);
    let capacity = fill(&dict, "k", 32);
    let live = capacity * 90 / 100;
    for number in live..capacity {
        dict.delete(key(&format!("k{number:05}")), None).unwrap();
    }
    let used = dict.stats().unwrap().used;
    for round in 0..(live * 20) {
        let (old, new) = (round, round + live);
        assert!(dict.delete(key(&format!("k{old:05}")), None).unwrap());
        set(&dict, &format!("k{new:05}"), bytes(&[1; 32]));
    }
    assert_eq!(dict.len().unwrap(), live as u64);
    let now = dict.stats().unwrap().used;
    assert!(now <= used + used / 20, "{used} bytes before, {now} after");
    assert_sound(&dict);
}
