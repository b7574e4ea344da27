//! What large values, full dictionaries and many calls of `clear` cost, and what they leave.

use super::fixture::*;
use super::states::fill_up;
use crate::layout::shard::{SEQUENCE, SWEPT_EPOCH};
use crate::shard::Shard;
use crate::value::{Condition, ListEnd, Ttl, Value};
use shmkit_object::error::Error;

fn numbers(dict: &crate::ops::Dict, count: u32) {
    for number in 0..count {
        set(dict, &format!("n{number}"), Value::number(f64::from(number)));
    }
}

#[test]
fn a_large_value_evicts_as_many_numbers_as_it_needs() {
    let dict = Machine::new(Options { size: 8 << 20, evict: true, ..Options::default() }).process(1);
    numbers(&dict, 250_000);
    assert!(dict.stats().unwrap().evictions > 0);
    let before = dict.stats().unwrap();
    set(&dict, "large", bytes(&vec![3; 2 << 20]));
    let after = dict.stats().unwrap();
    assert_eq!(get(&dict, "large").unwrap().len(), 2 << 20);
    let evicted = after.evictions - before.evictions;
    assert!(evicted * 40 <= 3 << 20, "{evicted} entries of 40 bytes");
    assert_sound(&dict);
}

#[test]
fn a_large_value_spares_entries_that_are_read() {
    let dict = Machine::new(Options { size: 4 << 20, evict: true, ..Options::default() }).process(1);
    numbers(&dict, 40_000);
    for hot in (0..40_000).step_by(20) {
        get(&dict, &format!("n{hot}"));
    }
    fill_up(&dict, 100);
    for hot in (0..40_000).step_by(20) {
        get(&dict, &format!("n{hot}"));
    }
    let present = || (0..40_000).step_by(20).filter(|hot| get(&dict, &format!("n{hot}")).is_some()).count();
    let before = present();
    set(&dict, "large", bytes(&vec![3; 1 << 20]));
    assert!(present() * 10 >= before * 9, "{before} entries were read");
    assert_sound(&dict);
}

#[test]
fn a_value_that_does_not_fit_beside_the_old_one_is_refused_before_anything_is_evicted() {
    for evict in [false, true] {
        let dict = Machine::new(Options { size: 1 << 20, evict, ..Options::default() }).process(1);
        set(&dict, "large", bytes(&vec![1; 500_000]));
        numbers(&dict, 1000);
        let refused = dict.set(key("large"), bytes(&vec![2; 500_000]), Ttl::Never, Condition::Always);
        assert!(matches!(refused, Err(Error::Full { .. })), "{refused:?}");
        assert_eq!((dict.stats().unwrap().evictions, dict.len()), (0, Ok(1001)));
        assert!(refused.unwrap_err().to_string().contains("delete the key first"));
    }
}

#[test]
fn a_value_or_item_that_can_never_fit_is_too_large_at_once() {
    for evict in [false, true] {
        let dict = Machine::new(Options { size: 64 << 10, evict, ..Options::default() }).process(1);
        set(&dict, "k", text("stays"));
        let huge = vec![1; 1_000_000];
        let refused = dict.set(key("a"), bytes(&huge), Ttl::Never, Condition::Always);
        assert!(
            matches!(refused, Err(Error::TooLarge { what: "value", size: 1_000_000, .. })),
            "{refused:?}"
        );
        for end in [ListEnd::Left, ListEnd::Right] {
            let refused = dict.push(key("l"), end, bytes(&huge));
            assert!(matches!(refused, Err(Error::TooLarge { what: "item", .. })), "{refused:?}");
        }
        let Err(Error::TooLarge { limit, .. }) = refused else { panic!("it is too large") };
        dict.delete(key("k"), None).unwrap();
        set(&dict, "a", bytes(&vec![1; limit as usize]));
    }
}

#[test]
fn the_error_of_a_full_dictionary_names_the_key_and_what_to_do() {
    let dict = Machine::small().process(1);
    fill_up(&dict, 1000);
    let message = |name: &str, size: usize| {
        let refused = dict.set(key(name), bytes(&vec![1; size]), Ttl::Never, Condition::Always);
        refused.unwrap_err().to_string()
    };
    let short = message("one more", 500);
    assert!(short.contains("key \"one more\" in dictionary") && short.contains("onFull"), "{short}");
    let long = message(&"long".repeat(1000), 500);
    assert!(long.contains("...") && long.len() < 400, "{long}");
    let expiry = dict.expire(key("fill0003"), Ttl::After(1_000_000_000)).unwrap_err().to_string();
    assert!(expiry.contains("first expiry"), "{expiry}");
}

#[test]
fn clearing_reclaims_in_steps_before_epochs_wrap() {
    let dict = Machine::new(Options { size: 1 << 20, ..Options::default() }).process(1);
    numbers(&dict, 5000);
    for _ in 0..(1 << 14) + 200 {
        dict.clear().unwrap();
    }
    assert_eq!(dict.stats().unwrap().used, 0);
    let segment = dict.segment();
    for id in 0..segment.geometry.shards {
        assert!(Shard::new(segment, id).load(SWEPT_EPOCH) > 1 << 13);
    }
    numbers(&dict, 5000);
    assert_sound(&dict);
}

#[test]
fn expired_entries_are_counted_until_they_are_reclaimed() {
    let dict = Machine::new(Options { size: 1 << 20, ..Options::default() }).process(1);
    for number in 0..3000_u64 {
        let ttl = Ttl::After((1 + number / 1000) * 1_000_000_000);
        dict.set(key(&format!("n{number}")), Value::number(1.0), ttl, Condition::Always).unwrap();
    }
    for (ms, live) in [(1500, 3000), (2500, 2000), (2600, 2000), (3500, 1000), (3600, 1000)] {
        set_clock(&dict, ms);
        assert_eq!((dict.len(), dict.stats().unwrap().entries), (Ok(live), live), "after {ms} ms");
    }
    set(&dict, "n5", text("no longer expired"));
    dict.expire(key("n2500"), Ttl::After(1_000)).unwrap();
    assert_eq!(dict.len(), Ok(1001));
    set_clock(&dict, 3700);
    assert_eq!(dict.len(), Ok(1000));
    assert_eq!(dict.flush_expired(100), Ok(100));
    assert_eq!(dict.len(), Ok(1000));
    assert_eq!(dict.flush_expired(0), Ok(1900));
    assert_eq!((dict.len(), dict.stats().unwrap().expired), (Ok(1000), 2000));
    dict.clear().unwrap();
    assert_eq!(dict.len(), Ok(0));
    assert_sound(&dict);
}

#[test]
fn a_write_compacts_what_it_needs_of_a_dictionary_with_many_gaps() {
    let dict = Machine::new(Options { size: 4 << 20, ..Options::default() }).process(1);
    let filled = fill_up(&dict, 20);
    for number in (0..filled).filter(|number| number % 4 > 0) {
        dict.delete(key(&format!("fill{number:04}")), None).unwrap();
    }
    set(&dict, "one page", bytes(&vec![1; 3000]));
    set(&dict, "many pages", bytes(&vec![2; 1 << 20]));
    let present = (0..filled).step_by(4).filter(|number| get(&dict, &format!("fill{number:04}")).is_some());
    assert_eq!(present.count() as u32, filled.div_ceil(4));
    assert_sound(&dict);
}

#[test]
fn a_value_of_a_few_pages_evicts_in_few_shards() {
    let dict = Machine::new(Options { size: 16 << 20, evict: true, ..Options::default() }).process(1);
    numbers(&dict, 400_000);
    set(&dict, "first", bytes(&[1; 24_000]));
    let sequences = || -> Vec<u64> {
        let segment = dict.segment();
        (0..segment.geometry.shards).map(|id| Shard::new(segment, id).load(SEQUENCE)).collect()
    };
    let (shards, before, evicted) = (sequences().len(), sequences(), dict.stats().unwrap().evictions);
    set(&dict, "second", bytes(&[2; 24_000]));
    let changed = sequences().iter().zip(&before).filter(|(now, before)| now != before).count();
    assert!(dict.stats().unwrap().evictions > evicted);
    assert!(changed <= 4 && shards > 4, "{changed} of {shards} shards gave way to 7 pages");
    assert_sound(&dict);
}

#[test]
fn pushing_many_large_items_at_once_takes_no_longer_than_one_by_one() {
    const ITEMS: usize = 16_000;
    let item = vec![1; 1500];
    let items = vec![bytes(&item); ITEMS];
    let time_of = |items_per_push: usize| {
        let dict = Machine::new(Options { size: 48 << 20, ..Options::default() }).process(1);
        let start = std::time::Instant::now();
        for some in items.chunks(items_per_push) {
            dict.push_all(key("list"), ListEnd::Right, some).unwrap();
        }
        let taken = start.elapsed();
        assert_eq!(dict.list_len(key("list")), Ok(ITEMS as u64));
        assert_sound(&dict);
        taken
    };
    // The shortest of some runs, as the machine may do other work.
    let shortest = |per_push| (0..3).map(|_| time_of(per_push)).min().unwrap();
    let (one_by_one, at_once) = (shortest(1), shortest(ITEMS));
    assert!(at_once < 8 * one_by_one, "{at_once:?} at once, {one_by_one:?} one by one");
}
