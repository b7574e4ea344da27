//! Random scans and removals while an index is doubled again and again, and while participants that double it die: every
//! key that stays is visited exactly once, by scans of all keys and of a prefix, and only keys of the prefix are removed.
//!
//! The seed is printed; `SHMKIT_TEST_SEED` repeats a run.

use super::fixture::*;
use super::hostile::random::Random;
use super::states::{GROWING, SMALL, put};
use crate::ops::{Cursor, Dict, KeyPrefix, ScanStep};
use crate::value::{Entry, Key, Ttl, Value};
use shmkit_object::crash::{CrashPlan, Died, arm, rebuilds, stores};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// One shard, whose index begins with a few slots and is doubled up to eight times.
const ONE_SHARD: Options = Options { size: 64 << 10, max_size: 900 << 10, ..GROWING };
/// Several shards.
const SHARDS: Options = Options { size: 256 << 10, max_size: 64 << 20, ..SMALL };
/// Keys that a history adds at most: as many as fit.
const MOST_ADDED: u32 = 6000;

fn seed() -> u64 {
    let given = std::env::var("SHMKIT_TEST_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(|| UNIX_EPOCH.elapsed().map_or(1, |since| since.as_nanos() as u64));
    println!("SHMKIT_TEST_SEED={seed} at {:?}", SystemTime::now());
    seed
}

fn prefix(text: &str) -> KeyPrefix {
    KeyPrefix::new(&text.encode_utf16().collect::<Vec<_>>())
}

fn doublings(dict: &Dict) -> u32 {
    (0..dict.segment().geometry.shards).map(|shard| dict.segment().shape(shard).level()).sum()
}

/// A machine whose writers die now and then, each followed by another one.
struct History {
    machine: Machine,
    random: Random,
    writer: Dict,
    slot: u32,
    added: u32,
    deaths: u32,
}

impl History {
    fn new(options: Options, seed: u64) -> History {
        let machine = Machine::new(options);
        let writer = machine.process(2);
        History { machine, random: Random(seed), writer, slot: 2, added: 0, deaths: 0 }
    }

    /// Performs a write, in which the writer may die; then another writer takes its place.
    fn write(&mut self, change: impl Fn(&Dict)) {
        arm(CrashPlan::default());
        if self.random.below(8) > 0 || self.slot > 60 {
            return change(&self.writer);
        }
        let die_at = Some(self.random.below(60));
        arm(CrashPlan { die_at, skip: None });
        let died = catch_unwind(AssertUnwindSafe(|| change(&self.writer)));
        arm(CrashPlan::default());
        let Err(payload) = died else { return };
        assert!(payload.is::<Died>(), "a write fails");
        self.deaths += 1;
        self.machine.dead.add(self.slot);
        self.slot += 1;
        self.writer = self.machine.process(self.slot);
    }

    /// Adds some keys, and deletes some of those that were added.
    fn change(&mut self) {
        for _ in 0..self.random.below(60) {
            let number = self.added;
            if number == MOST_ADDED {
                return;
            }
            self.added += 1;
            let name = format!("{} {number}", ["more", "other"][number as usize % 2]);
            self.write(|dict| put(dict, &name, Value::number(1.0), Ttl::Never));
            if self.random.below(10) == 0 {
                let gone = format!("gone {number}");
                self.write(|dict| put(dict, &gone, Value::number(1.0), Ttl::Never));
                self.write(|dict| _ = dict.delete(key(&gone), None).unwrap());
            }
        }
    }

    /// Scans with steps of random lengths while keys are added; returns how often each key was visited.
    fn scan(&mut self, start: Option<&KeyPrefix>) -> BTreeMap<Vec<u8>, u32> {
        let reader = self.machine.reader();
        let (mut cursor, mut visits) = (Cursor::default(), BTreeMap::new());
        loop {
            let step = ScanStep {
                prefix: start,
                values: self.random.below(2) == 0,
                entries: 1 + self.random.below(40) as usize,
                bytes: usize::MAX,
                buckets: 1 + self.random.below(30) as u32,
            };
            let mut visit =
                |key: Key<'_>, _: Entry<'_>| *visits.entry(key.bytes().to_vec()).or_insert(0) += 1;
            if !reader.scan_step(&mut cursor, &step, &mut visit).unwrap() {
                return visits;
            }
            self.change();
        }
    }
}

fn check_scans(options: Options, seed: u64) -> (u32, u32) {
    let mut history = History::new(options, seed);
    let stable = history.random.below(400) as u32;
    for number in 0..stable {
        put(&history.writer, &format!("stays {number}"), Value::number(2.0), Ttl::Never);
    }
    let mut met = 0;
    while history.added < MOST_ADDED {
        let before = doublings(&history.machine.reader());
        let only = history.random.below(2) == 0;
        let visits = history.scan(only.then(|| prefix("stays")).as_ref());
        met += doublings(&history.machine.reader()) - before;
        for number in 0..stable {
            let name = format!("stays {number}");
            assert_eq!(visits.get(name.as_bytes()), Some(&1), "seed {seed}: {name}");
        }
        // A key of those that go may be added where a scan has not been yet; all others are there once.
        let twice = visits.iter().find(|(_, count)| **count != 1);
        assert_eq!(twice, None, "seed {seed}");
        history.change();
    }
    assert_eq!(rebuilds(), 0, "seed {seed}");
    assert_sound(&history.machine.reader());
    (met, history.deaths)
}

#[test]
fn scans_visit_each_key_that_stays_once_across_doublings_and_deaths() {
    let seed = seed();
    let (mut met, mut deaths) = (0, 0);
    for round in 0..20 {
        let options = if round % 4 == 3 { SHARDS } else { ONE_SHARD };
        let (more, dead) = check_scans(options, seed.wrapping_add(round));
        met += more;
        deaths += dead;
    }
    println!("scans met {met} doublings and {deaths} deaths");
    assert!(met > 20 && deaths > 100, "{met} doublings, {deaths} deaths");
}

#[test]
fn removals_by_prefix_miss_no_key_while_another_process_doubles_the_index() {
    let seed = seed();
    let mut met = 0;
    for round in 0..20 {
        let mut random = Random(seed.wrapping_add(round));
        let machine = Machine::new(if round % 2 == 0 { ONE_SHARD } else { SHARDS });
        let (dict, other) = (machine.process(1), machine.process(2));
        let gone = 200 + random.below(1500) as u32;
        for number in 0..gone {
            put(&dict, &format!("gone {number}"), Value::number(1.0), Ttl::Never);
        }
        let before = doublings(&dict);
        let is_done = AtomicBool::new(false);
        let (mut removed, limit) = (0, 1 + random.below(400));
        let added = std::thread::scope(|scope| {
            let filling = scope.spawn(|| {
                let mut added = 0;
                while !is_done.load(Ordering::Relaxed) && added < 5000 {
                    put(&other, &format!("more {added}"), Value::number(1.0), Ttl::Never);
                    added += 1;
                }
                added
            });
            while removed < u64::from(gone) {
                let found = dict.delete_prefix(&prefix("gone"), limit).unwrap();
                assert!(found > 0, "seed {seed}: {removed} of {gone} were removed, and no other is found");
                removed += found;
            }
            is_done.store(true, Ordering::Relaxed);
            filling.join().unwrap()
        });
        met += doublings(&dict) - before;
        assert_eq!(removed, u64::from(gone), "seed {seed}");
        let mut left = BTreeSet::new();
        let mut visit = |key: Key<'_>, _: Entry<'_>| assert!(left.insert(key.bytes().to_vec()));
        dict.scan(&mut Cursor::default(), usize::MAX, false, &mut visit).unwrap();
        let expected = (0..added).map(|number| format!("more {number}").into_bytes()).collect();
        assert_eq!(left, expected, "seed {seed}");
        assert_sound(&dict);
    }
    println!("removals met {met} doublings");
}

#[test]
fn a_participant_may_die_at_any_store_of_each_of_many_doublings_while_a_scan_is_on_its_way() {
    let seed = seed();
    let mut deaths = 0;
    for round in 0..60 {
        let mut random = Random(seed.wrapping_add(round));
        let machine = Machine::new(ONE_SHARD);
        let (writer, scanner) = (machine.process(1), machine.process(2));
        let mut number = 0;
        let level = random.below(5) as u32;
        while doublings(&writer) < level {
            put(&writer, &format!("key {number}"), Value::number(1.0), Ttl::Never);
            number += 1;
        }
        let (stable, mut cursor, mut visits) = (number, Cursor::default(), BTreeMap::new());
        let mut visit = |key: Key<'_>, _: Entry<'_>| *visits.entry(key.bytes().to_vec()).or_insert(0) += 1;
        let half = (stable as usize / 2).max(1);
        let has_more = scanner.scan(&mut cursor, half, false, &mut visit).unwrap();
        // Up to the write that doubles, and in it, a death before any store.
        loop {
            arm(CrashPlan::default());
            let image = machine.heap.image();
            put(&writer, &format!("key {number}"), Value::number(1.0), Ttl::Never);
            if doublings(&writer) > level {
                let die_at = Some(random.below(stores()));
                machine.heap.restore(&image);
                writer.segment().learn_anew();
                arm(CrashPlan { die_at, skip: None });
                let lives = catch_unwind(AssertUnwindSafe(|| {
                    put(&writer, &format!("key {number}"), Value::number(1.0), Ttl::Never);
                }));
                arm(CrashPlan::default());
                deaths += u32::from(lives.is_err());
                machine.dead.add(1);
                break;
            }
            number += 1;
        }
        if has_more {
            while scanner.scan(&mut cursor, 7, false, &mut visit).unwrap() {}
        }
        for number in 0..stable {
            let name = format!("key {number}");
            assert_eq!(visits.get(name.as_bytes()), Some(&1), "seed {seed}, round {round}: {name}");
        }
        assert!(visits.values().all(|&count| count == 1), "seed {seed}, round {round}");
        assert_sound(&machine.process(3));
    }
    assert!(deaths > 40, "{deaths} deaths");
}
