//! Waits on one word whose changes say which of them they concern.

#![expect(clippy::disallowed_types, reason = "the tests count")]

use shmkit_object::region::Region;
use shmkit_object::sync::{AtomicU32, Ordering};
use shmkit_object::waiter::{Completion, Outcome, Pending, Polled, WaitCondition, WaitSet, next_ticket};
use shmkit_os::futex::MAX_WORDS;
use shmkit_testkit::Heap;
use std::sync::Arc;

/// Counts finished waits.
#[derive(Default)]
struct Ended(AtomicU32);

impl Completion for Ended {
    fn complete(&self, _ticket: u64, _condition: Box<dyn WaitCondition>, _outcome: Outcome) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn flushed(&self, _ticket: u64) {}
}

/// Waits for a bit of a word. The changes of a counter say which bit they concern; only the last one is remembered.
struct Bit {
    region: Region,
    bit: u32,
    polls: Arc<AtomicU32>,
}

const LAST_BIT: u64 = 8;
const BITS: u64 = 16;

impl WaitCondition for Bit {
    fn wait_word(&self) -> (&Region, u64) {
        (&self.region, 0)
    }

    fn poll(&mut self, _check_owners: bool) -> Polled {
        self.polls.fetch_add(1, Ordering::Relaxed);
        let seen = self.region.load32(0);
        match self.region.load(BITS) >> self.bit & 1 {
            0 => Polled::Unavailable { seen, wake_next: true },
            _ => Polled::Done,
        }
    }

    fn topic(&self) -> Option<u64> {
        Some(self.bit.into())
    }

    fn changed_topics(&self, seen: u32) -> Option<(u32, Vec<u64>)> {
        let now = self.region.load32(0);
        (now == seen + 1).then(|| (now, vec![self.region.load(LAST_BIT)]))
    }
}

fn set_bit(region: &Region, bit: u64) {
    region.store(BITS, region.load(BITS) | 1 << bit);
    region.store(LAST_BIT, bit);
    region.store32(0, region.load32(0) + 1);
}

#[test]
fn only_the_waits_that_a_change_concerns_are_polled_unless_too_many_were_missed() {
    let region = Region::new(Heap::new(4096));
    let ended = Arc::new(Ended::default());
    let mut waiting = WaitSet::new(MAX_WORDS);
    let polls = Arc::new(AtomicU32::new(0));
    for bit in (0..40).chain([7]) {
        let condition = Box::new(Bit { region: region.clone(), bit, polls: polls.clone() });
        let completion = ended.clone();
        waiting.add(Pending { ticket: next_ticket(), condition, deadline: None, completion });
    }
    let polls_of = |work: &mut dyn FnMut()| {
        let before = polls.load(Ordering::Relaxed);
        work();
        polls.load(Ordering::Relaxed) - before
    };
    set_bit(&region, 7);
    assert_eq!(polls_of(&mut || waiting.poll_changed(false)), 2);
    assert_eq!(ended.0.load(Ordering::Relaxed), 2);
    assert_eq!(polls_of(&mut || waiting.poll_changed(false)), 0);
    for bit in [3, 4] {
        set_bit(&region, bit);
    }
    assert_eq!(polls_of(&mut || waiting.poll_changed(false)), 39);
    assert_eq!(ended.0.load(Ordering::Relaxed), 4);
    assert_eq!(polls_of(&mut || waiting.poll_changed(true)), 1);
}
