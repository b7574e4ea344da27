//! Death at every store of a rebuild, and of the rebuild after it. A death alone never leads to a rebuild: memory was
//! damaged before. The next process rebuilds again, and the result is that of a rebuild without deaths.

use super::crash::{State, observe};
use super::fixture::*;
use super::states::{CROWD, CROWDED, crowded};
use crate::index::OVERFLOW;
use crate::layout::shard::{INTENT, LIVE, STATE, STATE_REBUILD};
use crate::layout::word::IndexWord;
use crate::ops::Dict;
use crate::shard::Shard;
use shmkit_object::crash::{CrashPlan, arm, rebuilds, stores};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Damages the only shard of a crowded dictionary.
type Damage = fn(&Shard<'_>);

const DAMAGES: &[(&str, Damage)] = &[
    ("no damage but the state", |_| ()),
    ("an intent that no writer wrote", |shard| {
        shard.store(INTENT, u64::MAX);
        shard.store(INTENT + 8, 12_345);
    }),
    ("empty bitmaps", |shard| {
        let geometry = &shard.segment.geometry;
        for page in (0..shard.segment.pages()).filter(|&page| shard.page(page).belongs_to(shard.id)) {
            (0..geometry.bitmap_words())
                .for_each(|index| shard.segment.region.store(geometry.bitmap(page, index), 0));
        }
    }),
    ("an index word that points into the middle of a block", |shard| {
        let taken = (0..).find(|&position| !shard.index_word(position).is_empty()).expect("it is crowded");
        shard.set_index_word(taken, IndexWord(shard.index_word(taken).0 + 1));
    }),
    ("overflow and live counts that are too high", |shard| {
        shard.segment.region.store32(shard.segment.geometry.bucket(shard.id, 0) + OVERFLOW, 1000);
        shard.store(LIVE, shard.load(LIVE) + 7);
    }),
];

struct Stage {
    machine: Machine,
    image: Vec<u8>,
}

impl Stage {
    fn set(damage: Damage) -> Stage {
        let machine = Machine::new(CROWDED);
        let dict = machine.process(1);
        crowded(&dict);
        assert_eq!(dict.segment().geometry.shards, 1);
        let shard = Shard::new(dict.segment(), 0);
        damage(&shard);
        shard.store32(STATE, STATE_REBUILD);
        let image = machine.heap.image();
        Stage { machine, image }
    }

    /// Lets the process in `slot` rebuild under a plan. Returns whether it lived, and its number of stores.
    fn rebuild_as(&self, slot: u32, plan: CrashPlan) -> (bool, u64) {
        let dict = self.machine.process(slot);
        arm(plan);
        let lived = catch_unwind(AssertUnwindSafe(|| lock_once(&dict))).is_ok();
        assert!(rebuilds() <= 1, "rebuilt {} times", rebuilds());
        let made = stores();
        arm(CrashPlan::default());
        self.machine.dead.add(slot);
        (lived, made)
    }

    /// Returns what the last process finds; no other process may be running.
    fn inherit(&self) -> State {
        let dict = self.machine.process(4);
        lock_once(&dict);
        assert_sound(&dict);
        observe(&dict)
    }

    fn rewind(&self, image: &[u8]) {
        self.machine.dead.clear();
        self.machine.heap.restore(image);
    }
}

/// Locks the shard, which recovers it, by a write that changes nothing.
fn lock_once(dict: &Dict) {
    dict.delete(key("missing"), None).unwrap();
}

fn die_everywhere(name: &str, damage: Damage) -> u64 {
    let stage = Stage::set(damage);
    let (lived, total) = stage.rebuild_as(2, CrashPlan::default());
    assert!(lived, "{name}");
    let expected = stage.inherit();
    assert!(expected.len() >= CROWD as usize - 1, "{name}: only {} entries are left", expected.len());
    let mut deaths = 0;
    for at in 0..total {
        stage.rewind(&stage.image);
        assert!(!stage.rebuild_as(2, CrashPlan { die_at: Some(at), skip: None }).0);
        let wreck = stage.machine.heap.image();
        assert_eq!(stage.inherit(), expected, "{name}: death at {at}");
        deaths += 1;
        for again in 0.. {
            stage.rewind(&wreck);
            stage.machine.dead.add(2);
            let (lived, _) = stage.rebuild_as(3, CrashPlan { die_at: Some(again), skip: None });
            assert_eq!(stage.inherit(), expected, "{name}: death at {at}, then at {again}");
            if lived {
                break;
            }
            deaths += 1;
        }
    }
    deaths
}

#[test]
fn death_at_any_store_of_a_rebuild_and_of_the_next_leads_to_the_same_result() {
    for (name, damage) in DAMAGES {
        println!("{} deaths: {name}", die_everywhere(name, *damage));
    }
}
