//! A queue on the heap, shared by simulated processes: behaviour, and death at every store.

#![allow(clippy::disallowed_types, reason = "threads of the tests tell each other when to end")]

mod death;
mod fixture;
mod growth;
mod hostile;
mod model;
mod observe;

use super::{JobId, JobValue, PendingClaim};
use fixture::*;
use shmkit_object::error::Error;
use shmkit_object::waiter::{Polled, WaitCondition, block_on, deadline_after};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn jobs_are_handed_out_in_order_with_their_values() {
    let machine = Machine::new();
    let (one, two) = (machine.process(1), machine.process(2));
    let values: Vec<Vec<u8>> = (0..60_usize).map(|number| vec![number as u8; number * 17 % 700]).collect();
    for (number, bytes) in values.iter().enumerate() {
        let pushed = one.push(JobValue { kind: number as u8, bytes }, NOW, None).unwrap().unwrap();
        assert_eq!(pushed, text(&(number + 1).to_string()));
    }
    for (number, bytes) in values.iter().enumerate() {
        let claimer = if number % 2 == 0 { &one } else { &two };
        let job = claim(claimer).unwrap();
        assert_eq!((job.kind, &job.bytes, job.attempts), (number as u8, bytes, 1));
        claimer.done(job.claim).unwrap();
    }
    assert_eq!(claim(&one), None);
    machine.verify();
    let stats = one.stats().unwrap();
    assert_eq!((stats.pushed, stats.done, stats.ready, stats.claimed), (60, 60, 0, 0));
}

#[test]
fn an_id_is_unique_among_all_jobs_that_are_there() {
    let machine = Machine::new();
    let queue = machine.process(1);
    for id in ["a", &"long ".repeat(40), "7"] {
        let id = text(id);
        let push = || queue.push(value(b"v"), NOW, Some(&id)).unwrap();
        assert_eq!(push(), Some(id.clone()));
        assert_eq!(push(), None);
        let job = claim(&queue).unwrap();
        assert_eq!((&job.id, push()), (&id, None));
        queue.done(job.claim).unwrap();
        assert_eq!(push(), Some(id.clone()));
        queue.done(claim(&queue).unwrap().claim).unwrap();
    }
    assert_eq!(queue.push(value(b"v"), NOW, Some(&text("8"))).unwrap(), Some(text("8")));
    let automatic = queue.push(value(b"v"), NOW, None).unwrap();
    assert_eq!(automatic, Some(text("9")), "the number of this job, 8, is taken");
    let (wide, narrow) = (JobId::new(b"ab", true).unwrap(), JobId::new(b"ab", false).unwrap());
    for id in [wide, narrow] {
        assert!(queue.push(value(b"v"), NOW, Some(&id)).unwrap().is_some());
    }
    assert!(JobId::new(b"", false).is_err() && JobId::new(&[b'x'; 256], false).is_err());
    machine.verify();
}

#[test]
fn jobs_of_a_dead_claimer_come_back_first_and_the_oldest_one_before_the_others() {
    let machine = Machine::new();
    let (victim, other) = (machine.process(1), machine.process(2));
    (0..6).for_each(|_| drop(push(&victim, b"v")));
    let held: Vec<_> = (0..3).map(|_| claim(&victim).unwrap()).collect();
    victim.fail(held[1].claim, NOW).unwrap();
    machine.dead.add(1);
    // Claimers check for dead ones once a millisecond while there are ready jobs.
    other.stats().unwrap();
    let order: Vec<_> = std::iter::from_fn(|| claim(&other)).map(|job| (job.id, job.attempts)).collect();
    let expected = [("1", 2), ("3", 2), ("4", 1), ("5", 1), ("6", 1), ("2", 2)];
    assert_eq!(order, expected.map(|(id, attempts)| (text(id), attempts)));
    let stats = other.stats().unwrap();
    assert_eq!((stats.returned, stats.failed, stats.claimed), (2, 1, 6));
    machine.verify();
}

#[test]
fn a_job_that_was_handed_out_often_enough_is_dead_until_it_is_retried_or_discarded() {
    let machine = Machine::new();
    let queue = machine.process(1);
    push(&queue, b"v");
    for attempt in 1..=3 {
        let job = claim(&queue).unwrap();
        assert_eq!(job.attempts, attempt);
        queue.fail(job.claim, NOW).unwrap();
    }
    assert_eq!(claim(&queue), None);
    let [dead] = queue.dead().unwrap()[..] else { panic!("one job is dead") };
    let job = queue.dead_job(dead).unwrap().unwrap();
    assert_eq!((job.attempts, &job.bytes[..]), (3, &b"v"[..]));
    assert!(!queue.retry(&text("2")).unwrap() && queue.retry(&text("1")).unwrap());
    assert_eq!(queue.dead_job(dead).unwrap(), None);
    assert_eq!(claim(&queue).unwrap().attempts, 1);
    assert!(!queue.discard(&text("1")).unwrap());
    for _ in 0..3 {
        queue.release(&text("1")).unwrap();
        claim(&queue);
    }
    assert_eq!(queue.stats().unwrap().dead, 1);
    assert!(queue.discard(&text("1")).unwrap());
    assert_eq!(queue.stats().unwrap().dead, 0);
    machine.verify();
}

#[test]
fn a_claim_that_ended_can_neither_be_done_nor_failed_nor_updated() {
    let machine = Machine::new();
    let (one, two) = (machine.process(1), machine.process(2));
    push(&one, b"v");
    let first = claim(&one).unwrap();
    assert!(matches!(two.done(first.claim), Err(Error::NotClaimed)));
    assert!(two.release(&text("1")).unwrap() && !two.release(&text("1")).unwrap());
    let second = claim(&one).unwrap();
    assert!(matches!(one.done(first.claim), Err(Error::NotClaimed)));
    assert!(matches!(one.fail(first.claim, NOW), Err(Error::NotClaimed)));
    assert!(matches!(one.update(first.claim, value(b"x")), Err(Error::NotClaimed)));
    one.abandon(first.claim).unwrap();
    one.update(second.claim, value(&[9; 3000])).unwrap();
    one.abandon(second.claim).unwrap();
    let third = claim(&two).unwrap();
    assert_eq!((third.attempts, third.bytes), (3, vec![9; 3000]));
    two.update(third.claim, value(b"short")).unwrap();
    machine.verify();
    two.done(third.claim).unwrap();
    machine.verify();
}

#[test]
fn delayed_jobs_become_ready_when_they_are_due() {
    let machine = Machine::new();
    let queue = machine.process(1);
    for milliseconds in [40, 10, 25] {
        queue.push(value(b"v"), Duration::from_millis(milliseconds), None).unwrap();
    }
    push(&queue, b"now");
    assert_eq!(queue.stats().unwrap().delayed, 3);
    let mut order = Vec::new();
    while order.len() < 4 {
        let mut wait = PendingClaim::new(Arc::clone(&queue));
        assert!(block_on(&mut wait, deadline_after(Some(Duration::from_secs(5)))).unwrap());
        order.push(wait.into_job().unwrap().id);
    }
    assert_eq!(order, ["4", "2", "3", "1"].map(text));
    machine.verify();
}

#[test]
fn a_full_queue_refuses_jobs_and_loses_none() {
    let machine = Machine::new();
    let queue = machine.process(1);
    let (pushed, full) = push_until_full(&queue);
    assert!(matches!(full, Error::Full { .. }), "{full:?}");
    assert!(matches!(queue.push(value(&[1; 100_000]), NOW, None), Err(Error::TooLarge { .. })));
    machine.verify();
    let first = claim(&queue).unwrap();
    assert!(matches!(queue.update(first.claim, value(&[1; 30_000])), Err(Error::Full { .. })));
    assert_eq!(first.bytes, [1; 500]);
    queue.done(first.claim).unwrap();
    push(&queue, &[2; 500]);
    let rest = std::iter::from_fn(|| claim(&queue)).count();
    assert_eq!(rest, pushed);
    machine.verify();
}

#[test]
fn a_pending_claim_gets_a_job_and_gives_back_one_that_is_not_delivered() {
    let machine = Machine::new();
    let (one, two) = (machine.process(1), machine.process(2));
    let mut wait = PendingClaim::new(Arc::clone(&one));
    assert!(matches!(wait.poll(true), Polled::Unavailable { .. }));
    std::thread::scope(|scope| {
        let claimed = scope.spawn(|| block_on(&mut wait, None).unwrap());
        machine.wait_for_a_sleeper();
        push(&two, b"v");
        assert!(claimed.join().unwrap());
    });
    assert_eq!(two.claims().unwrap().len(), 1);
    drop(wait);
    let job = claim(&two).unwrap();
    assert_eq!(job.attempts, 1, "nothing has learnt of the first claim");
    assert_eq!(two.stats().unwrap().returned, 0);
}

#[test]
fn a_waiter_gets_the_jobs_of_a_claimer_that_dies() {
    let machine = Machine::new();
    let (victim, other) = (machine.process(1), machine.process(2));
    push(&victim, b"v");
    claim(&victim).unwrap();
    let mut wait = PendingClaim::new(other);
    assert!(matches!(wait.poll(true), Polled::Unavailable { .. }));
    machine.dead.add(1);
    assert!(matches!(wait.poll(true), Polled::Done));
    assert_eq!(wait.into_job().unwrap().attempts, 2);
}

#[test]
fn a_stopped_process_stops_calls_with_its_pid() {
    let machine = Machine::new();
    let (_stopped, other) = (machine.process(1), machine.process(2));
    push(&other, b"v");
    machine.lock(1);
    assert_eq!(other.try_claim(None).unwrap(), super::ClaimAttempt::Busy);
    let refused = other.try_claim(Some(Duration::from_millis(5)));
    assert!(matches!(refused, Err(Error::LockTimeout { pid: 1, .. })));
    machine.dead.add(1);
    assert!(claim(&other).is_some());
}

#[test]
fn registering_gives_back_what_the_slots_previous_owner_held() {
    let machine = Machine::new();
    let first = machine.process(3);
    push(&first, b"v");
    let held = claim(&first).unwrap();
    let second = machine.process(3);
    assert!(matches!(second.done(held.claim), Err(Error::NotClaimed)));
    assert_eq!(claim(&second).unwrap().attempts, 2);
}
