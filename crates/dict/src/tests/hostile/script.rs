//! The whole API, one call per step. Every step may fail with a typed error.

use super::super::fixture::*;
use super::population::{BYTES, LIST, NUMBER, is_item, item, value_of, was_written};
use crate::ops::{Cursor, Dict, Freshness, Lease};
use crate::value::{Condition, Increment, ListEnd, Number, Ttl};
use shmkit_object::error::Result;

/// One call, or a few similar ones.
pub type Step = fn(dict: &Dict) -> Result<()>;

pub const READS: &[(&str, Step)] = &[
    ("get", get_all),
    ("get stale", |dict| dict.get_fresh(key("timed"), Freshness::Stale, &mut Vec::new()).map(drop)),
    ("has", |dict| BYTES.iter().try_for_each(|(name, _)| dict.has(key(name), &mut Vec::new()).map(drop))),
    ("ttl", |dict| dict.ttl(key("timed"), &mut Vec::new()).map(drop)),
    ("list length", |dict| dict.list_len(key(LIST)).map(drop)),
    ("range", |dict| range(dict, 0, -1)),
    ("part of a range", |dict| range(dict, -3, 5)),
    ("scan", scan),
    ("size", |dict| dict.len().map(drop)),
    ("stats", |dict| dict.stats().map(drop)),
];

pub const WRITES: &[(&str, Step)] = &[
    ("set a new key", |dict| write(dict, "new", 60, Ttl::Never)),
    ("replace, same class", |dict| write(dict, "c", 40, Ttl::Never)),
    ("replace, other class", |dict| write(dict, "d", 400, Ttl::Keep)),
    ("replace by a chain", |dict| write(dict, "b", 2500, Ttl::After(1_000_000))),
    ("replace a chain", |dict| write(dict, "a chain", 2800, Ttl::Never)),
    ("add", |dict| {
        let value = value_of("a", 5, 1);
        dict.set(key("a"), bytes(&value), Ttl::Never, Condition::Absent).map(drop)
    }),
    ("incr", |dict| dict.increment(key(NUMBER), ADD_ONE).map(drop)),
    ("incr that creates", |dict| dict.increment(key("new number"), ADD_ONE).map(drop)),
    ("expire in place", |dict| dict.expire(key("timed"), Ttl::After(9_000_000)).map(drop)),
    ("expire a chain", |dict| dict.expire(key("a timed chain"), Ttl::Never).map(drop)),
    ("expire for the first time", |dict| dict.expire(key("f"), Ttl::After(9_000_000)).map(drop)),
    ("push right", |dict| push(dict, LIST, ListEnd::Right, 1)),
    ("push left", |dict| push(dict, LIST, ListEnd::Left, 2)),
    ("push a large item", |dict| push(dict, LIST, ListEnd::Right, 3)),
    ("push a new list", |dict| push(dict, "new list", ListEnd::Right, 1)),
    ("pop left", |dict| pop(dict, ListEnd::Left)),
    ("pop right", |dict| pop(dict, ListEnd::Right)),
    ("pop right again", |dict| pop(dict, ListEnd::Right)),
    ("swap", |dict| {
        dict.swap(key("e"), bytes(&value_of("e", 101, 1)), Ttl::Never, None, &mut Vec::new()).map(drop)
    }),
    ("take", |dict| dict.take(key("g"), None, &mut Vec::new()).map(drop)),
    ("delete a chain", |dict| dict.delete(key("a longer chain"), None).map(drop)),
    ("delete a missing key", |dict| dict.delete(key("missing"), None).map(drop)),
    ("lease", lease),
    ("sweep and compact", |dict| {
        ["big", "bigger", "biggest", "too big"]
            .iter()
            .try_for_each(|name| write(dict, name, 9000, Ttl::Never))
    }),
    ("flush", |dict| dict.flush_expired(0).map(drop)),
    ("verify", |dict| dict.verify().map(drop)),
];

pub const END: &[(&str, Step)] = &[
    ("delete a list", |dict| dict.delete(key(LIST), None).map(drop)),
    ("clear", |dict| dict.clear()),
    ("set after clear", |dict| write(dict, "a", 50, Ttl::Never)),
    ("get after clear", get_all),
    ("verify after clear", |dict| dict.verify().map(drop)),
];

const ADD_ONE: Increment = Increment {
    delta: Number::Double(1.0),
    delta_is_default: true,
    init: Some(Number::Double(0.0)),
    ttl: Ttl::Keep,
    init_ttl: Ttl::Never,
};

fn get_all(dict: &Dict) -> Result<()> {
    let mut buffer = Vec::new();
    let mut outcome = Ok(());
    // A damaged entry must not hide the next one.
    for name in BYTES.iter().map(|(name, _)| *name).chain([NUMBER, "new"]) {
        match dict.get(key(name), &mut buffer) {
            Ok(Some(entry)) => assert_right(was_written(name.as_bytes(), &entry), name),
            Ok(None) => {}
            Err(error) => outcome = Err(error),
        }
    }
    outcome
}

/// The panic of a step that gets a value that no writer wrote.
#[derive(Debug)]
pub struct WrongValue(pub String);

fn assert_right(right: bool, what: &str) {
    if !right {
        std::panic::panic_any(WrongValue(what.to_owned()));
    }
}

fn range(dict: &Dict, start: i64, stop: i64) -> Result<()> {
    let mut right = true;
    dict.list_range(key(LIST), start, stop, &mut |item| right &= is_item(item.bytes))?;
    assert_right(right, LIST);
    Ok(())
}

fn scan(dict: &Dict) -> Result<()> {
    let mut cursor = Cursor::default();
    let mut wrong = None;
    let mut seen = 0;
    while dict.scan(&mut cursor, 5, true, &mut |name, entry| {
        seen += 1;
        if !was_written(name.bytes(), &entry) && name.bytes() != b"cleared" {
            wrong = Some(String::from_utf8_lossy(name.bytes()).into_owned());
        }
    })? {}
    assert_right(seen <= 1000, "more entries than there are places");
    assert_right(wrong.is_none(), &wrong.unwrap_or_default());
    Ok(())
}

fn write(dict: &Dict, name: &str, len: usize, ttl: Ttl) -> Result<()> {
    dict.set(key(name), bytes(&value_of(name, len, 1)), ttl, Condition::Always).map(drop)
}

fn push(dict: &Dict, name: &str, end: ListEnd, number: usize) -> Result<()> {
    dict.push(key(name), end, bytes(&item(number))).map(drop)
}

fn pop(dict: &Dict, end: ListEnd) -> Result<()> {
    let mut buffer = Vec::new();
    if let Some(item) = dict.pop(key(LIST), end, &mut buffer)? {
        assert_right(is_item(item.bytes), LIST);
    }
    Ok(())
}

fn lease(dict: &Dict) -> Result<()> {
    if let Lease::Granted(ticket) = dict.lease_acquire(key("loaded"), 1)? {
        dict.lease_store(key("loaded"), ticket, bytes(&value_of("loaded", 30, 1)), Ttl::Never)?;
    }
    if let Lease::Granted(ticket) = dict.lease_acquire(key("other"), 1)? {
        dict.lease_release(ticket)?;
    }
    dict.lease_acquire(key("last"), 1)?;
    dict.lease_release_all(1)
}
