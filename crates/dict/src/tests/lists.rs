//! Lists behave like a double-ended queue.

use super::fixture::*;
use crate::value::{ListEnd, Ttl, Value, ValueKind};
use shmkit_object::error::Error;

fn range(dict: &crate::ops::Dict, start: i64, stop: i64) -> Vec<Vec<u8>> {
    let mut items = Vec::new();
    dict.list_range(key("list"), start, stop, &mut |item| items.push(item.bytes.to_vec())).unwrap();
    items
}

#[test]
fn range_bounds_count_from_either_end_and_may_be_outside() {
    let dict = Machine::small().process(1);
    for item in ["a", "b", "c", "d"] {
        dict.push(key("list"), ListEnd::Right, text(item)).unwrap();
    }
    let joined = |start, stop| String::from_utf8(range(&dict, start, stop).concat()).unwrap();
    assert_eq!(joined(0, -1), "abcd");
    assert_eq!(joined(1, 2), "bc");
    assert_eq!(joined(-2, 10), "cd");
    assert_eq!(joined(-10, 0), "a");
    assert_eq!(joined(3, 1), "");
    assert_eq!(joined(5, 9), "");
    assert_eq!(joined(i64::MIN, i64::MAX), "abcd");
}

#[test]
fn value_calls_on_lists_and_list_calls_on_values_are_refused() {
    let dict = Machine::small().process(1);
    dict.push(key("list"), ListEnd::Left, text("a")).unwrap();
    set(&dict, "plain", text("v"));
    let buffer = &mut Vec::new();
    assert!(matches!(dict.get(key("list"), buffer), Err(Error::WrongType(_))));
    assert!(matches!(dict.take(key("list"), None, buffer), Err(Error::WrongType(_))));
    assert!(matches!(dict.swap(key("list"), text("x"), Ttl::Never, None, buffer), Err(Error::WrongType(_))));
    assert!(matches!(dict.push(key("plain"), ListEnd::Left, text("x")), Err(Error::WrongType(_))));
    assert!(matches!(dict.pop(key("plain"), ListEnd::Left, buffer), Err(Error::WrongType(_))));
    assert!(matches!(dict.list_len(key("plain")), Err(Error::WrongType(_))));
    assert_eq!(range(&dict, 0, -1), [b"a"]);
    set(&dict, "list", text("no list any more"));
    assert_eq!(get(&dict, "list").unwrap().len(), 16);
    assert_sound(&dict);
}

#[test]
fn a_list_agrees_with_a_double_ended_queue_over_random_pushes_and_pops() {
    for (seed, checksums) in [(1u64, false), (2, false), (3, true), (4, true)] {
        let machine = Machine::new(Options { size: 1 << 20, checksums, ..Options::default() });
        let dict = machine.process(1);
        let mut model = std::collections::VecDeque::new();
        let (mut random, mut buffer) = (seed, Vec::new());
        for step in 0..6000 {
            random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let end = if random >> 63 == 0 { ListEnd::Left } else { ListEnd::Right };
            let grow = (random >> 58) % 10 < if step / 1000 % 2 == 0 { 7 } else { 3 };
            let length = match (random >> 50) % 40 {
                0 => 5000,
                1..4 => 300,
                _ => (random >> 40) as usize % 60,
            };
            if grow {
                let item = vec![step as u8; length];
                let pushed = dict.push(key("list"), end, bytes(&item)).unwrap();
                if end == ListEnd::Left {
                    model.push_front(item)
                } else {
                    model.push_back(item)
                }
                assert_eq!(pushed, model.len() as u64);
            } else {
                let expected = if end == ListEnd::Left { model.pop_front() } else { model.pop_back() };
                let popped = dict.pop(key("list"), end, &mut buffer).unwrap();
                assert_eq!(popped.map(|item| item.bytes.to_vec()), expected, "seed {seed}, step {step}");
            }
            assert_eq!(dict.list_len(key("list")).unwrap(), model.len() as u64);
            if step % 500 == 0 {
                assert_eq!(range(&dict, 0, -1), Vec::from(model.clone()), "seed {seed}, step {step}");
                assert_sound(&dict);
            }
        }
        dict.delete(key("list"), None).unwrap();
        assert_eq!(dict.stats().unwrap().used, 0);
        assert_sound(&dict);
    }
}

#[test]
fn items_keep_their_type() {
    let dict = Machine::small().process(1);
    for item in [Value::number(-0.0), text("t"), bytes(b""), Value::bytes(ValueKind::Utf16, b"\0\xD8")] {
        dict.push(key("list"), ListEnd::Right, item).unwrap();
    }
    let mut kinds = Vec::new();
    dict.list_range(key("list"), 0, -1, &mut |item| kinds.push((item.kind, item.scalar))).unwrap();
    let minus_zero = (-0.0f64).to_bits();
    assert_eq!(
        kinds,
        [
            (ValueKind::Number, minus_zero),
            (ValueKind::Latin1, 0),
            (ValueKind::Bytes, 0),
            (ValueKind::Utf16, 0)
        ]
    );
}

#[test]
fn a_push_into_full_memory_is_refused_and_keeps_the_list() {
    let dict = Machine::small().process(1);
    let mut pushed = 0;
    while dict.push(key("list"), ListEnd::Right, bytes(&[1; 500])).is_ok() {
        pushed += 1;
        assert!(pushed < 10_000, "the list never fills the memory");
    }
    assert!(pushed > 50, "{pushed}");
    assert_eq!(range(&dict, 0, -1).len(), pushed);
    assert_sound(&dict);
}
