//! Index words that point at the image of an entry outside of the pages.

use crate::layout::shard::LEASES;
use crate::layout::word::IndexWord;
use crate::ops::Dict;
use crate::shard::Shard;
use crate::tests::fixture::*;
use crate::value::{Condition, Increment, Key, Number, Ttl, Value};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Bytes of the entry's image.
const BYTES: u64 = 64;

/// Returns a dictionary whose only index word points at a copy of the entry in the lease table, and the offset of that
/// copy.
fn with_stray_word(machine: &Machine) -> (Dict, usize) {
    let dict = machine.process(1);
    set(&dict, "k", Value::number(1.0));
    assert!(dict.expire(key("k"), Ttl::After(60_000_000_000)).unwrap());
    let segment = dict.segment();
    let shard = Shard::new(segment, 0);
    let hash = dict.hash(key("k"));
    let (slot, _) =
        shard.find_plain::<false>(key("k"), hash, segment.epoch().tag()).expect("the entry is plain");
    let copy = shard.at + LEASES;
    for at in (0..BYTES).step_by(8) {
        segment.region.store(copy + at, segment.region.load(slot.word.block() + at));
    }
    segment.region.store(slot.at, IndexWord::new(copy, slot.word.generation(), hash.tag()).0);
    (dict, copy as usize)
}

#[test]
fn no_write_follows_an_index_word_out_of_the_pages() {
    type Write = fn(&Dict, Key<'_>);
    const BY: Increment = Increment {
        delta: Number::Double(1.0),
        delta_is_default: true,
        init: None,
        ttl: Ttl::Keep,
        init_ttl: Ttl::Never,
    };
    let writes: [Write; 5] = [
        |dict, key| drop(dict.increment(key, BY)),
        |dict, key| drop(dict.expire(key, Ttl::After(5_000_000_000))),
        |dict, key| drop(dict.set(key, Value::number(2.0), Ttl::Never, Condition::Always)),
        |dict, key| drop(dict.set(key, Value::number(2.0), Ttl::Never, Condition::Present)),
        |dict, key| drop(dict.delete(key, None)),
    ];
    for (number, write) in writes.iter().enumerate() {
        let machine = Machine::small();
        let (dict, copy) = with_stray_word(&machine);
        let before = machine.heap.image();
        // A panic becomes an error in JavaScript.
        let _ = catch_unwind(AssertUnwindSafe(|| write(&dict, key("k"))));
        let after = machine.heap.image();
        let entry = copy..copy + BYTES as usize;
        assert_eq!(before[entry.clone()], after[entry], "write {number}");
        set(&dict, "another", text("value"));
        assert_eq!(get(&dict, "another").as_deref(), Some(&b"value"[..]));
    }
}
