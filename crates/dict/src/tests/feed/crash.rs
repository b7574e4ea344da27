//! Death at every store of every operation, with a watcher: what it hears is what the survivors find.

use super::super::crash::{Stage, State, observe};
use super::super::scenario::Scenario;
use super::super::scenarios::SCENARIOS;
use super::super::share::Share;
use super::*;
use crate::feed::Change;
use crate::ops::Cursor;
use shmkit_object::crash::{CrashPlan, arm};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What was last told of each key, and whether all keys were cleared first.
fn last_told(heard: &[Heard]) -> (BTreeMap<Vec<u8>, Change>, bool) {
    let (mut told, mut is_cleared) = (BTreeMap::new(), false);
    for heard in heard {
        match heard {
            Heard::Changed(change, key) => drop(told.insert(key.clone().into_bytes(), *change)),
            Heard::Cleared => {
                told.clear();
                is_cleared = true;
            }
            Heard::Missed(_) => {}
        }
    }
    (told, is_cleared)
}

/// What users see, and the versions of the entries.
struct Sight {
    state: State,
    versions: BTreeMap<Vec<u8>, u64>,
}

impl Sight {
    fn of(dict: &Dict) -> Sight {
        let mut versions = BTreeMap::new();
        dict.scan(&mut Cursor::default(), usize::MAX, false, &mut |key, entry| {
            versions.insert(key.bytes().to_vec(), entry.version);
        })
        .unwrap();
        Sight { state: observe(dict), versions }
    }
}

/// Checks that events tell the difference between two sights, unless some were missed.
fn check(before: &Sight, after: &Sight, heard: &[Heard], moment: &str) {
    if heard.iter().any(|heard| matches!(heard, Heard::Missed(_))) {
        return;
    }
    let (told, is_cleared) = last_told(heard);
    let keys = before.state.keys().chain(after.state.keys()).chain(told.keys());
    for key in keys {
        let known = if is_cleared { None } else { before.state.get(key) };
        let is_other = is_cleared || before.versions.get(key) != after.versions.get(key);
        let name = String::from_utf8_lossy(key);
        match (told.get(key), after.state.get(key)) {
            (Some(Change::Set), after) => {
                // Expired entries are not seen, but were set.
                assert!(after.is_none() || is_other, "{moment}: {name} was told, but not set: {heard:?}");
            }
            (Some(_), after) => {
                assert!(after.is_none(), "{moment}: {name} was told removed, but is there: {heard:?}")
            }
            (None, after) => assert_eq!(after, known, "{moment}: {name} has changed untold: {heard:?}"),
        }
    }
}

fn die_everywhere(number: usize, scenario: &Scenario) -> u64 {
    let scenario = &Scenario { options: Options { feed: 1, ..scenario.options }, ..*scenario };
    let (mut deaths, share) = (0, Share::chosen());
    let stage = Stage::set(scenario);
    stage.rewind();
    let before = Sight::of(&stage.successor);
    let watcher = stage.machine.process(3).watch().unwrap();
    let start = stage.machine.heap.image();
    for at in (0..).filter(|at| share.has(at + 1000 * number as u64)) {
        stage.machine.dead.clear();
        stage.restore(&start);
        let lived = stage.run_here(scenario, CrashPlan { die_at: Some(at), skip: None });
        let wreck = stage.machine.heap.image();
        for again in 0.. {
            stage.restore(&wreck);
            arm(CrashPlan { die_at: Some(again), skip: None });
            let recovered = catch_unwind(AssertUnwindSafe(|| stage.successor.verify()));
            arm(CrashPlan::default());
            let third = stage.machine.process(2);
            assert_sound(&third);
            let heard = hear(&mut watcher.clone());
            let moment = format!("{}: death at {at}, then at {again}", scenario.name);
            check(&before, &Sight::of(&third), &heard, &moment);
            // Deaths of recovering processes are tried after a part of the deaths of writers.
            if recovered.is_ok() || at % 8 != number as u64 % 8 {
                break;
            }
        }
        deaths += 1;
        if lived {
            break;
        }
    }
    deaths
}

#[test]
fn a_death_at_any_store_leaves_a_feed_that_tells_what_was_committed() {
    let mut deaths = 0;
    for (number, scenario) in SCENARIOS.iter().enumerate() {
        deaths += die_everywhere(number, scenario);
    }
    println!("{deaths} deaths of writers, 0 violations");
}
