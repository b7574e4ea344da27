//! Dictionaries that grow: pages, and the index of a shard that is doubled.

use super::fixture::*;
use super::states::{GROWING, SMALL, put};
use crate::layout::shard::LOCK;
use crate::ops::{Cursor, Dict};
use crate::shard::Shard;
use crate::value::{Ttl, Value};
use shmkit_object::error::Error;
use shmkit_object::superblock::{COMMITTED_PAGES, GROWER};
use std::collections::BTreeMap;

/// Has several shards, each with an index that is doubled several times.
const LARGE: Options = Options { size: 256 << 10, max_size: 64 << 20, ..SMALL };

fn name(number: u32) -> String {
    format!("key {number}")
}

fn fill(dict: &Dict, numbers: std::ops::Range<u32>) {
    for number in numbers {
        put(dict, &name(number), Value::number(f64::from(number)), Ttl::Never);
    }
}

fn has(dict: &Dict, number: u32) -> bool {
    dict.has(key(&name(number)), &mut Vec::new()).unwrap()
}

fn levels(dict: &Dict) -> Vec<u32> {
    let segment = dict.segment();
    (0..segment.geometry.shards).map(|shard| segment.shape(shard).level()).collect()
}

#[test]
fn every_entry_is_found_after_any_number_of_doublings() {
    let machine = Machine::new(LARGE);
    let (writer, other) = (machine.process(1), machine.process(2));
    let reader = machine.reader();
    let before = writer.stats().unwrap();
    assert!(before.size <= 256 << 10, "{before:?}");
    for round in 0..40 {
        fill(&writer, round * 500..(round + 1) * 500);
        // Processes that attached before learn of the growth from what they look for.
        for dict in [&writer, &other, &reader] {
            assert!((0..(round + 1) * 500).all(|number| has(dict, number)), "round {round}");
            assert!(!has(dict, 1_000_000 + round));
        }
    }
    assert!(levels(&writer).iter().all(|&level| level >= 2), "{:?}", levels(&writer));
    assert_eq!(levels(&other), levels(&writer));
    assert_sound(&other);
    let after = writer.stats().unwrap();
    assert!(after.size > 4 * before.size && after.grown > 10 && after.entries == 20_000, "{after:?}");
    for number in 0..20_000 {
        assert!(other.delete(key(&name(number)), None).unwrap());
    }
    assert_eq!((writer.len().unwrap(), levels(&writer)), (0, levels(&other)));
    assert_sound(&writer);
}

#[test]
fn a_scan_across_doublings_visits_every_key_that_stays_exactly_once() {
    for batch in [1, 3, 7, 50] {
        let machine = Machine::new(LARGE);
        let (writer, scanner) = (machine.process(1), machine.process(2));
        fill(&writer, 0..2000);
        let (mut cursor, mut visits, mut next) = (Cursor::default(), BTreeMap::new(), 2000);
        loop {
            let mut visit = |key: crate::value::Key<'_>, _: crate::value::Entry<'_>| {
                *visits.entry(key.bytes().to_vec()).or_insert(0) += 1;
            };
            if !scanner.scan(&mut cursor, batch, false, &mut visit).unwrap() {
                break;
            }
            // Many keys come while the scan is on its way, and some of them go.
            if next < 30_000 {
                fill(&writer, next..next + 40);
                writer.delete(key(&name(next)), None).unwrap();
                next += 40;
            }
        }
        assert!(levels(&writer).iter().sum::<u32>() > levels(&writer).len() as u32);
        for number in 0..2000 {
            assert_eq!(visits.get(name(number).as_bytes()), Some(&1), "batch {batch}, {}", name(number));
        }
        assert!(visits.values().all(|&count| count == 1), "batch {batch}");
    }
}

#[test]
fn a_full_dictionary_says_that_it_has_taken_its_maximum() {
    let dict = Machine::new(GROWING).process(1);
    let error = (0..).find_map(|number| {
        let stored =
            dict.set(key(&name(number)), bytes(&[1; 900]), Ttl::Never, crate::value::Condition::Always);
        stored.err()
    });
    let message = error.as_ref().unwrap().to_string();
    assert!(matches!(error, Some(Error::Full { .. })) && message.contains("maxSize"), "{message}");
    let stats = dict.stats().unwrap();
    assert!(stats.size <= stats.max_size && stats.size * 100 > stats.max_size * 95, "{stats:?}");
    assert_eq!(stats.capacity, stats.used + stats.free);
    let too_large = dict.set(key("k"), bytes(&[1; 200 << 10]), Ttl::Never, crate::value::Condition::Always);
    assert!(matches!(too_large, Err(Error::TooLarge { .. })));
    assert_sound(&dict);
}

#[test]
fn entries_that_are_evicted_make_room_only_at_the_maximum() {
    let dict = Machine::new(Options { evict: true, ..GROWING }).process(1);
    while dict.stats().unwrap().evictions == 0 {
        let number = dict.stats().unwrap().sets as u32;
        put(&dict, &name(number), bytes(&[1; 900]), Ttl::Never);
    }
    let stats = dict.stats().unwrap();
    assert!(stats.size * 100 > stats.max_size * 95, "{stats:?}");
    assert_sound(&dict);
}

#[test]
fn a_dead_process_that_was_taking_memory_is_taken_over() {
    let machine = Machine::new(GROWING);
    let (dead, dict) = (machine.process(1), machine.process(2));
    let region = &dict.segment().region;
    // The lock word of a participant, as a held shard would have it.
    let guard = crate::guard::Guard::acquire(dead.segment(), 0, std::time::Duration::ZERO).unwrap();
    let word = Shard::new(dead.segment(), 0).load32(LOCK);
    drop(guard);
    region.store32(GROWER, word);
    machine.dead.add(1);
    put(&dict, "k", bytes(&[1; 20_000]), Ttl::Never);
    assert_eq!(region.load32(GROWER), 0);
    assert!(dict.segment().grown() > 0);
    assert_sound(&dict);
}

#[test]
fn a_damaged_level_is_read_from_its_copy_and_two_damaged_ones_are_reported() {
    let machine = Machine::new(GROWING);
    let dict = machine.process(1);
    fill(&dict, 0..100);
    let (segment, region) = (dict.segment(), &dict.segment().region);
    let [first, second] = segment.geometry.level_word(0);
    region.store(first, 0x1234_5678_9ABC_DEF0);
    let again = machine.process(2);
    assert_eq!(levels(&again), levels(&dict));
    assert!((0..100).all(|number| has(&again, number)));
    assert!(again.verify().unwrap()[0].contains("level"));
    region.store(second, 0);
    assert!(matches!(machine.try_process(3), Err(Error::Corrupt(_))));
    // A process that is attached reports it as well, and drops nothing.
    assert!(matches!(
        again.set(key("k"), text("v"), Ttl::Never, crate::value::Condition::Always),
        Err(Error::Corrupt(_))
    ));
    assert!(has(&again, 5));
}

#[test]
fn a_number_of_pages_beyond_all_bounds_is_cut_off() {
    let machine = Machine::new(GROWING);
    let dict = machine.process(1);
    dict.segment().region.store(COMMITTED_PAGES, u64::MAX);
    let again = machine.process(2);
    assert_eq!(u64::from(again.segment().pages()), again.segment().most_pages());
    assert_eq!(dict.segment().pages(), again.segment().pages());
    put(&again, "k", text("v"), Ttl::Never);
    assert_eq!(get(&dict, "k"), Some(b"v".to_vec()));
}

#[test]
fn removing_by_prefix_finds_every_key_after_doublings() {
    let machine = Machine::new(LARGE);
    let dict = machine.process(1);
    fill(&dict, 0..5000);
    put(&dict, "other", text("stays"), Ttl::Never);
    let prefix = crate::ops::KeyPrefix::new(&"key".encode_utf16().collect::<Vec<_>>());
    assert_eq!(machine.process(2).delete_prefix(&prefix, 0).unwrap(), 5000);
    assert_eq!(dict.len().unwrap(), 1);
    assert_sound(&dict);
}

#[test]
fn entries_that_come_and_go_take_half_as_much_again_as_the_live_ones() {
    const RATE: u32 = 5_000;
    let dict = Machine::new(LARGE).process(1);
    for number in 0..10 * RATE {
        set_clock(&dict, number * 1000 / RATE);
        put(&dict, &name(number), text("some value"), Ttl::After(1_000_000_000));
    }
    let stats = dict.stats().unwrap();
    let blocks = stats.per_class.iter().max_by_key(|class| class.used).unwrap();
    let fitting = u64::from(dict.segment().pages()) * dict.segment().geometry.page_bytes()
        / u64::from(blocks.block_size);
    // A step of growth takes an eighth more than it needs.
    assert!(fitting < u64::from(RATE) * 19 / 10, "{fitting} of {RATE}: {stats:?}");
    assert_sound(&dict);
}

#[test]
fn values_that_are_replaced_by_shorter_ones_get_blocks_of_their_size() {
    let dict = Machine::new(LARGE).process(1);
    for length in [100, 16] {
        let value = "v".repeat(length);
        for number in 0..2_000 {
            put(&dict, &name(number), text(&value), Ttl::Never);
        }
        let used: Vec<_> =
            dict.stats().unwrap().per_class.into_iter().filter(|class| class.used > 4).collect();
        // A key has 5 to 8 bytes, and a header 16.
        assert!(used.iter().all(|class| class.block_size as usize <= length + 32), "{length}: {used:?}");
    }
    assert_sound(&dict);
}
