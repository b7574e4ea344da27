//! Dictionaries that grow: an index that is doubled, and pages that get memory.

use crate::dictionary::{Options, PLAIN, Process, TTL, incr, key, set, with_key};
use crate::subject::{Case, case};
use shmkit_dict::value::{ListEnd, Ttl, Value};

const GROWING: Options = Options { grows: true, ..PLAIN };
const WATCHED: Options = Options { watched: true, ..GROWING };

/// Adds entries until one more doubles the index from this level.
fn until_level_is_full(dict: &Process, level: u32) {
    const SLOTS: u64 = 7;
    let buckets = u64::from(dict.segment().geometry.base_buckets) << level;
    for number in 1..(buckets * SLOTS * 55).div_ceil(100) {
        set(dict, &format!("fill{number}"), &number.to_le_bytes(), Ttl::Never);
    }
}

/// Takes most of the memory that there is.
fn until_it_is_short(dict: &Process) {
    with_key(dict);
    let free = || dict.stats().expect("it is open").free;
    for number in (0..).take_while(|_: &u32| free() > 10_000) {
        set(dict, &format!("fill{number}"), &[1; 900], Ttl::Never);
    }
}

fn push_k(dict: &Process) {
    dict.push(key("k"), ListEnd::Left, Value::number(5.0)).expect("there is space");
}

fn set_k(dict: &Process) {
    set(dict, "k", b"new", TTL);
}

/// Operations that make a dictionary grow.
pub const CASES: &[Case<Process>] = &[
    case("set that doubles the index", GROWING, |dict| until_level_is_full(dict, 0), set_k),
    case("set that doubles the index again", GROWING, |dict| until_level_is_full(dict, 1), set_k),
    case("incr that doubles the index", GROWING, |dict| until_level_is_full(dict, 2), incr),
    case("push that doubles the index", GROWING, |dict| until_level_is_full(dict, 0), push_k),
    case("set that doubles the index, watched", WATCHED, |dict| until_level_is_full(dict, 0), set_k),
    case("set that takes memory", GROWING, until_it_is_short, |dict| {
        set(dict, "new", &[3; 11_000], Ttl::Never);
    }),
    case("replace that takes memory", GROWING, until_it_is_short, |dict| {
        set(dict, "k", &[3; 11_000], Ttl::Never);
    }),
];
