//! The states in which the crash tests start.

use super::fixture::*;
use super::pins::PinnedRead;
use crate::layout::geometry::SLOTS;
use crate::layout::index_shape::IndexShape;
use crate::ops::Dict;
use crate::value::{Condition, ListEnd, Ttl, Value};

pub const SMALL: Options = Options {
    size: 64 << 10,
    evict: false,
    checksums: false,
    wipe: false,
    max_entries: None,
    structures: 0,
    feed: 0,
    max_size: 0,
};
/// Grows from little, with an index of 21 slots.
pub const GROWING: Options = Options { size: 4 << 10, max_size: 128 << 10, ..SMALL };
pub const CHECKED: Options = Options { checksums: true, ..SMALL };
pub const WIPING: Options = Options { wipe: true, ..SMALL };
pub const EVICTING: Options = Options { evict: true, ..SMALL };
/// Few buckets, so that keys pass full ones.
pub const CROWDED: Options = Options { max_entries: Some(20), ..SMALL };
pub const CROWD: u32 = 32;

pub const TTL: Ttl = Ttl::After(1_000_000_000);

pub fn put(dict: &Dict, name: &str, value: Value<'_>, ttl: Ttl) {
    dict.set(key(name), value, ttl, Condition::Always).unwrap();
}

pub fn neighbours(dict: &Dict) {
    put(dict, "a neighbour", text("stays"), Ttl::Never);
    put(dict, "another", Value::number(4.0), TTL);
}

/// Adds entries until one more doubles the index from this level.
pub fn fill_to_level(dict: &Dict, level: u32) {
    let shape = IndexShape::new(dict.segment().geometry.base_buckets, level);
    let most = (shape.buckets() * SLOTS * 55).div_ceil(100) - 1;
    for number in 0..most {
        put(dict, &format!("key {number}"), Value::number(number as f64), Ttl::Never);
    }
    assert_eq!(dict.segment().shape(0), shape);
}

/// Like `fill_to_level`, with keys of one home bucket, so that some pass it.
pub fn fill_crowded(dict: &Dict) {
    let shape = dict.segment().shape(0);
    let most = (shape.buckets() * SLOTS * 55).div_ceil(100) - 1;
    let names = (0..).map(|number| format!("key {number}"));
    let crowd = names.filter(|name| shape.home(dict.hash(key(name))) == 0);
    for name in crowd.take(most as usize) {
        put(dict, &name, Value::number(1.0), Ttl::Never);
    }
}

pub fn with_key(dict: &Dict) {
    neighbours(dict);
    put(dict, "k", text("the old value"), Ttl::Never);
}

pub fn with_expiring(dict: &Dict) {
    neighbours(dict);
    put(dict, "k", text("the old value"), TTL);
}

pub fn with_expired(dict: &Dict) {
    with_expiring(dict);
    put(dict, "another", Value::number(4.0), Ttl::Never);
    set_clock(dict, 5000);
}

pub fn with_number(dict: &Dict) {
    neighbours(dict);
    put(dict, "k", Value::number(1.0), Ttl::Never);
}

/// A limiter of which something has been taken. The clock shows 1 s.
pub fn with_limiter(dict: &Dict) {
    neighbours(dict);
    put(dict, "k", Value::bigint(1_500_000_000), Ttl::After(500_000_000));
}

pub fn with_expired_limiter(dict: &Dict) {
    with_limiter(dict);
    put(dict, "another", Value::number(4.0), Ttl::Never);
    set_clock(dict, 5000);
}

pub fn with_chain(dict: &Dict) {
    neighbours(dict);
    put(dict, "k", bytes(&[7; 5000]), Ttl::Never);
}

pub fn cleared(dict: &Dict) {
    with_key(dict);
    put(dict, "l", bytes(&[7; 5000]), Ttl::Never);
    dict.clear().unwrap();
    neighbours(dict);
}

/// Fills the memory with entries of 100 bytes.
pub fn filled(dict: &Dict) {
    neighbours(dict);
    put(dict, "k", text("the old value"), Ttl::Never);
    assert!(fill_up(dict, 100) > 100);
}

/// Fills the memory with entries that take whole pages.
pub fn filled_with_pages(dict: &Dict) {
    neighbours(dict);
    assert!(fill_up(dict, 990) > 20);
}

/// Fills the memory with entries of two blocks each.
pub fn filled_with_pairs(dict: &Dict) {
    neighbours(dict);
    assert!(fill_up(dict, 600) > 20);
}

/// Fills the memory with entries of a page each, until the first eviction.
pub fn filled_evicting_pages(dict: &Dict) {
    fill_up(dict, 1000);
}

/// Stores values of `size` bytes until there is no room for another one, and returns their number.
pub fn fill_up(dict: &Dict, size: usize) -> u32 {
    let value = vec![1; size];
    let is_full = |number: &u32| {
        let name = format!("fill{number:04}");
        dict.set(key(&name), bytes(&value), Ttl::Never, Condition::Always).is_err()
            || dict.stats().unwrap().evictions > 0
    };
    (0..).find(is_full).unwrap()
}

/// Fills the memory until the first eviction.
pub fn filled_evicting(dict: &Dict) {
    neighbours(dict);
    put(dict, "k", text("the old value"), Ttl::Never);
    let mut number = 0;
    while dict.stats().unwrap().evictions == 0 {
        put(dict, &format!("fill{number:04}"), bytes(&[1; 100]), Ttl::Never);
        number += 1;
        assert!(number < 10_000, "nothing is evicted");
    }
}

/// Full, with half of the entries expired and every page half empty.
pub fn sparse(dict: &Dict) {
    neighbours(dict);
    for number in 0..150 {
        let ttl = if number % 2 == 0 { TTL } else { Ttl::Never };
        put(dict, &format!("s{number:03}"), bytes(&[1; 90]), ttl);
    }
    put(dict, "another", Value::number(4.0), Ttl::Never);
    let mut number = 0;
    while dict.set(key(&format!("x{number:04}")), bytes(&[2; 200]), Ttl::Never, Condition::Always).is_ok() {
        number += 1;
        assert!(number < 1000);
        if dict.stats().unwrap().free < 2000 {
            break;
        }
    }
    set_clock(dict, 5000);
}

pub fn crowded(dict: &Dict) {
    for number in 0..CROWD {
        put(dict, &format!("crowd{number}"), text("v"), Ttl::Never);
    }
}

pub fn with_list(dict: &Dict) {
    neighbours(dict);
    for number in 0..5 {
        dict.push(key("list"), ListEnd::Right, text(&format!("item {number}"))).unwrap();
    }
}

/// A list whose end chunks hold one item each.
pub fn with_list_at_the_edge(dict: &Dict) {
    neighbours(dict);
    for number in 0..9 {
        let end = if number % 2 == 0 { ListEnd::Left } else { ListEnd::Right };
        dict.push(key("list"), end, bytes(&[number; 200])).unwrap();
    }
}

pub fn with_full_lease_table(dict: &Dict) {
    neighbours(dict);
    for number in 0..dict.segment().geometry.leases {
        dict.lease_acquire(key(&format!("loading {number}")), 1).unwrap();
    }
}

pub fn with_large_items(dict: &Dict) {
    neighbours(dict);
    for number in 0..3 {
        dict.push(key("list"), ListEnd::Right, bytes(&[number; 3000])).unwrap();
    }
}

/// A key whose old value a reader has pinned.
pub fn with_pinned(dict: &Dict) {
    with_chain(dict);
    PinnedRead::begin(dict, "k");
    put(dict, "k", bytes(&[3; 4000]), TTL);
}

/// A key whose old value readers have pinned with all slots of the table.
pub fn with_pins(dict: &Dict) {
    with_chain(dict);
    (0..dict.segment().geometry.leases).for_each(|_| _ = PinnedRead::begin(dict, "k"));
    put(dict, "k", bytes(&[3; 4000]), TTL);
}
