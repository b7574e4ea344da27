//! What the operations do, one behaviour per test.

use super::fixture::*;
use crate::ops::{Cursor, Dict, TimeLeft};
use crate::value::{Condition, Increment, Key, Number, Ttl, Value};
use shmkit_object::error::Error;

const MS: u64 = 1_000_000;

fn by(delta: f64) -> Increment {
    Increment {
        delta: Number::Double(delta),
        delta_is_default: false,
        init: Some(Number::Double(0.0)),
        ttl: Ttl::Keep,
        init_ttl: Ttl::Never,
    }
}

#[test]
fn every_process_sees_a_value_until_it_is_deleted() {
    let machine = Machine::small();
    let (one, two) = (machine.process(1), machine.process(2));
    set(&one, "name", text("value"));
    assert_eq!(get(&two, "name").as_deref(), Some(&b"value"[..]));
    set(&two, "name", text("another, longer value that takes another size class"));
    assert_eq!(get(&one, "name").unwrap().len(), 51);
    assert!(one.delete(key("name"), None).unwrap());
    assert!(!two.delete(key("name"), None).unwrap());
    assert_eq!(get(&two, "name"), None);
    assert_eq!(one.len().unwrap(), 0);
    assert_sound(&one);
}

#[test]
fn get_returns_values_of_every_length_exactly() {
    for checksums in [false, true] {
        let machine = Machine::new(Options { size: 1 << 20, checksums, ..Options::default() });
        let dict = machine.process(1);
        let long: Vec<u8> = (0..400_000u32).map(|at| (at * 31 % 251) as u8).collect();
        for length in (0..300).chain([500, 990, 1000, 1008, 1024, 2047, 4000, 65_536, 400_000]) {
            for name in ["k", "a key of 17 bytes"] {
                set(&dict, name, bytes(&long[..length]));
                assert_eq!(get(&dict, name).as_deref(), Some(&long[..length]), "{length}");
                if length > 100_000 {
                    dict.delete(key(name), None).unwrap();
                }
            }
        }
        assert_sound(&dict);
    }
}

#[test]
fn a_key_may_be_as_long_as_the_limit_whatever_the_page_size() {
    let dict = Machine::new(Options { size: 1 << 20, ..Options::default() }).process(1);
    for length in [1, 100, 1000, 5000, 65_535] {
        let name = "x".repeat(length);
        set(&dict, &name, text("v"));
        assert_eq!(get(&dict, &name).as_deref(), Some(&b"v"[..]));
    }
    assert_eq!(dict.len().unwrap(), 5);
    assert!(matches!(Key::new(&[0; 65_536], false), Err(Error::TooLarge { .. })));
    assert_sound(&dict);
}

#[test]
fn a_latin1_key_and_a_utf16_key_of_the_same_bytes_are_two_keys() {
    let dict = Machine::small().process(1);
    let (narrow, wide) = (Key::new(b"abcd", false).unwrap(), Key::new(b"abcd", true).unwrap());
    dict.set(narrow, text("narrow"), Ttl::Never, Condition::Always).unwrap();
    dict.set(wide, text("wide"), Ttl::Never, Condition::Always).unwrap();
    let mut buffer = Vec::new();
    assert_eq!(dict.get(narrow, &mut buffer).unwrap().unwrap().value.bytes, b"narrow");
    assert_eq!(dict.get(wide, &mut buffer).unwrap().unwrap().value.bytes, b"wide");
}

#[test]
fn set_changes_nothing_when_its_condition_is_not_met() {
    let dict = Machine::small().process(1);
    let set = |value, condition| dict.set(key("k"), text(value), Ttl::Never, condition).unwrap();
    assert!(!set("a", Condition::Present));
    assert!(set("a", Condition::Absent));
    assert!(!set("b", Condition::Absent));
    let mut buffer = Vec::new();
    let version = dict.get(key("k"), &mut buffer).unwrap().unwrap().version;
    assert!(set("c", Condition::Version(version)));
    assert!(!set("d", Condition::Version(version)));
    assert!(!dict.delete(key("k"), Some(version)).unwrap());
    assert_eq!(get(&dict, "k").as_deref(), Some(&b"c"[..]));
    assert!(!set("e", Condition::Version(0)));
}

#[test]
fn a_version_never_repeats_for_a_key() {
    let dict = Machine::small().process(1);
    let mut versions = std::collections::HashSet::new();
    for round in 0..200 {
        match round % 4 {
            0 => dict.delete(key("k"), None).map(drop).unwrap(),
            1 => dict.clear().unwrap(),
            _ => dict.increment(key("k"), by(1.0)).map(drop).unwrap(),
        }
        if let Some(entry) = dict.get(key("k"), &mut Vec::new()).unwrap() {
            assert!(versions.insert(entry.version));
        }
    }
}

#[test]
fn incr_adds_creates_and_refuses_to_overflow() {
    let dict = Machine::small().process(1);
    let number = |value| Ok(Some(Number::Double(value)));
    assert_eq!(dict.increment(key("n"), by(2.5)), number(2.5));
    assert_eq!(dict.increment(key("n"), by(-1.0)), number(1.5));
    assert_eq!(dict.increment(key("m"), Increment { init: None, ..by(1.0) }), Ok(None));
    assert!(matches!(dict.increment(key("n"), by(f64::INFINITY)), Err(Error::Overflow(_))));
    set(&dict, "i", Value::bigint(i64::MAX));
    let one = Increment { delta: Number::Integer(1), ..by(0.0) };
    assert!(matches!(dict.increment(key("i"), one), Err(Error::Overflow(_))));
    assert!(matches!(dict.increment(key("i"), by(1.0)), Err(Error::WrongType(_))));
    set(&dict, "s", text("1"));
    assert!(matches!(dict.increment(key("s"), by(1.0)), Err(Error::WrongType(_))));
    assert_eq!(get(&dict, "s").as_deref(), Some(&b"1"[..]));
    assert_sound(&dict);
}

#[test]
fn an_entry_expires_at_its_deadline_and_counts_as_absent_from_then_on() {
    let machine = Machine::small();
    let dict = machine.process(1);
    let add = |value| dict.set(key("k"), text(value), Ttl::After(100 * MS), Condition::Absent).unwrap();
    assert!(add("a"));
    set_clock(&dict, 1099);
    assert_eq!(dict.ttl(key("k"), &mut Vec::new()).unwrap(), Some(TimeLeft::Nanos(MS)));
    assert!(!add("b"));
    assert_eq!(dict.len().unwrap(), 1);
    set_clock(&dict, 1100);
    assert_eq!(get(&dict, "k"), None);
    assert_eq!(dict.len().unwrap(), 0);
    assert!(!dict.has(key("k"), &mut Vec::new()).unwrap());
    assert!(!dict.expire(key("k"), Ttl::Never).unwrap());
    assert!(!dict.delete(key("k"), None).unwrap());
    assert!(add("c"));
    set_clock(&dict, 1300);
    assert_eq!(dict.flush_expired(0).unwrap(), 1);
    assert_eq!(dict.flush_expired(0).unwrap(), 0);
    assert_sound(&dict);
}

#[test]
fn expire_sets_changes_and_clears_the_deadline_of_every_type() {
    for checksums in [false, true] {
        let dict = Machine::new(Options { size: 1 << 20, checksums, ..Options::default() }).process(1);
        expire_all_types(&dict);
    }
}

fn expire_all_types(dict: &Dict) {
    let long = vec![7; 50_000];
    for value in [text("short"), Value::number(1.0), Value::null(), Value::boolean(true), bytes(&long)] {
        set(dict, "k", value);
        let ttl = || dict.ttl(key("k"), &mut Vec::new()).unwrap();
        assert_eq!(ttl(), Some(TimeLeft::Forever));
        assert!(dict.expire(key("k"), Ttl::After(5 * MS)).unwrap());
        assert_eq!(ttl(), Some(TimeLeft::Nanos(5 * MS)));
        assert!(dict.expire(key("k"), Ttl::After(7 * MS)).unwrap());
        assert_eq!(ttl(), Some(TimeLeft::Nanos(7 * MS)));
        assert!(dict.expire(key("k"), Ttl::Never).unwrap());
        assert_eq!(ttl(), Some(TimeLeft::Forever));
        let mut buffer = Vec::new();
        let entry = dict.get(key("k"), &mut buffer).unwrap().unwrap();
        assert_eq!(
            (entry.value.kind, entry.value.scalar, entry.value.bytes),
            (value.kind, value.scalar, value.bytes)
        );
    }
    assert_sound(dict);
}

#[test]
fn clear_takes_effect_in_every_process_and_keys_can_be_set_again() {
    let machine = Machine::small();
    let (one, two) = (machine.process(1), machine.process(2));
    for number in 0..100 {
        set(&one, &format!("k{number}"), text("v"));
    }
    two.clear().unwrap();
    assert_eq!(one.len().unwrap(), 0);
    assert_eq!(get(&one, "k5"), None);
    set(&one, "k5", text("new"));
    assert_eq!((two.len().unwrap(), get(&two, "k5").as_deref()), (1, Some(&b"new"[..])));
    assert_sound(&one);
}

#[test]
fn cleared_entries_stay_cleared_when_the_epoch_wraps_around() {
    let dict = Machine::small().process(1);
    set(&dict, "old", text("v"));
    for _ in 0..(1 << 16) {
        dict.clear().unwrap();
    }
    assert_eq!(get(&dict, "old"), None);
    assert_sound(&dict);
}

#[test]
fn a_scan_visits_every_key_once_while_other_keys_come_and_go() {
    let machine = Machine::new(Options { size: 1 << 20, ..Options::default() });
    let dict = machine.process(1);
    for number in 0..500 {
        set(&dict, &format!("stays{number}"), Value::number(f64::from(number)));
    }
    let (mut cursor, mut seen, mut round) = (Cursor::default(), Vec::new(), 0);
    loop {
        let more = dict
            .scan(&mut cursor, 20, true, &mut |key, _| {
                seen.push(String::from_utf8(key.bytes().to_vec()).unwrap())
            })
            .unwrap();
        set(&dict, &format!("passes{round}"), text("x"));
        set(
            &dict,
            &format!("stays{}", round * 7 % 500),
            text("a longer value moves the block, not the slot"),
        );
        dict.delete(key(&format!("passes{}", round / 2)), None).unwrap();
        round += 1;
        assert!(round < 10_000, "the scan does not end");
        if !more {
            break;
        }
    }
    let mut stays: Vec<&String> = seen.iter().filter(|key| key.starts_with("stays")).collect();
    assert_eq!(stays.len(), 500);
    stays.sort();
    stays.dedup();
    assert_eq!(stays.len(), 500);
}

#[test]
fn a_retired_segment_refuses_all_operations() {
    let dict = Machine::small().process(1);
    set(&dict, "k", text("v"));
    dict.segment().retire();
    assert_eq!(dict.get(key("k"), &mut Vec::new()), Err(Error::Retired));
    assert_eq!(dict.set(key("k"), text("v"), Ttl::Never, Condition::Always), Err(Error::Retired));
    assert_eq!(dict.clear(), Err(Error::Retired));
}

#[test]
fn statistics_count_operations() {
    let dict = Machine::small().process(1);
    set(&dict, "k", text("v"));
    get(&dict, "k");
    get(&dict, "missing");
    dict.delete(key("k"), None).unwrap();
    let stats = dict.stats().unwrap();
    assert_eq!((stats.sets, stats.hits, stats.misses, stats.deletes, stats.entries), (1, 1, 1, 1, 0));
    assert_eq!(stats.used, 0);
    assert_eq!(stats.size, 64 << 10);
    assert_eq!(stats.processes, 1);
}
