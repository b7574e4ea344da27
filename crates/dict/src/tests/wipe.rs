//! Dictionaries made with `wipe`: nothing of what an operation freed is left, wherever its writer died.

use super::crash::{Progress, Stage};
use super::fixture::*;
use super::scenario::Scenario;
use super::scenarios::SCENARIOS;
use super::share::Share;
use super::states::WIPING;
use crate::layout::page::PageWord;
use crate::ops::Dict;
use crate::shard::Shard;
use crate::value::{Condition, Key, ListEnd, Ttl, ValueKind};
use shmkit_object::crash::CrashPlan;

/// Returns the offset of a word in free memory that is not 0, if there is one.
fn unwiped(dict: &Dict) -> Option<u64> {
    let (segment, geometry) = (dict.segment(), &dict.segment().geometry);
    let load = |at| segment.region.load(at);
    (0..geometry.pages).find_map(|page| {
        let (word, start) = (PageWord(load(geometry.page_word(page))), geometry.page(page));
        let size = geometry.classes.size(word.class()).filter(|_| !word.is_free());
        let is_used = |at: u64| {
            size.is_some_and(|size| {
                let bit = (at - start) as u32 / size;
                load(geometry.bitmap(page, bit / 64)) & 1 << (bit % 64) != 0
            })
        };
        (start..start + geometry.page_bytes()).step_by(8).find(|&at| load(at) != 0 && !is_used(at))
    })
}

fn holds(machine: &Machine, text: &str) -> bool {
    machine.heap.image().windows(text.len()).any(|bytes| bytes == text.as_bytes())
}

/// Removes the entry of the secret key.
type Removal = fn(&Dict);

#[test]
fn what_is_freed_is_overwritten_at_once() {
    let removals: [(&str, Removal); 8] = [
        ("delete", |dict| assert!(dict.delete(key("secret key"), None).unwrap())),
        ("take", |dict| assert!(dict.take(key("secret key"), None, &mut Vec::new()).is_ok())),
        ("a shorter value", |dict| set(dict, "secret key", text("x"))),
        ("a longer value", |dict| set(dict, "secret key", text(&"x".repeat(3000)))),
        ("clear", |dict| dict.clear().unwrap()),
        ("an expiry that is past", |dict| {
            assert!(dict.set(key("secret key"), text("x"), Ttl::Past, Condition::Always).unwrap());
        }),
        ("a push over it", |dict| {
            dict.delete(key("secret key"), None).unwrap();
            dict.push(key("secret key"), ListEnd::Left, text("x")).unwrap();
        }),
        ("expiry and a write", |dict| {
            dict.set(key("secret key"), text("another secret"), Ttl::After(1_000_000), Condition::Always)
                .unwrap();
            set_clock(dict, 5000);
            for number in 0..300 {
                let _ = dict.set(
                    key(&format!("{number}")),
                    text(&"x".repeat(200)),
                    Ttl::Never,
                    Condition::Always,
                );
            }
        }),
    ];
    for (name, remove) in removals {
        for size in [1, 40, 5000] {
            let machine = Machine::new(WIPING);
            let dict = machine.process(1);
            let value = "secret".repeat(size);
            set(&dict, "secret key", text(&value));
            assert!(holds(&machine, "secretsecret") || size == 1);
            remove(&dict);
            assert!(!holds(&machine, "ecretsecre") && !holds(&machine, "another secret"), "{name}, {size}");
            assert_eq!(unwiped(&dict), None, "{name}, {size}");
            assert_sound(&dict);
        }
    }
}

#[test]
fn popped_items_are_overwritten_at_once() {
    for end in [ListEnd::Left, ListEnd::Right] {
        let machine = Machine::new(WIPING);
        let dict = machine.process(1);
        let item =
            |number: usize| format!("item {number} ").repeat(if number.is_multiple_of(3) { 200 } else { 2 });
        for number in 10..40 {
            dict.push(key("list"), ListEnd::Right, text(&item(number))).unwrap();
        }
        let mut numbers: Vec<usize> = (10..40).collect();
        while !numbers.is_empty() {
            let at = if end == ListEnd::Left { 0 } else { numbers.len() - 1 };
            let number = numbers.remove(at);
            let popped = dict.pop(key("list"), end, &mut Vec::new()).unwrap().map(|item| item.kind);
            assert_eq!(popped, Some(ValueKind::Latin1));
            assert!(!holds(&machine, &format!("item {number} ")), "{number} from the {end:?}");
            assert!(numbers.iter().all(|number| holds(&machine, &format!("item {number} "))));
        }
        assert_eq!(unwiped(&dict), None);
    }
}

#[test]
fn a_death_at_any_store_leaves_nothing_in_free_memory_once_the_lock_was_taken_over() {
    let (mut deaths, share) = (0, Share::chosen());
    for (number, scenario) in SCENARIOS.iter().enumerate() {
        let scenario = Scenario { options: Options { wipe: true, ..scenario.options }, ..*scenario };
        let stage = Stage::set(&scenario);
        for at in (0..stage.stores).filter(|at| share.has(at + 1000 * number as u64)) {
            let progress: Progress = stage.run(&scenario, CrashPlan { die_at: Some(at), skip: None });
            let found = stage.inherit(&stage.successor);
            stage.check(&scenario, progress, &found, &format!("death at store {at}"));
            assert_eq!(unwiped(&stage.successor), None, "{}: death at store {at}", scenario.name);
            deaths += 1;
        }
    }
    println!("{deaths} deaths, nothing left");
}

#[test]
fn a_rebuild_overwrites_what_it_frees() {
    let machine = Machine::new(WIPING);
    let dict = machine.process(1);
    set(&dict, "lost key", text("lost value"));
    let shard = Shard::new(dict.segment(), 0);
    let position = (0..dict.segment().shape(0).places())
        .find(|position| position % 8 < 7 && !shard.index_word(*position).is_empty())
        .unwrap();
    shard.set_index_word(position, crate::layout::word::IndexWord::EMPTY);
    shard.store32(crate::layout::shard::STATE, crate::layout::shard::STATE_REBUILD);
    assert!(dict.delete(Key::new(b"any", false).unwrap(), None).is_ok());
    assert!(!holds(&machine, "lost value"));
}
