//! The operations that are killed, each in a prepared dictionary.

use crate::machine::Options;
use shmkit_core::dict::Dict;
use shmkit_core::value::{Condition, End, Increment, Key, Kind, Number, Ttl, Value};

/// One operation.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    pub name: &'static str,
    pub options: Options,
    pub prepare: fn(&Dict),
    pub operate: fn(&Dict),
    /// It takes over 100,000 instructions.
    pub long: bool,
}

const PLAIN: Options = Options { evict: false, checksums: false };
const CHECKED: Options = Options { evict: false, checksums: true };
const EVICTING: Options = Options { evict: true, checksums: false };
const TTL: Ttl = Ttl::After(1_000_000_000);

const fn case(name: &'static str, options: Options, prepare: fn(&Dict), operate: fn(&Dict)) -> Case {
    Case { name, options, prepare, operate, long: false }
}

const fn evicting(name: &'static str, operate: fn(&Dict)) -> Case {
    Case { name, options: EVICTING, prepare: filled, operate, long: true }
}

fn key(name: &str) -> Key<'_> {
    Key::new(name.as_bytes(), false).expect("a short key")
}

fn set(dict: &Dict, name: &str, value: &[u8], ttl: Ttl) {
    dict.set(key(name), Value::bytes(Kind::Bytes, value), ttl, Condition::Always).expect("there is room");
}

fn neighbours(dict: &Dict) {
    set(dict, "a neighbour", b"stays", Ttl::Never);
    set(dict, "a chained one", &[5; 2500], TTL);
    dict.push(key("a list"), End::Right, Value::number(1.0)).expect("there is room");
}

fn with_key(dict: &Dict) {
    neighbours(dict);
    set(dict, "k", b"the old value", TTL);
}

fn with_chain(dict: &Dict) {
    neighbours(dict);
    set(dict, "k", &[7; 5000], Ttl::Never);
}

fn with_number(dict: &Dict) {
    neighbours(dict);
    dict.set(key("k"), Value::number(1.0), Ttl::Never, Condition::Always).expect("there is room");
}

fn with_list(dict: &Dict) {
    neighbours(dict);
    for item in [&[1; 10][..], &[2; 90], &[3; 2000], &[4; 30]] {
        dict.push(key("k"), End::Right, Value::bytes(Kind::Bytes, item)).expect("there is room");
    }
}

/// As many as fit without an eviction.
fn filled(dict: &Dict) {
    set(dict, "k", b"the old value", Ttl::Never);
    let evictions = || dict.stats().expect("it is open").evictions;
    for number in 0.. {
        if evictions() > 0 {
            return;
        }
        set(dict, &format!("fill{number}"), &[1; 200], Ttl::Never);
    }
}

fn incr(dict: &Dict) {
    let by = Increment {
        delta: Number::Double(1.0),
        delta_is_default: true,
        init: Some(Number::Double(0.0)),
        ttl: Ttl::Keep,
        init_ttl: Ttl::Never,
    };
    dict.increment(key("k"), by).expect("it is a number");
}

fn pop(dict: &Dict, end: End) {
    dict.pop(key("k"), end, &mut Vec::new()).expect("it is a list");
}

/// A write that changes nothing.
pub fn touch(dict: &Dict) {
    dict.delete(key("nobody"), None).expect("the lock can be had");
}

/// Every kind of operation that writes.
pub const CASES: &[Case] = &[
    case("set a new key", PLAIN, neighbours, |dict| set(dict, "k", b"new", Ttl::Never)),
    case("set a new key in a fresh dictionary", PLAIN, |_| (), |dict| set(dict, "k", b"new", TTL)),
    case("replace, same class", PLAIN, with_key, |dict| set(dict, "k", b"the new value", TTL)),
    case("replace with checksums", CHECKED, with_key, |dict| set(dict, "k", b"the new value", TTL)),
    case("replace, other class", PLAIN, with_key, |dict| set(dict, "k", &[3; 300], Ttl::Never)),
    case("replace by a chain", PLAIN, with_key, |dict| set(dict, "k", &[3; 5000], Ttl::Never)),
    case("replace a chain", PLAIN, with_chain, |dict| set(dict, "k", b"short", Ttl::Never)),
    evicting("set that evicts", |dict| set(dict, "new", &[3; 200], Ttl::Never)),
    evicting("set a chain that evicts", |dict| set(dict, "new", &[3; 2500], Ttl::Never)),
    case("add", PLAIN, neighbours, |dict| {
        let value = Value::bytes(Kind::Bytes, b"added");
        dict.set(key("k"), value, TTL, Condition::Absent).expect("there is room");
    }),
    case("delete", PLAIN, with_key, |dict| {
        dict.delete(key("k"), None).expect("it is open");
    }),
    case("delete a chain", PLAIN, with_chain, |dict| {
        dict.delete(key("k"), None).expect("it is open");
    }),
    case("incr", PLAIN, with_number, incr),
    case("incr with checksums", CHECKED, with_number, incr),
    case("incr that creates", PLAIN, neighbours, incr),
    case("expire in place", PLAIN, with_key, |dict| {
        dict.expire(key("k"), Ttl::Never).expect("it is open");
    }),
    case("expire for the first time", PLAIN, with_number, |dict| {
        dict.expire(key("k"), TTL).expect("there is room");
    }),
    case("push", PLAIN, with_list, |dict| {
        dict.push(key("k"), End::Left, Value::number(5.0)).expect("there is room");
    }),
    case("push that creates", PLAIN, neighbours, |dict| {
        dict.push(key("k"), End::Left, Value::number(5.0)).expect("there is room");
    }),
    case("push a large item", PLAIN, with_list, |dict| {
        dict.push(key("k"), End::Right, Value::bytes(Kind::Bytes, &[9; 3000])).expect("there is room");
    }),
    case("pop left", PLAIN, with_list, |dict| pop(dict, End::Left)),
    case("pop right", PLAIN, with_list, |dict| pop(dict, End::Right)),
    case("clear", PLAIN, with_key, |dict| dict.clear().expect("it is open")),
];
