//! A list whose chunks form a circle and whose length is the largest plausible one.

use super::super::fixture::*;
use crate::layout::hash::KeyHash;
use crate::layout::word::Link;
use crate::list::items;
use crate::ops::Dict;
use crate::shard::Shard;
use crate::value::ListEnd;
use std::time::{Duration, Instant};

const LARGE: usize = 100_000;

/// Creates a list of one large item that claims as many items as the memory could hold small ones.
fn push_circular_list(dict: &Dict) {
    dict.push(key("list"), ListEnd::Right, bytes(&[1; LARGE])).unwrap();
    let segment = dict.segment();
    let hash = KeyHash::of(b"list", &segment.secret);
    let shard = Shard::new(segment, hash.shard(segment.geometry.shards));
    let (slot, entry) = shard.find(key("list"), hash, &mut Vec::new()).entry.unwrap();
    let chunk = items(segment, &entry).next().unwrap().unwrap().chunk;
    let length = slot.word.block() + entry.shape.list + entry.version.cell() * 32 + 16;
    assert_eq!(segment.region.load(length), 1);
    segment.region.hint(length, segment.capacity() / 16);
    segment.region.hint(chunk, Link::new(chunk, 1).0);
}

#[test]
fn walking_a_circular_list_is_bounded_by_the_size_of_the_memory() {
    let machine = Machine::new(Options { size: 8 << 20, ..Options::default() });
    let dict = machine.process(1);
    push_circular_list(&dict);
    let start = Instant::now();
    let mut seen = 0;
    let outcome = dict.list_items(key("list"), &mut |_| seen += 1);
    assert_eq!(outcome.unwrap_err().code(), "ERR_SHM_CORRUPT");
    assert_eq!(seen, 0);
    assert!(!dict.verify().unwrap().is_empty(), "the damage is not reported");
    dict.delete(key("list"), None).unwrap();
    assert_sound(&dict);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}
