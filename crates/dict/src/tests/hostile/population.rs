//! The contents of the segment before it is damaged: entries of every type, each value a function of its key.

use super::super::fixture::*;
use super::super::pins::PinnedRead;
use super::super::states::{TTL, put};
use crate::ops::Dict;
use crate::value::{Entry, ListEnd, Ttl, Value, ValueKind};

pub const MACHINES: [(&str, Options); 3] = [
    ("plain", SMALL),
    ("with checksums", Options { checksums: true, ..SMALL }),
    ("evicting", Options { evict: true, ..SMALL }),
];

/// Few buckets, so that most of the index is in use.
const SMALL: Options = Options {
    size: 64 << 10,
    evict: false,
    checksums: false,
    wipe: false,
    max_entries: Some(60),
    structures: 0,
    feed: 0,
    max_size: 0,
};

/// Keys with byte values, and the length of each value: single blocks, whole pages, chains.
pub const BYTES: [(&str, usize); 12] = [
    ("a", 5),
    ("b", 9),
    ("c", 40),
    ("d", 100),
    ("e", 101),
    ("f", 300),
    ("g", 700),
    ("h", 1000),
    ("a chain", 3000),
    ("a longer chain", 7000),
    ("timed", 30),
    ("a timed chain", 2000),
];
pub const NUMBER: &str = "number";
pub const LIST: &str = "list";
const ITEMS: [usize; 7] = [10, 100, 200, 2000, 200, 20, 150];

/// Returns the value of a key: revision 0 is there from the start, the script writes revision 1.
pub fn value_of(name: &str, len: usize, revision: u8) -> Vec<u8> {
    let stamp = name.bytes().fold(revision, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
    (0..len).map(|at| stamp.wrapping_add(at as u8)).collect()
}

pub fn item(number: usize) -> Vec<u8> {
    value_of(LIST, ITEMS[number % ITEMS.len()], number as u8)
}

/// Fills the dictionary, including an entry of an earlier epoch.
pub fn populate(dict: &Dict) {
    put(dict, "cleared", text("of an earlier epoch"), Ttl::Never);
    dict.clear().unwrap();
    for (name, len) in BYTES {
        let ttl = if name.contains("timed") { TTL } else { Ttl::Never };
        put(dict, name, bytes(&value_of(name, len, 0)), ttl);
    }
    // A reader that never ends has pinned the value before the last one.
    PinnedRead::begin(dict, "a chain");
    put(dict, "a chain", bytes(&value_of("a chain", 3000, 0)), Ttl::Never);
    for number in 0..ITEMS.len() {
        dict.push(key(LIST), ListEnd::Right, bytes(&item(number))).unwrap();
    }
    put(dict, NUMBER, Value::number(7.0), Ttl::Never);
    put(dict, "gone", text("soon"), Ttl::Never);
    dict.delete(key("gone"), None).unwrap();
}

/// Returns whether this value was ever written for the key.
pub fn was_written(name: &[u8], entry: &Entry<'_>) -> bool {
    let bytes = entry.value.bytes;
    let scalar = f64::from_bits(entry.value.scalar);
    match std::str::from_utf8(name) {
        Ok(NUMBER | "new number") => {
            entry.value.kind == ValueKind::Number && scalar.fract() == 0.0 && (0.0..10.0).contains(&scalar)
        }
        Ok(LIST | "new list") => entry.value.kind == ValueKind::List,
        Ok(name) => {
            entry.value.kind == ValueKind::Bytes
                && (0..2).any(|revision| bytes == value_of(name, bytes.len(), revision))
        }
        Err(_) => false,
    }
}

pub fn is_item(bytes: &[u8]) -> bool {
    (0..ITEMS.len()).any(|number| bytes == item(number))
}
