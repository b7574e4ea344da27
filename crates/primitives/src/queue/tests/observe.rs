//! Claims as a participant sees them that only reads.

use super::fixture::*;
use crate::queue::file::FORMAT;
use crate::queue::{JobValue, Queue, layout};
use shmkit_object::error::Error;
use shmkit_object::membership::Membership;
use std::sync::Arc;

/// Attaches a process that only reads.
fn reader(machine: &Machine) -> Queue {
    Queue::new(Membership::attach(machine.region(), &FORMAT, Box::new(machine.dead.clone())).unwrap())
        .unwrap()
}

fn push(queue: &Arc<Queue>, id: &str) {
    queue.push(JobValue { kind: 0, bytes: b"value" }, NOW, Some(&text(id))).unwrap();
}

#[test]
fn a_reader_lists_the_claims_of_all_participants_and_leaves_the_lock_alone() {
    let machine = Machine::new();
    let (one, two, seen) = (machine.process(1), machine.process(2), reader(&machine));
    assert_eq!(seen.observed_claims().unwrap(), []);
    for id in ["a", "b", "an id that does not fit into the first cell of its job, as it is this long"] {
        push(&one, id);
    }
    claim(&one).unwrap();
    claim(&two).unwrap();
    let last = claim(&two).unwrap();
    assert_eq!(seen.observed_claims().unwrap(), one.claims().unwrap());
    two.done(last.claim).unwrap();
    machine.lock(1);
    let rows = seen.observed_claims().unwrap();
    assert_eq!(
        rows.iter().map(|row| (row.id.clone(), row.pid)).collect::<Vec<_>>(),
        [(text("a"), 1), (text("b"), 2)]
    );
}

#[test]
fn a_reader_lists_claims_in_the_middle_of_a_change_and_those_of_the_dead() {
    let machine = Machine::new();
    let (one, seen) = (machine.process(1), reader(&machine));
    push(&one, "a");
    claim(&one).unwrap();
    machine.dead.add(1);
    let region = machine.region();
    region.store(layout::JOBS, region.load(layout::JOBS) | 1);
    assert_eq!(seen.observed_claims().unwrap().len(), 1);
    // The links of a change that is not complete are no damage; those of a whole one are.
    region.store32(layout::claims_at(1), u32::MAX);
    assert_eq!(seen.observed_claims().unwrap(), []);
    region.store(layout::JOBS, region.load(layout::JOBS) & !1);
    assert!(matches!(seen.observed_claims(), Err(Error::Corrupt(_))));
}

#[test]
fn a_list_of_claims_that_never_ends_is_damage() {
    let machine = Machine::new();
    let (one, seen) = (machine.process(1), reader(&machine));
    push(&one, "a");
    claim(&one).unwrap();
    // Its own successor.
    let first = machine.region().load32(layout::claims_at(1));
    machine.region().store32(one.at(first).unwrap() + 48, first);
    assert!(matches!(seen.observed_claims(), Err(Error::Corrupt(_))));
}
