//! Validators: at every store of every operation, and of a recovery after a death there, a cached value whose
//! validator holds must be the value that a read returns.

use super::crash::Stage;
use super::fixture::*;
use super::scenario::Scenario;
use super::scenarios::SCENARIOS;
use super::states::{SMALL, put};
use crate::entry::view::ValueView;
use crate::ops::{Cursor, Dict, Validator};
use crate::value::{Key, Ttl, ValueKind};
use shmkit_object::crash::{CrashPlan, arm};
use shmkit_object::superblock::EPOCH;

/// A value in the reader's own cache.
struct CachedValue {
    key: Vec<u8>,
    value: (ValueKind, u64, Vec<u8>),
    validator: Validator,
}

impl CachedValue {
    /// Compares what the cache in JavaScript compares: only the lower half of the index word.
    fn is_current(&self, dict: &Dict) -> bool {
        let Validator { epoch, word_at, word, version_at, version } = self.validator;
        let region = &dict.segment().region;
        region.load(EPOCH) == epoch
            && region.load(word_at) as u32 == word as u32
            && region.load(version_at) == version
    }

    fn name(&self) -> Key<'_> {
        Key::new(&self.key, false).unwrap()
    }
}

/// Reads and caches every value without a deadline.
fn cache_all(dict: &Dict) -> Vec<CachedValue> {
    let mut keys = Vec::new();
    dict.scan(&mut Cursor::default(), usize::MAX, true, &mut |key, entry| {
        if entry.value.kind != ValueKind::List && entry.deadline == 0 {
            keys.push(key.bytes().to_vec());
        }
    })
    .unwrap();
    let cache = |key: Vec<u8>| {
        let mut buffer = Vec::new();
        let name = Key::new(&key, false).unwrap();
        let copy = |view: ValueView<'_>| {
            let mut bytes = Vec::new();
            view.bytes.append_to(&mut bytes);
            (view.kind, view.scalar, bytes)
        };
        let (result, validator) = dict.read_with(name, &mut buffer, copy).unwrap().expect("it was scanned");
        CachedValue { value: result.output, validator, key }
    };
    keys.into_iter().map(cache).collect()
}

/// Returns how many cached values are current; each of them must be what a read returns.
fn check(scenario: &Scenario, cached: &[CachedValue], dict: &Dict, moment: &str) -> usize {
    let mut buffer = Vec::new();
    let current: Vec<_> = cached.iter().filter(|cached| cached.is_current(dict)).collect();
    for cached in &current {
        let read = dict.get(cached.name(), &mut buffer).unwrap();
        let read = read.map(|entry| (entry.value.kind, entry.value.scalar, entry.value.bytes.to_vec()));
        assert_eq!(
            read.as_ref(),
            Some(&cached.value),
            "{}: {moment}: {:?} is stale",
            scenario.name,
            cached.name()
        );
    }
    current.len()
}

#[test]
fn a_validator_that_holds_is_never_stale_wherever_a_writer_stops() {
    let (mut moments, mut held, mut failed) = (0, 0, 0);
    for scenario in SCENARIOS {
        let stage = Stage::set(scenario);
        stage.rewind();
        arm(CrashPlan::default());
        let cached = cache_all(&stage.writer);
        for at in 0..stage.stores {
            stage.run(scenario, CrashPlan { die_at: Some(at), skip: None });
            arm(CrashPlan::default());
            let current = check(scenario, &cached, &stage.successor, &format!("stopped before store {at}"));
            assert_sound(&stage.successor);
            check(scenario, &cached, &stage.successor, &format!("recovered from store {at}"));
            moments += 2;
            held += current;
            failed += cached.len() - current;
        }
    }
    println!("{moments} moments, {held} validators held, {failed} did not");
    assert!(held > 0 && failed > 0);
}

#[test]
fn a_validator_of_an_unchanged_key_holds_while_other_keys_are_written() {
    let machine = Machine::new(SMALL);
    let (reader, writer) = (machine.process(1), machine.process(2));
    put(&reader, "k", text("cached"), Ttl::Never);
    let cached = cache_all(&reader);
    for round in 0..100 {
        put(&writer, &format!("other{}", round % 5), text("changes"), Ttl::Never);
    }
    assert!(cached[0].is_current(&reader));
    put(&writer, "k", text("cached"), Ttl::Never);
    assert!(!cached[0].is_current(&reader), "a key that is written again has another version");
}
