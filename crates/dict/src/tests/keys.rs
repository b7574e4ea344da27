//! Scans of keys alone.

use super::fixture::*;
use super::states::{SMALL, TTL, put};
use crate::ops::{Cursor, Dict, ScanStep};
use crate::value::{Key, ListEnd, Ttl, Value};
use shmkit_object::sync::{AtomicU32, Ordering};
use std::collections::BTreeSet;

const ALL: ScanStep<'static> =
    ScanStep { prefix: None, values: false, entries: usize::MAX, bytes: usize::MAX, buckets: u32::MAX };

fn keys(dict: &Dict) -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    let more = dict.scan_keys(&mut Cursor::default(), &ALL, &mut |key| keys.push(key.bytes().to_vec()));
    assert!(!more.unwrap());
    keys
}

#[test]
fn a_scan_of_keys_visits_the_live_entries_of_all_forms() {
    for options in [SMALL, Options { checksums: true, ..SMALL }, Options { max_size: 1 << 20, ..SMALL }] {
        let dict = Machine::new(options).process(1);
        put(&dict, "cleared", text("value"), Ttl::Never);
        dict.clear().unwrap();
        let long = "k".repeat(3000);
        for (number, name) in ["a", "eight ch", "nine char", &long].into_iter().enumerate() {
            put(&dict, name, bytes(&vec![1; 900 * number]), Ttl::Never);
        }
        put(&dict, "number", Value::number(1.0), Ttl::Never);
        put(&dict, "timed", text("value"), TTL);
        put(&dict, "expired", text("value"), Ttl::After(1_000_000));
        let wide = Key::new(&[0x3C, 0xD8, 0x89, 0xDF], true).unwrap();
        dict.set(wide, text("value"), Ttl::Never, crate::value::Condition::Always).unwrap();
        dict.push(key("list"), ListEnd::Left, text("item")).unwrap();
        set_clock(&dict, 1500);
        let mut found = keys(&dict);
        let mut expected = Vec::new();
        dict.scan(&mut Cursor::default(), usize::MAX, false, &mut |key, _| {
            expected.push(key.bytes().to_vec());
        })
        .unwrap();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
        assert_eq!(found.len(), 8);
    }
}

#[test]
fn a_scan_of_keys_shows_each_key_that_stays_once_while_others_come_and_go() {
    let machine = Machine::new(Options { size: 4 << 20, ..Options::default() });
    let (reader, scans) = (machine.process(1), AtomicU32::new(0));
    let stays: BTreeSet<String> = (0..300).map(|number| format!("stays {number}")).collect();
    stays.iter().for_each(|name| set(&reader, name, text("value")));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let writer = machine.process(2);
            for round in (0..).take_while(|_| scans.load(Ordering::Relaxed) < 300) {
                let name = format!("other {}", round % 40);
                match round % 3 {
                    0 => set(&writer, &name, text(&"x".repeat(round % 100))),
                    1 => set(&writer, &format!("stays {}", round % 300), Value::number(round as f64)),
                    _ => _ = writer.delete(key(&name), None).unwrap(),
                }
            }
        });
        for _ in 0..300 {
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let found = keys(&reader);
                let names = found.iter().map(|name| String::from_utf8(name.clone()).unwrap());
                let (stay, others): (Vec<String>, Vec<String>) =
                    names.partition(|name| name.starts_with("stays "));
                assert_eq!(stay.len(), 300);
                assert_eq!(stay.into_iter().collect::<BTreeSet<String>>(), stays);
                assert!(others.iter().all(|name| name.starts_with("other ")), "{others:?}");
            }));
            // If a scan panics, the writer must not go on.
            scans.fetch_add(if outcome.is_ok() { 1 } else { 300 }, Ordering::Relaxed);
            outcome.unwrap();
        }
    });
}
