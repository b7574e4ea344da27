//! A mirror that is built from events equals the dictionary, with writers in several threads, and one that dies now and then.

use super::super::hostile::random::Random;
use super::super::states::put;
use super::*;
use crate::ops::Cursor;
use crate::value::{Condition, ListEnd, Ttl};
use shmkit_object::crash::{CrashPlan, arm};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

const WRITERS: u32 = 3;
const ROUNDS: u32 = 1500;

fn operate(dict: &Dict, random: &mut Random) {
    let name = format!("k{}", random.below(20));
    match random.below(40) {
        0 => dict.clear().unwrap(),
        1..10 => drop(dict.delete(key(&name), None).unwrap()),
        10..14 => drop(dict.expire(key(&name), Ttl::After(1 << 50)).unwrap()),
        14..18 => drop(dict.push(key(&format!("l{name}")), ListEnd::Left, text(&"i".repeat(90)))),
        18..22 => drop(dict.pop(key(&format!("l{name}")), ListEnd::Right, &mut Vec::new())),
        22..30 => drop(dict.set(key(&name), text("old"), Ttl::Never, Condition::Present).unwrap()),
        _ => put(dict, &name, bytes(&vec![1; random.below(2000) as usize]), Ttl::Never),
    }
}

/// Writes until the rounds are over. Dies at a random store now and then; a process in another slot goes on.
fn write(machine: &Machine, number: u32) {
    let mut random = Random(u64::from(number));
    let mut dict = machine.process(10 + number);
    for round in 0..ROUNDS {
        let dies = round % 50 == 49;
        let die_at = if dies { Some(random.below(30)) } else { None };
        arm(CrashPlan { die_at, skip: None });
        let lived = catch_unwind(AssertUnwindSafe(|| operate(&dict, &mut random))).is_ok();
        arm(CrashPlan::default());
        if !lived {
            // The next generation of the slot: what has the last one is dead.
            dict = machine.process(10 + number);
        }
    }
}

#[test]
fn a_mirror_built_from_events_equals_the_dictionary_also_after_deaths() {
    let machine = Machine::new(Options { size: 2 << 20, feed: 512 << 10, ..Options::default() });
    let reader = machine.process(2);
    let mut watcher = reader.watch().unwrap();
    let is_over = AtomicBool::new(false);
    let mirror = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                scope.spawn({
                    let machine = &machine;
                    move || write(machine, number)
                })
            })
            .collect();
        let follower = scope.spawn(|| {
            let (mut mirror, mut events) = (BTreeMap::new(), 0_u64);
            loop {
                let is_last = is_over.load(Ordering::Acquire);
                for (heard, version) in hear_versions(&mut watcher) {
                    events += 1;
                    match heard {
                        Heard::Changed(Change::Set, key) => {
                            let before = mirror.insert(key, version);
                            assert!(
                                before.is_none_or(|before| before >> 2 < version >> 2),
                                "out of order, or twice"
                            );
                        }
                        Heard::Changed(_, key) => {
                            assert!(mirror.remove(&key).is_some(), "{key} was not there")
                        }
                        Heard::Cleared => mirror.clear(),
                        Heard::Missed(missed) => panic!("missed {missed:?}"),
                    }
                }
                if is_last {
                    return (mirror, events);
                }
            }
        });
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        assert_sound(&reader);
        is_over.store(true, Ordering::Release);
        follower.join().unwrap()
    });
    let (mirror, events) = mirror;
    let mut found = Vec::new();
    reader
        .scan(&mut Cursor::default(), usize::MAX, false, &mut |key, _| {
            found.push(String::from_utf8_lossy(key.bytes()).into_owned());
        })
        .unwrap();
    found.sort_unstable();
    assert_eq!(mirror.into_keys().collect::<Vec<_>>(), found);
    println!("{events} events, 0 differences");
}
