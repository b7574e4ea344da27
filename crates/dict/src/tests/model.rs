//! Random operations of two processes agree with a `HashMap` with TTLs.

use super::fixture::*;
use crate::ops::{Cursor, Dict, Previous, TimeLeft};
use crate::value::{Condition, Increment, Number, Ttl, Value};
use proptest::prelude::*;
use std::collections::HashMap;

const MS: u64 = 1_000_000;

#[derive(Debug, Clone)]
enum Op {
    Set { key: u8, length: u16, ttl: u8, condition: u8 },
    Delete { key: u8 },
    Increment { key: u8, ttl: u8 },
    Expire { key: u8, ttl: u8 },
    Take { key: u8 },
    Clear,
    Flush,
    Wait { ms: u8 },
}

fn op() -> impl Strategy<Value = Op> {
    let key = 0..24u8;
    let ttl = prop_oneof![3 => Just(0u8), 2 => 1..40u8];
    let length = prop_oneof![4 => 0..100u16, 1 => 100..6000u16];
    prop_oneof![
        8 => (key.clone(), length, ttl.clone(), 0..4u8)
            .prop_map(|(key, length, ttl, condition)| Op::Set { key, length, ttl, condition }),
        3 => key.clone().prop_map(|key| Op::Delete { key }),
        4 => (key.clone(), ttl.clone()).prop_map(|(key, ttl)| Op::Increment { key, ttl }),
        3 => (key.clone(), ttl).prop_map(|(key, ttl)| Op::Expire { key, ttl }),
        2 => key.prop_map(|key| Op::Take { key }),
        1 => Just(Op::Clear),
        1 => Just(Op::Flush),
        3 => (0..30u8).prop_map(|ms| Op::Wait { ms }),
    ]
}

#[derive(Debug, Clone, PartialEq)]
enum Stored {
    Bytes(Vec<u8>),
    Number(f64),
}

/// The expected entries: value and deadline in milliseconds (0: none).
struct Model {
    entries: HashMap<u8, (Stored, u32)>,
    now: u32,
}

impl Model {
    fn live(&self, key: u8) -> Option<&(Stored, u32)> {
        self.entries.get(&key).filter(|(_, deadline)| *deadline == 0 || *deadline > self.now)
    }

    fn deadline(&self, ttl: u8) -> u32 {
        if ttl == 0 { 0 } else { self.now + u32::from(ttl) }
    }
}

fn ttl_of(ttl: u8) -> Ttl {
    if ttl == 0 { Ttl::Never } else { Ttl::After(u64::from(ttl) * MS) }
}

fn apply(dict: &Dict, model: &mut Model, op: &Op) {
    let name = |key: u8| format!("key{key}");
    match *op {
        Op::Set { key: number, length, ttl, condition } => {
            let value = vec![number ^ length as u8; usize::from(length)];
            let (condition, holds) = match condition {
                0 => (Condition::Absent, model.live(number).is_none()),
                1 => (Condition::Present, model.live(number).is_some()),
                _ => (Condition::Always, true),
            };
            let stored = dict.set(key(&name(number)), bytes(&value), ttl_of(ttl), condition).unwrap();
            assert_eq!(stored, holds);
            if holds {
                let deadline = model.deadline(ttl);
                model.entries.insert(number, (Stored::Bytes(value), deadline));
            }
        }
        Op::Delete { key: number } => {
            let exists = model.live(number).is_some();
            assert_eq!(dict.delete(key(&name(number)), None).unwrap(), exists);
            model.entries.remove(&number);
        }
        Op::Take { key: number } => {
            let mut buffer = Vec::new();
            let taken = match dict.take(key(&name(number)), None, &mut buffer).unwrap() {
                Previous::Entry(entry) => Some(stored(entry.value)),
                _ => None,
            };
            assert_eq!(taken, model.live(number).map(|(value, _)| value.clone()));
            model.entries.remove(&number);
        }
        Op::Increment { key: number, ttl } => {
            let by = Increment {
                delta: Number::Double(1.5),
                delta_is_default: false,
                init: Some(Number::Double(10.0)),
                ttl: if ttl % 2 == 0 { Ttl::Keep } else { ttl_of(ttl) },
                init_ttl: Ttl::After(7 * MS),
            };
            let outcome = dict.increment(key(&name(number)), by);
            let expected = match model.live(number) {
                Some((Stored::Bytes(_), _)) => return assert!(outcome.is_err()),
                Some((Stored::Number(value), deadline)) => (value + 1.5, *deadline),
                None => (11.5, model.deadline(7)),
            };
            let deadline = if ttl % 2 == 0 { expected.1 } else { model.deadline(ttl) };
            assert_eq!(outcome, Ok(Some(Number::Double(expected.0))));
            model.entries.insert(number, (Stored::Number(expected.0), deadline));
        }
        Op::Expire { key: number, ttl } => {
            let exists = model.live(number).is_some();
            assert_eq!(dict.expire(key(&name(number)), ttl_of(ttl)).unwrap(), exists);
            let deadline = model.deadline(ttl);
            if let (true, Some(entry)) = (exists, model.entries.get_mut(&number)) {
                entry.1 = deadline;
            }
        }
        Op::Clear => {
            dict.clear().unwrap();
            model.entries.clear();
        }
        Op::Flush => {
            dict.flush_expired(0).unwrap();
        }
        Op::Wait { ms } => {
            model.now += u32::from(ms);
            set_clock(dict, model.now);
        }
    }
}

fn stored(value: Value<'_>) -> Stored {
    if value.kind.is_scalar() {
        Stored::Number(f64::from_bits(value.scalar))
    } else {
        Stored::Bytes(value.bytes.to_vec())
    }
}

fn compare(dict: &Dict, model: &Model) {
    let mut seen = HashMap::new();
    dict.scan(&mut Cursor::default(), usize::MAX, true, &mut |key, entry| {
        seen.insert(key.bytes().to_vec(), (stored(entry.value), entry.deadline.div_ceil(MS) as u32));
    })
    .unwrap();
    let live: Vec<u8> = model.entries.keys().copied().filter(|key| model.live(*key).is_some()).collect();
    assert_eq!(seen.len(), live.len());
    assert_eq!(dict.len().unwrap(), live.len() as u64);
    for number in live {
        let name = format!("key{number}");
        let (value, deadline) = model.live(number).unwrap();
        assert_eq!(&seen[name.as_bytes()].0, value);
        let left = match deadline {
            0 => TimeLeft::Forever,
            deadline => TimeLeft::Nanos(u64::from(deadline - model.now) * MS),
        };
        assert_eq!(dict.ttl(key(&name), &mut Vec::new()).unwrap(), Some(left));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_dictionary_agrees_with_a_hash_map(
        ops in proptest::collection::vec((op(), any::<bool>()), 1..120),
        checksums in any::<bool>(),
        few_buckets in any::<bool>(),
    ) {
        let max_entries = few_buckets.then_some(24);
        let machine = Machine::new(Options { size: 256 << 10, checksums, max_entries, ..Options::default() });
        let processes = [machine.process(1), machine.process(2)];
        let mut model = Model { entries: HashMap::new(), now: 1000 };
        for (op, first) in &ops {
            apply(&processes[usize::from(*first)], &mut model, op);
        }
        compare(&processes[0], &model);
        assert_sound(&processes[1]);
    }
}
