//! Rings with arbitrary contents: no read panics, loops, or leaves the ring, and writers go on.

use super::*;
use crate::layout::feed::{HEAD, REBUILDS, RESERVED};
use proptest::prelude::*;
use shmkit_object::region::Region;

proptest! {
    #[test]
    fn a_ring_of_arbitrary_words_neither_stops_writers_nor_watchers(
        words in prop::collection::vec((0u64..560, prop_oneof![any::<u64>(), 0u64..5000]), 1..60),
        heads in prop::option::of((any::<u64>(), any::<u64>())),
    ) {
        let (machine, writer, mut watcher) = watched();
        let part = writer.segment().geometry.feed_part(0);
        let region = Region::new(machine.heap.clone());
        for round in 0..5 {
            set(&writer, &format!("k{round}"), text("v"));
        }
        for &(word, value) in &words {
            region.store(part.at + word * 8 % (part.ring + 64), value);
        }
        if let Some((head, reserved)) = heads {
            region.store(part.at + HEAD, head);
            region.store(part.at + RESERVED, reserved);
        }
        region.store(part.at + REBUILDS, region.load(part.at + REBUILDS) & 1);
        for round in 0..5 {
            set(&writer, &format!("k{round}"), text("w"));
            let mut calls = 0;
            while calls < 1000 && watcher.read(100, &mut |_| ()).unwrap() {
                calls += 1;
            }
        }
        machine.dead.add(1);
        assert_sound(&machine.process(3));
    }
}
