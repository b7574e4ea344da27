//! The table of record structures.

use super::fixture::*;
use crate::ops::Dict;
use crate::structures::{Appended, MOST_STRUCTURES, is_table_size, table_bytes};
use shmkit_object::crash::{CrashPlan, arm, stores};
use shmkit_object::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

const TABLE: u64 = 4096;
const OPTIONS: Options = Options {
    size: 128 << 10,
    evict: false,
    checksums: false,
    wipe: false,
    max_entries: None,
    structures: TABLE,
    feed: 0,
    max_size: 0,
};

fn table(dict: &Dict) -> (u64, Vec<u8>) {
    let mut bytes = Vec::new();
    (dict.read_structures(0, &mut bytes).unwrap(), bytes)
}

fn commit_word(dict: &Dict) -> u64 {
    dict.segment().geometry.structures().unwrap().0 + 8
}

#[test]
fn structures_are_appended_only_at_the_expected_count_and_are_seen_by_all() {
    let machine = Machine::new(OPTIONS);
    let (one, two) = (machine.process(1), machine.process(2));
    assert_eq!(table(&two), (0, vec![]));
    assert_eq!(one.append_structures(0, 1, b"first...").unwrap(), Appended::Stored);
    assert_eq!(two.append_structures(0, 1, b"lost").unwrap(), Appended::Changed);
    assert_eq!(two.append_structures(1, 2, b"second, third").unwrap(), Appended::Stored);
    let all = (3, b"first...second, third\0\0\0".to_vec());
    assert_eq!(table(&one), all);
    assert_eq!(table(&machine.reader()), all, "read-only");
    let mut more = Vec::new();
    assert_eq!(one.read_structures(8, &mut more).unwrap(), 3);
    assert_eq!(more, b"second, third\0\0\0");
    let refused = machine.reader().append_structures(3, 1, b"x");
    assert!(matches!(refused, Err(Error::ReadOnly)), "{refused:?}");
    assert_sound(&one);
}

#[test]
fn neither_clear_nor_deletes_nor_a_full_dictionary_touch_structures() {
    let machine = Machine::new(OPTIONS);
    let dict = machine.process(1);
    assert_eq!(dict.append_structures(0, 1, b"kept").unwrap(), Appended::Stored);
    for round in 0..3 {
        let value = vec![round; 900];
        let mut stored = 0;
        while dict
            .set(
                key(&format!("{round}.{stored}")),
                bytes(&value),
                crate::value::Ttl::Never,
                crate::value::Condition::Always,
            )
            .is_ok()
        {
            stored += 1;
        }
        assert!(stored > 50);
        dict.clear().unwrap();
        assert_eq!(table(&dict), (1, b"kept\0\0\0\0".to_vec()));
    }
    assert_eq!(dict.len().unwrap(), 0);
    assert_sound(&dict);
}

#[test]
fn a_full_table_and_a_segment_without_one_refuse_structures() {
    let machine = Machine::new(OPTIONS);
    let dict = machine.process(1);
    let room = TABLE as usize - 64;
    assert_eq!(dict.append_structures(0, 1, &vec![1; room + 1]).unwrap(), Appended::Full);
    assert_eq!(dict.append_structures(0, MOST_STRUCTURES + 1, b"").unwrap(), Appended::Full);
    assert_eq!(dict.append_structures(0, 1, &vec![1; room]).unwrap(), Appended::Stored);
    assert_eq!(dict.append_structures(1, 1, b"x").unwrap(), Appended::Full);
    assert_eq!(table(&dict), (1, vec![1; room]));

    let without = Machine::small().process(1);
    assert_eq!(without.append_structures(0, 1, b"x").unwrap(), Appended::Full);
    assert_eq!(table(&without), (0, vec![]));
}

#[test]
fn death_at_any_store_of_an_append_leaves_the_structures_before_or_after_it() {
    let machine = Machine::new(OPTIONS);
    let first = machine.process(1);
    assert_eq!(first.append_structures(0, 1, b"before..").unwrap(), Appended::Stored);
    let image = machine.heap.image();
    let append = |dict: &Dict| dict.append_structures(1, 1, b"a longer structure......").unwrap();
    arm(CrashPlan::default());
    append(&first);
    let total = stores();
    assert!(total >= 4, "lock, bytes, commit word, lock");
    let (before, after) = ((1, b"before..".to_vec()), (2, b"before..a longer structure......".to_vec()));
    for at in 0..total {
        machine.heap.restore(&image);
        machine.dead.clear();
        let writer = machine.process(1);
        arm(CrashPlan { die_at: Some(at), skip: None });
        let died = catch_unwind(AssertUnwindSafe(|| append(&writer))).is_err();
        arm(CrashPlan::default());
        assert!(died, "store {at}");
        machine.dead.add(1);
        let heir = machine.process(2).with_lock_timeout(Duration::from_millis(2));
        let found = table(&heir);
        assert!(found == before || found == after, "store {at}: {found:?}");
        let (count, mut bytes) = found;
        assert_eq!(heir.append_structures(count, 1, b"next").unwrap(), Appended::Stored, "store {at}");
        bytes.extend(b"next\0\0\0\0");
        assert_eq!(table(&heir), (count + 1, bytes), "store {at}");
        assert_sound(&heir);
    }
}

#[test]
fn a_new_owner_of_a_dead_owners_slot_frees_the_lock_of_the_table() {
    let machine = Machine::new(OPTIONS);
    let writer = machine.process(1);
    arm(CrashPlan { die_at: Some(1), skip: None });
    assert!(catch_unwind(AssertUnwindSafe(|| writer.append_structures(0, 1, b"lost"))).is_err());
    arm(CrashPlan::default());
    assert!(writer.holds_a_lock());
    let next = machine.process(1);
    crate::guard::recover_slot(next.segment());
    assert!(!next.holds_a_lock());
    assert_eq!(next.append_structures(0, 1, b"stored").unwrap(), Appended::Stored);
}

#[test]
fn a_damaged_commit_word_is_corrupt_for_readers_writers_and_the_audit() {
    let machine = Machine::new(OPTIONS);
    let dict = machine.process(1);
    for word in [MOST_STRUCTURES + 1, (TABLE - 56) << 16, 1 | 9 << 16, u64::MAX, 1 << 63] {
        dict.segment().region.store(commit_word(&dict), word);
        assert!(matches!(dict.read_structures(0, &mut Vec::new()), Err(Error::Corrupt(_))), "{word:#x}");
        assert!(matches!(dict.append_structures(0, 1, b"x"), Err(Error::Corrupt(_))), "{word:#x}");
        assert_eq!(dict.verify().unwrap().len(), 1, "{word:#x}");
    }
    // Fewer bytes than a reader knows: it gets none.
    dict.segment().region.store(commit_word(&dict), 1 | 8 << 16);
    let mut more = Vec::new();
    assert_eq!(dict.read_structures(104, &mut more).unwrap(), 1);
    assert!(more.is_empty());
}

#[test]
fn tables_of_new_segments_have_sizes_that_a_process_accepts() {
    for kib in [64, 128, 256, 1024, 4096, 1 << 16, 1 << 20, 1 << 25] {
        let bytes = table_bytes(kib << 10);
        assert!(is_table_size(bytes), "{kib} KiB: {bytes}");
        assert!(bytes >= 16 << 10 || kib < 1024, "{kib} KiB: {bytes}");
    }
    for bytes in [1, 63, 65, 8 << 20, u64::MAX] {
        assert!(!is_table_size(bytes), "{bytes}");
    }
}
