//! What a reader keeps, and when it must let go of it: at every store of every operation, and of a
//! recovery after a death there, a witness that stands must stand for what a read would return.

use super::crash::Stage;
use super::fixture::*;
use super::scenarios::{SCENARIOS, Scenario};
use super::states::{SMALL, put};
use crate::entry::view::Seen;
use crate::ops::{Cursor, Dict, Witness};
use crate::value::{Key, Ttl, ValueKind};
use shmkit_object::crash::{Plan, arm};
use shmkit_object::superblock::EPOCH;

/// A value in a cache of the reader's own.
struct Kept {
    key: Vec<u8>,
    value: (ValueKind, u64, Vec<u8>),
    witness: Witness,
}

impl Kept {
    /// What the cache in JavaScript compares: of the index word only the lower half.
    fn stands(&self, dict: &Dict) -> bool {
        let Witness { epoch, word_at, word, version_at, version } = self.witness;
        let region = &dict.segment().region;
        region.load(EPOCH) == epoch
            && region.load(word_at) as u32 == word as u32
            && region.load(version_at) == version
    }

    fn name(&self) -> Key<'_> {
        Key::new(&self.key, false).unwrap()
    }
}

/// Reads everything that does not expire by itself.
fn keep_all(dict: &Dict) -> Vec<Kept> {
    let mut keys = Vec::new();
    dict.scan(&mut Cursor::default(), usize::MAX, true, &mut |key, entry| {
        if entry.value.kind != ValueKind::List && entry.deadline == 0 {
            keys.push(key.bytes().to_vec());
        }
    })
    .unwrap();
    let keep = |key: Vec<u8>| {
        let mut buffer = Vec::new();
        let name = Key::new(&key, false).unwrap();
        let copy = |seen: Seen<'_>| {
            let mut bytes = Vec::new();
            seen.bytes.append_to(&mut bytes);
            (seen.kind, seen.scalar, bytes)
        };
        let (reading, witness) = dict.look(name, &mut buffer, copy).unwrap().expect("it was scanned");
        let value = reading.made;
        Kept { value, witness, key }
    };
    keys.into_iter().map(keep).collect()
}

/// How many stand; each of them is what a read returns.
fn check(scenario: &Scenario, kept: &[Kept], dict: &Dict, moment: &str) -> usize {
    let mut buffer = Vec::new();
    let standing: Vec<_> = kept.iter().filter(|kept| kept.stands(dict)).collect();
    for kept in &standing {
        let read = dict.get(kept.name(), &mut buffer).unwrap();
        let read = read.map(|entry| (entry.value.kind, entry.value.scalar, entry.value.bytes.to_vec()));
        assert_eq!(
            read.as_ref(),
            Some(&kept.value),
            "{}: {moment}: {:?} is stale",
            scenario.name,
            kept.name()
        );
    }
    standing.len()
}

#[test]
fn a_witness_that_stands_is_never_stale_wherever_a_writer_stops() {
    let (mut moments, mut stood, mut fell) = (0, 0, 0);
    for scenario in SCENARIOS {
        let stage = Stage::set(scenario);
        stage.rewind();
        arm(Plan::default());
        let kept = keep_all(&stage.writer);
        for at in 0..stage.stores {
            stage.run(scenario, Plan { die_at: Some(at), skip: None });
            arm(Plan::default());
            let standing = check(scenario, &kept, &stage.successor, &format!("stopped before store {at}"));
            assert_sound(&stage.successor);
            check(scenario, &kept, &stage.successor, &format!("recovered from store {at}"));
            moments += 2;
            stood += standing;
            fell += kept.len() - standing;
        }
    }
    println!("{moments} moments, {stood} witnesses stood, {fell} fell");
    assert!(stood > 0 && fell > 0);
}

#[test]
fn a_witness_of_an_unchanged_key_stands_while_others_are_written() {
    let machine = Machine::new(SMALL);
    let (reader, writer) = (machine.process(1), machine.process(2));
    put(&reader, "k", text("kept"), Ttl::Never);
    let kept = keep_all(&reader);
    for round in 0..100 {
        put(&writer, &format!("other{}", round % 5), text("changes"), Ttl::Never);
    }
    assert!(kept[0].stands(&reader));
    put(&writer, "k", text("kept"), Ttl::Never);
    assert!(!kept[0].stands(&reader), "a key that is written again has another version");
}
