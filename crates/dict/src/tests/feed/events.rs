//! What each operation tells.

use super::super::states::{EVICTING, TTL, put};
use super::*;
use crate::feed::Change::{Delete, Evict, Expire, Set};
use crate::value::{Condition, Increment, ListEnd, Number, RateLimit, Ttl, Value};

const LIMIT: RateLimit = RateLimit { limit: 10, window: 1_000_000_000, burst: 10, cost: 1 };

fn add_one(dict: &Dict) {
    let by = Increment {
        delta: Number::Double(1.0),
        delta_is_default: true,
        init: Some(Number::Double(0.0)),
        ttl: Ttl::Keep,
        init_ttl: Ttl::Never,
    };
    dict.increment(key("k"), by).unwrap();
}

#[test]
fn every_write_of_an_entry_tells_set_with_its_version() {
    let (_machine, writer, mut watcher) = watched();
    let writes: [fn(&Dict); 10] = [
        |dict| put(dict, "k", text("new"), Ttl::Never),
        |dict| put(dict, "k", text("other"), Ttl::Never),
        |dict| put(dict, "k", bytes(&[1; 3000]), TTL),
        |dict| put(dict, "k", Value::number(1.0), Ttl::Never),
        add_one,
        |dict| assert!(dict.expire(key("k"), TTL).unwrap()),
        |dict| assert!(dict.expire(key("k"), Ttl::After(5_000_000_000)).unwrap()),
        |dict| put(dict, "k", Value::bigint(0), Ttl::After(500_000_000)),
        |dict| assert!(dict.throttle(key("k"), &LIMIT).unwrap().is_allowed),
        |dict| {
            let ticket = match dict.lease_acquire(key("k"), 1).unwrap() {
                crate::ops::Lease::Granted(ticket) => ticket,
                crate::ops::Lease::Busy => panic!("nobody else loads"),
            };
            assert!(dict.lease_store(key("k"), ticket, text("loaded"), Ttl::Never).unwrap());
        },
    ];
    for (number, write) in writes.into_iter().enumerate() {
        write(&writer);
        let version = writer.version_of(key("k")).unwrap();
        assert_eq!(hear_versions(&mut watcher), [(changed(Set, "k"), version)], "write {number}");
    }
}

#[test]
fn lists_tell_set_until_the_last_item_is_removed() {
    let (_machine, writer, mut watcher) = watched();
    for item in 0..3 {
        writer.push(key("l"), ListEnd::Right, text(&"x".repeat(item * 700))).unwrap();
    }
    writer.push_all(key("l"), ListEnd::Left, &[text("a"), bytes(&[1; 900])]).unwrap();
    for _ in 0..5 {
        assert!(writer.pop(key("l"), ListEnd::Left, &mut Vec::new()).unwrap().is_some());
    }
    let mut expected = vec![changed(Set, "l"); 8];
    expected.push(changed(Delete, "l"));
    assert_eq!(hear(&mut watcher), expected);
}

#[test]
fn removals_tell_why_and_what_changes_nothing_tells_nothing() {
    let (_machine, writer, mut watcher) = watched();
    put(&writer, "k", text("v"), Ttl::Never);
    assert!(!writer.set(key("k"), text("w"), Ttl::Never, Condition::Absent).unwrap());
    assert!(!writer.delete(key("missing"), None).unwrap());
    assert!(writer.delete(key("k"), None).unwrap());
    put(&writer, "k", text("v"), TTL);
    set_clock(&writer, 5000);
    assert_eq!(hear(&mut watcher), [changed(Set, "k"), changed(Delete, "k"), changed(Set, "k")]);
    assert!(!writer.delete(key("k"), None).unwrap());
    assert_eq!(hear(&mut watcher), [changed(Expire, "k")]);
    for value in [text("same class"), bytes(&[1; 3000])] {
        put(&writer, "k", text("v"), TTL);
        set_clock(&writer, 10_000 + value.bytes.len() as u32);
        put(&writer, "k", value, Ttl::Never);
        assert_eq!(hear(&mut watcher), [changed(Set, "k"), changed(Expire, "k"), changed(Set, "k")]);
    }
    put(&writer, "k", text("v"), TTL);
    set_clock(&writer, 20_000);
    assert_eq!(writer.flush_expired(0).unwrap(), 1);
    assert_eq!(hear(&mut watcher), [changed(Set, "k"), changed(Expire, "k")]);
}

#[test]
fn evictions_are_told_and_moves_are_not() {
    let machine = Machine::new(Options { feed: 1, ..EVICTING });
    let (writer, mut watcher) = (machine.process(1), machine.process(2).watch().unwrap());
    let (mut number, mut present) = (0, std::collections::BTreeSet::new());
    while writer.stats().unwrap().evictions < 50 {
        put(&writer, &format!("fill{number}"), bytes(&[1; 107][number % 7..]), Ttl::Never);
        number += 1;
        for heard in hear(&mut watcher) {
            match heard {
                Heard::Changed(Set, key) => assert!(present.insert(key)),
                Heard::Changed(Evict, key) => assert!(present.remove(&key)),
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(present.len() as u64, writer.len().unwrap());
}

#[test]
fn clear_is_told_once_before_the_changes_after_it() {
    let (_machine, writer, mut watcher) = watched();
    put(&writer, "before", text("v"), Ttl::Never);
    writer.clear().unwrap();
    put(&writer, "after", text("v"), Ttl::Never);
    assert_eq!(hear(&mut watcher), [changed(Set, "before"), Heard::Cleared, changed(Set, "after")]);
    writer.clear().unwrap();
    writer.clear().unwrap();
    assert_eq!(hear(&mut watcher), [Heard::Cleared]);
    // The cleared entries are reclaimed by a sweep.
    super::super::states::fill_up(&writer, 100);
    assert!(hear(&mut watcher).iter().all(|heard| !matches!(heard, Heard::Changed(Delete | Expire, _))));
}

#[test]
fn what_a_slow_watcher_missed_is_counted_exactly() {
    let (_machine, writer, mut watcher) = watched();
    for rounds in [200, 1000, 5000] {
        for number in 0..rounds {
            put(&writer, "k", Value::number(f64::from(number)), Ttl::Never);
        }
        put(&writer, "last", text("v"), Ttl::Never);
        assert_eq!(hear(&mut watcher), [Heard::Missed(Some(u64::try_from(rounds).unwrap() + 1))]);
        put(&writer, "k", text("v"), Ttl::Never);
        assert_eq!(hear(&mut watcher), [changed(Set, "k")]);
    }
}

#[test]
fn a_change_of_a_key_too_long_for_the_ring_counts_as_missed() {
    let (_machine, writer, mut watcher) = watched();
    let long = "k".repeat(3000);
    put(&writer, "a", text("v"), Ttl::Never);
    put(&writer, &long, text("v"), Ttl::Never);
    assert!(writer.delete(key(&long), None).unwrap());
    put(&writer, "b", text("v"), Ttl::Never);
    let missed = || Heard::Missed(Some(1));
    assert_eq!(hear(&mut watcher), [changed(Set, "a"), missed(), missed(), changed(Set, "b")]);
}
