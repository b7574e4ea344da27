//! Overwriting the entries of a dictionary that is full to its last block.

use super::fixture::*;
use super::states::fill_up;
use crate::ops::Dict;
use crate::value::{Condition, Increment, ListEnd, Number, Ttl, Value, ValueKind};
use shmkit_object::error::Error;

const HOUR: Ttl = Ttl::After(3_600_000_000_000);

const COUNT: Increment = Increment {
    delta: Number::Double(1.0),
    delta_is_default: true,
    init: None,
    ttl: Ttl::Keep,
    init_ttl: Ttl::Never,
};

fn stored(kind: ValueKind, number: u32, bytes: &[u8]) -> Value<'_> {
    match kind {
        ValueKind::Number => Value::number(f64::from(number)),
        ValueKind::BigInt => Value::bigint(i64::from(number)),
        ValueKind::Boolean => Value { kind, scalar: u64::from(number % 2), bytes: &[] },
        ValueKind::Null => Value { kind, scalar: 0, bytes: &[] },
        _ => Value::bytes(kind, bytes),
    }
}

/// Fills what larger values leave, too: until not even the smallest entry fits.
fn fill_to_the_last_block(dict: &Dict, kind: ValueKind, size: usize, ttl: Ttl) -> u32 {
    let value = vec![7; size];
    let count = (0..)
        .find(|&number| {
            let name = format!("k{number:05}");
            dict.set(key(&name), stored(kind, number, &value), ttl, Condition::Always).is_err()
                || dict.stats().unwrap().evictions > 0
        })
        .unwrap();
    for (class, size) in [900, 450, 200, 100, 50, 20, 0].into_iter().enumerate() {
        for number in 0.. {
            let name = format!("f{class}-{number}");
            if dict.segment().evict
                || dict.set(key(&name), bytes(&vec![1; size]), Ttl::Never, Condition::Always).is_err()
            {
                break;
            }
        }
    }
    count
}

/// Every write of one entry that needs no more room than it has.
fn overwrite(dict: &Dict, name: &str, kind: ValueKind, size: usize) {
    let value = vec![8; size];
    let evicted = || dict.stats().unwrap().evictions;
    let before = evicted();
    if !dict.has(key(name), &mut Vec::new()).unwrap() {
        return;
    }
    for number in 0..3 {
        assert_eq!(dict.set(key(name), stored(kind, number, &value), Ttl::Keep, Condition::Always), Ok(true));
    }
    dict.swap(key(name), stored(kind, 4, &value), Ttl::Keep, None, &mut Vec::new()).unwrap();
    let version = dict.get(key(name), &mut Vec::new()).unwrap().unwrap().version;
    let condition = Condition::Version(version);
    assert_eq!(dict.set(key(name), stored(kind, 5, &value), Ttl::Keep, condition), Ok(true));
    if matches!(kind, ValueKind::Number) {
        assert_eq!(dict.increment(key(name), COUNT), Ok(Some(Number::Double(6.0))));
    }
    if size >= 16 {
        // A number takes 16 bytes more than an empty string.
        assert_eq!(dict.set(key(name), Value::number(1.0), Ttl::Keep, Condition::Present), Ok(true));
        assert_eq!(dict.increment(key(name), COUNT), Ok(Some(Number::Double(2.0))));
    }
    assert_eq!(evicted(), before, "{name}: a write of no more room evicted");
}

#[test]
fn every_entry_of_a_full_dictionary_can_be_overwritten() {
    let kinds = [
        (ValueKind::Number, 0),
        (ValueKind::BigInt, 0),
        (ValueKind::Boolean, 0),
        (ValueKind::Null, 0),
        (ValueKind::Latin1, 1),
        (ValueKind::Latin1, 40),
        (ValueKind::Utf16, 100),
        (ValueKind::Bytes, 300),
        (ValueKind::Structured, 480),
        (ValueKind::Json, 600),
        (ValueKind::Custom, 740),
        (ValueKind::Bytes, 950),
    ];
    for (size, evict, checksums) in
        [(64 << 10, false, false), (64 << 10, true, false), (64 << 10, false, true), (1 << 20, false, false)]
    {
        for (number, &(kind, length)) in kinds.iter().enumerate() {
            let ttl = if number % 2 == 0 { Ttl::Never } else { HOUR };
            let dict = Machine::new(Options { size, evict, checksums, ..Options::default() }).process(1);
            let count = fill_to_the_last_block(&dict, kind, length, ttl);
            let step = if size > 64 << 10 { 37 } else { 1 };
            for number in (0..count).step_by(step) {
                overwrite(&dict, &format!("k{number:05}"), kind, length);
            }
            let expiring = (0..count).step_by(step).map(|number| format!("k{number:05}"));
            for name in expiring.filter(|_| ttl == HOUR && length < 16) {
                assert!(dict.expire(key(&name), Ttl::After(5_000_000_000)).is_ok());
            }
            assert_sound(&dict);
        }
    }
}

#[test]
fn a_first_ttl_succeeds_if_the_block_has_room_and_is_refused_if_not() {
    let dict = Machine::small().process(1);
    // 16 + 8 + 270 bytes in a block of 320.
    let count = fill_up(&dict, 270);
    for number in 0..count {
        assert_eq!(dict.expire(key(&format!("fill{number:04}")), HOUR), Ok(true));
    }
    let dict = Machine::small().process(1);
    fill_up(&dict, 1000);
    assert!(matches!(dict.expire(key("fill0003"), HOUR), Err(Error::Full { .. })));
    assert_eq!(get(&dict, "fill0003").map(|value| value.len()), Some(1000));
    assert_sound(&dict);
}

#[test]
fn a_first_ttl_costs_at_most_one_entry_where_entries_are_evicted() {
    for size in [0, 8, 40, 100, 300, 480, 700, 1000] {
        let dict = Machine::new(Options { size: 64 << 10, evict: true, ..Options::default() }).process(1);
        let count = fill_up(&dict, size);
        let before = dict.stats().unwrap().evictions;
        let name = format!("fill{:04}", count - 2);
        assert_eq!(dict.expire(key(&name), HOUR), Ok(true), "{size}");
        let evicted = dict.stats().unwrap().evictions - before;
        assert!(evicted <= 1, "{evicted} entries of {size} bytes were evicted");
        assert_sound(&dict);
    }
}

#[test]
fn a_list_in_a_full_dictionary_can_be_overwritten_and_emptied() {
    let dict = Machine::small().process(1);
    for number in 0..3000 {
        if dict.push(key("list"), ListEnd::Right, Value::number(f64::from(number))).is_err() {
            break;
        }
    }
    fill_up(&dict, 20);
    fill_up(&dict, 0);
    set(&dict, "list", bytes(&[1; 60]));
    assert_sound(&dict);
    set(&dict, "more", bytes(&[1; 10_000]));
}

#[test]
fn a_reserve_goes_with_the_last_entry_of_its_shard() {
    let dict = Machine::small().process(1);
    let capacity = dict.stats().unwrap().capacity as usize;
    let largest = capacity - 3 * 1024;
    for _ in 0..3 {
        set(&dict, "large", bytes(&vec![1; largest - largest / 60]));
        assert!(dict.delete(key("large"), None).unwrap());
        assert_eq!(dict.stats().unwrap().used, 0);
    }
    assert_sound(&dict);
}
