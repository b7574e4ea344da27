//! Scans and removals by prefix, and scans in small steps.

use super::fixture::*;
use crate::ops::{Cursor, Dict, KeyPrefix, Lease, ScanStep};
use crate::value::{Condition, Key, ListEnd, Ttl, Value};

fn prefix(text: &str) -> KeyPrefix {
    KeyPrefix::new(&text.encode_utf16().collect::<Vec<u16>>())
}

fn set_wide(dict: &Dict, name: &str) {
    let bytes: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let key = Key::new(&bytes, true).unwrap();
    assert!(dict.set(key, Value::number(1.0), Ttl::Never, Condition::Always).unwrap());
}

/// Returns the stored keys that a scan in steps with these limits visits, in order.
fn scanned(dict: &Dict, step: &ScanStep<'_>) -> Vec<Vec<u8>> {
    let (mut cursor, mut keys) = (Cursor::default(), Vec::new());
    while dict.scan_step(&mut cursor, step, &mut |key, _| keys.push(key.bytes().to_vec())).unwrap() {}
    keys.sort();
    keys
}

fn with_prefix(dict: &Dict, text: &str) -> usize {
    let limits = ScanStep { prefix: Some(&prefix(text)), values: false, entries: 7, bytes: 100, buckets: 3 };
    scanned(dict, &limits).len()
}

#[test]
fn a_prefix_is_found_in_keys_of_both_forms_and_in_entries_of_every_shape() {
    for checksums in [false, true] {
        let dict = Machine::new(Options { size: 1 << 20, checksums, ..Options::default() }).process(1);
        for name in ["user:1", "user:22", "use", "xuser:1"] {
            set(&dict, name, text("v"));
        }
        set(&dict, "user:chained", bytes(&[7; 9000]));
        dict.push(key("user:list"), ListEnd::Left, text("item")).unwrap();
        for name in ["user:\u{6771}", "\u{6771}user:", "\u{6771}\u{4eac}"] {
            set_wide(&dict, name);
        }
        assert_eq!(with_prefix(&dict, "user:"), 5);
        assert_eq!(with_prefix(&dict, "\u{6771}"), 2);
        assert_eq!(with_prefix(&dict, ""), 9);
        assert_eq!(with_prefix(&dict, "none"), 0);
        assert_eq!(dict.delete_prefix(&prefix("user:"), 0).unwrap(), 5);
        assert_eq!(dict.delete_prefix(&prefix("\u{6771}"), 1).unwrap(), 1);
        assert_eq!(dict.len().unwrap(), 3);
        assert_sound(&dict);
    }
}

#[test]
fn a_scan_in_small_steps_visits_each_entry_once() {
    let dict = Machine::new(Options { size: 1 << 20, ..Options::default() }).process(1);
    for number in 0..2000 {
        set(&dict, &format!("n{number}"), bytes(&[1; 20]));
    }
    let all =
        ScanStep { prefix: None, values: true, entries: usize::MAX, bytes: usize::MAX, buckets: u32::MAX };
    let expected = scanned(&dict, &all);
    assert_eq!(expected.len(), 2000);
    for step in [ScanStep { entries: 1, ..all }, ScanStep { bytes: 1, ..all }, ScanStep { buckets: 1, ..all }]
    {
        assert_eq!(scanned(&dict, &step), expected);
    }
}

#[test]
fn a_removal_by_prefix_counts_live_entries_and_stops_at_its_limit() {
    let dict = Machine::new(Options { size: 1 << 20, ..Options::default() }).process(1);
    for number in 0..300 {
        set(&dict, &format!("a{number}"), text("v"));
        set(&dict, &format!("b{number}"), text("v"));
    }
    for number in 0..100 {
        dict.expire(key(&format!("a{number}")), Ttl::After(1_000_000)).unwrap();
    }
    set_clock(&dict, 2000);
    assert_eq!(dict.delete_prefix(&prefix("a"), 50).unwrap(), 50);
    assert_eq!(dict.delete_prefix(&prefix("a"), 0).unwrap(), 150);
    assert_eq!((dict.len().unwrap(), with_prefix(&dict, "b")), (300, 300));
    assert_eq!(dict.stats().unwrap().deletes, 200);
    dict.clear().unwrap();
    assert_eq!(dict.delete_prefix(&prefix(""), 0).unwrap(), 0);
    assert_sound(&dict);
}

#[test]
fn a_removal_by_prefix_keeps_values_being_loaded_from_being_stored() {
    let dict = Machine::small().process(1);
    let Lease::Granted(ticket) = dict.lease_acquire(key("user:1"), 1).unwrap() else { panic!("busy") };
    assert_eq!(dict.delete_prefix(&prefix("user:"), 0).unwrap(), 0);
    assert!(!dict.lease_store(key("user:1"), ticket, text("old"), Ttl::Never).unwrap());
}

#[test]
fn a_removal_by_prefix_removes_what_is_there_throughout_beside_a_writer() {
    let machine = Machine::new(Options { size: 1 << 20, ..Options::default() });
    let (dict, writer) = (machine.process(1), machine.process(2));
    for number in 0..1000 {
        set(&dict, &format!("a{number}"), text("v"));
    }
    std::thread::scope(|scope| {
        let done = scope.spawn(|| {
            for number in 0..4000 {
                set(&writer, &format!("b{}", number % 500), bytes(&vec![1; number % 300]));
                let _ = writer.delete(key(&format!("b{}", number % 333)), None).unwrap();
            }
        });
        assert_eq!(dict.delete_prefix(&prefix("a"), 0).unwrap(), 1000);
        done.join().unwrap();
    });
    assert_eq!(with_prefix(&dict, "a"), 0);
    assert_sound(&dict);
}
