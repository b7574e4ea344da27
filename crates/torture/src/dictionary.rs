//! Dictionaries: every kind of operation that writes, checked by what users can see.

#![expect(clippy::disallowed_types, reason = "a clock that stands still")]

use crate::machine::{Machine, VICTIM};
use crate::observation::{Entries, ToldChange, observe, told};
use crate::subject::{Case, Inspection, Subject, case};
use shmkit_dict::kind::{OnFull, SegmentOptions};
use shmkit_dict::segment::{Clock, FORMAT, Segment};
use shmkit_dict::value::{Condition, Increment, Key, ListEnd, Number, RateLimit, Ttl, Value, ValueKind};
use shmkit_dict::{Dict, Watcher};
use shmkit_object::lifecycle::Kind;
use shmkit_object::sync::AtomicU32;
use shmkit_testkit::register;
use std::io;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
/// Milliseconds that all clocks show: deadlines must not depend on the time that single steps take.
const NOW: u32 = 1000;

/// Options of the dictionary of a case.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    pub evict: bool,
    pub checksums: bool,
    pub wipe: bool,
    pub watched: bool,
    pub grows: bool,
}

/// A process's handle, and what it has watched since the dictionary was made.
pub struct Process {
    dict: Dict,
    watcher: Option<Watcher>,
}

impl Deref for Process {
    type Target = Dict;

    fn deref(&self) -> &Dict {
        &self.dict
    }
}

/// The entries, and what a watcher was told.
type State = (Entries, Vec<ToldChange>);

impl Subject for Process {
    type Options = Options;
    type State = State;

    /// Creates an empty dictionary of 64 KiB; one that grows may take 192 KiB.
    fn machine(options: Options) -> io::Result<Machine> {
        let options = SegmentOptions {
            size: Some(64 << 10),
            max_size: options.grows.then_some(192 << 10),
            max_entries: (!options.grows).then_some(300),
            on_full: options.evict.then_some(OnFull::Evict),
            checksums: Some(options.checksums),
            wipe: Some(options.wipe),
            feed: Some(u64::from(options.watched)),
            ..SegmentOptions::default()
        };
        Machine::new(&Segment::create_params(&options).map_err(io::Error::other)?, &FORMAT)
    }

    fn attach(machine: &Machine, slot: u32) -> Process {
        let clock = Clock::Fixed(Arc::new(AtomicU32::new(NOW)));
        let mut segment = Segment::attach(machine.region(), machine.liveness(slot), clock)
            .expect("the superblock is never changed");
        register(&mut segment, slot);
        let dict = Dict::new(Arc::new(segment), LOCK_TIMEOUT);
        let watches = slot != VICTIM && dict.segment().geometry.feed != 0;
        let watcher = watches.then(|| dict.watch().expect("there is a feed"));
        Process { dict, watcher }
    }

    fn for_child(&self) -> Process {
        Process { dict: Dict::new(self.segment().clone(), LOCK_TIMEOUT), watcher: None }
    }

    fn forget(&self) {
        self.segment().learn_anew();
    }

    /// Makes a write that changes nothing. There is one shard, which the next owner of its lock recovers.
    fn recover(&self) {
        self.delete(key("absent"), None).expect("the lock can be acquired");
    }

    fn inspect(&self) -> Result<Inspection<State>, String> {
        let recoveries = || self.stats().map_or(0, |stats| stats.recoveries);
        let recoveries_before = recoveries();
        let problems = self.verify().map_err(|error| error.to_string())?;
        if !problems.is_empty() {
            return Err(problems.join("; "));
        }
        let entries = observe(self)?;
        let told = self.watcher.as_ref().map_or(Ok(Vec::new()), |watcher| told(self, watcher, &entries))?;
        Ok(Inspection { recoveries: recoveries() - recoveries_before, state: (entries, told) })
    }

    /// With evictions other entries may be missing; those present must be as before or as after.
    fn is_acceptable(options: Options, before: &State, after: &State, found: &State) -> bool {
        let known = |key, value| before.0.get(key) == Some(value) || after.0.get(key) == Some(value);
        options.evict && found.0.iter().all(|(key, value)| known(key, value))
    }
}

pub const PLAIN: Options =
    Options { evict: false, checksums: false, wipe: false, watched: false, grows: false };
const CHECKED: Options = Options { checksums: true, ..PLAIN };
const EVICTING: Options = Options { evict: true, ..PLAIN };
pub const WATCHED: Options = Options { watched: true, ..PLAIN };
pub const TTL: Ttl = Ttl::After(1_000_000_000);

const fn evicting(name: &'static str, operate: fn(&Process)) -> Case<Process> {
    Case { name, options: EVICTING, prepare: until_full, operate, long: true }
}

const fn full(name: &'static str, operate: fn(&Process)) -> Case<Process> {
    Case { name, options: PLAIN, prepare: until_refused, operate, long: true }
}

pub fn key(name: &str) -> Key<'_> {
    Key::new(name.as_bytes(), false).expect("a short key")
}

pub fn set(dict: &Process, name: &str, value: &[u8], ttl: Ttl) {
    dict.set(key(name), Value::bytes(ValueKind::Bytes, value), ttl, Condition::Always)
        .expect("there is space");
}

fn with_neighbours(dict: &Process) {
    set(dict, "a neighbour", b"stays", Ttl::Never);
    set(dict, "a chained one", &[5; 2500], TTL);
    dict.push(key("a list"), ListEnd::Right, Value::number(1.0)).expect("there is space");
}

pub fn with_key(dict: &Process) {
    with_neighbours(dict);
    set(dict, "k", b"the old value", TTL);
}

fn with_chain(dict: &Process) {
    with_neighbours(dict);
    set(dict, "k", &[7; 5000], Ttl::Never);
}

fn with_number(dict: &Process) {
    with_neighbours(dict);
    dict.set(key("k"), Value::number(1.0), Ttl::Never, Condition::Always).expect("there is space");
}

fn with_list(dict: &Process) {
    with_neighbours(dict);
    for item in [&[1; 10][..], &[2; 90], &[3; 2000], &[4; 30]] {
        dict.push(key("k"), ListEnd::Right, Value::bytes(ValueKind::Bytes, item)).expect("there is space");
    }
}

/// Adds as many entries as fit, until the first eviction.
fn until_full(dict: &Process) {
    set(dict, "k", b"the old value", Ttl::Never);
    let evictions = || dict.stats().expect("it is open").evictions;
    for number in 0.. {
        if evictions() > 0 {
            return;
        }
        set(dict, &format!("fill{number}"), &[1; 200], Ttl::Never);
    }
}

/// Adds as many entries as fit.
fn until_refused(dict: &Process) {
    let value = Value::bytes(ValueKind::Bytes, &[1; 200]);
    let fits = |number| dict.set(key(&format!("fill{number}")), value, Ttl::Never, Condition::Always).is_ok();
    let _ = (0..).take_while(|&number: &u32| fits(number)).count();
}

pub fn incr(dict: &Process) {
    let by = Increment {
        delta: Number::Double(1.0),
        delta_is_default: true,
        init: Some(Number::Double(0.0)),
        ttl: Ttl::Keep,
        init_ttl: Ttl::Never,
    };
    dict.increment(key("k"), by).expect("it is a number");
}

fn pop(dict: &Process, end: ListEnd) {
    dict.pop(key("k"), end, &mut Vec::new()).expect("it is a list");
}

fn with_limiter(dict: &Process) {
    with_neighbours(dict);
    throttle(dict);
}

fn throttle(dict: &Process) {
    const LIMIT: RateLimit = RateLimit { limit: 10, window: 3_600_000_000_000, burst: 10, cost: 1 };
    dict.throttle(key("k"), &LIMIT).expect("it is a limiter");
}

/// Every kind of operation that writes.
pub const CASES: &[Case<Process>] = &[
    case("set a new key", PLAIN, with_neighbours, |dict| set(dict, "k", b"new", Ttl::Never)),
    case("set a new key in a fresh dictionary", PLAIN, |_| (), |dict| set(dict, "k", b"new", TTL)),
    case("replace, same class", PLAIN, with_key, |dict| set(dict, "k", b"the new value", TTL)),
    case("replace with checksums", CHECKED, with_key, |dict| set(dict, "k", b"the new value", TTL)),
    case("replace, other class", PLAIN, with_key, |dict| set(dict, "k", &[3; 300], Ttl::Never)),
    case("replace by a chain", PLAIN, with_key, |dict| set(dict, "k", &[3; 5000], Ttl::Never)),
    case("replace a chain", PLAIN, with_chain, |dict| set(dict, "k", b"short", Ttl::Never)),
    evicting("set that evicts", |dict| set(dict, "new", &[3; 200], Ttl::Never)),
    evicting("set a chain that evicts", |dict| set(dict, "new", &[3; 2500], Ttl::Never)),
    full("overwrite when full", |dict| set(dict, "fill3", &[3; 200], Ttl::Never)),
    full("overwrite by a number when full", |dict| {
        dict.set(key("fill3"), Value::number(3.0), Ttl::Never, Condition::Always).expect("it replaces more");
    }),
    case("add", PLAIN, with_neighbours, |dict| {
        let value = Value::bytes(ValueKind::Bytes, b"added");
        dict.set(key("k"), value, TTL, Condition::Absent).expect("there is space");
    }),
    case("delete", PLAIN, with_key, |dict| {
        dict.delete(key("k"), None).expect("it is open");
    }),
    case("delete a chain", PLAIN, with_chain, |dict| {
        dict.delete(key("k"), None).expect("it is open");
    }),
    case("incr", PLAIN, with_number, incr),
    case("incr with checksums", CHECKED, with_number, incr),
    case("incr that creates", PLAIN, with_neighbours, incr),
    case("throttle", PLAIN, with_limiter, throttle),
    case("throttle that creates", PLAIN, with_neighbours, throttle),
    case("expire in place", PLAIN, with_key, |dict| {
        dict.expire(key("k"), Ttl::Never).expect("it is open");
    }),
    case("expire for the first time", PLAIN, with_number, |dict| {
        dict.expire(key("k"), TTL).expect("there is space");
    }),
    case("push", PLAIN, with_list, |dict| {
        dict.push(key("k"), ListEnd::Left, Value::number(5.0)).expect("there is space");
    }),
    case("push that creates", PLAIN, with_neighbours, |dict| {
        dict.push(key("k"), ListEnd::Left, Value::number(5.0)).expect("there is space");
    }),
    case("push a large item", PLAIN, with_list, |dict| {
        dict.push(key("k"), ListEnd::Right, Value::bytes(ValueKind::Bytes, &[9; 3000]))
            .expect("there is space");
    }),
    case("pop left", PLAIN, with_list, |dict| pop(dict, ListEnd::Left)),
    case("pop right", PLAIN, with_list, |dict| pop(dict, ListEnd::Right)),
    case("clear", PLAIN, with_key, |dict| dict.clear().expect("it is open")),
    case("set, watched", WATCHED, with_neighbours, |dict| set(dict, "k", b"new", Ttl::Never)),
    case("replace, watched", WATCHED, with_key, |dict| set(dict, "k", b"the new value", TTL)),
    case("replace a chain, watched", WATCHED, with_chain, |dict| set(dict, "k", b"short", Ttl::Never)),
    case("delete, watched", WATCHED, with_chain, |dict| {
        dict.delete(key("k"), None).expect("it is open");
    }),
    case("incr, watched", WATCHED, with_number, incr),
    case("throttle that creates, watched", WATCHED, with_neighbours, throttle),
    case("expire, watched", WATCHED, with_key, |dict| {
        dict.expire(key("k"), Ttl::Past).expect("it is open");
    }),
    case("push, watched", WATCHED, with_list, |dict| {
        dict.push(key("k"), ListEnd::Left, Value::number(5.0)).expect("there is space");
    }),
    case("pop, watched", WATCHED, with_list, |dict| pop(dict, ListEnd::Right)),
    case("clear, watched", WATCHED, with_key, |dict| dict.clear().expect("it is open")),
];
