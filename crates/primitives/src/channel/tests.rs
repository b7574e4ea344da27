//! A channel on the heap, shared by simulated processes: behaviour, and death at every store.

#![allow(clippy::disallowed_types, reason = "threads of the tests tell each other when to end")]

mod death;
mod fixture;
mod hostile;
mod race;

use super::{Message, Start, Unheard};
use fixture::*;
use shmkit_object::error::Error;
use shmkit_object::waiter::{block_on, deadline_after};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn each_subscriber_hears_all_messages_in_one_order() {
    let machine = Machine::new();
    let (one, two) = (machine.process(1), machine.process(2));
    let mut subscribers = [Subscriber::now(&one), Subscriber::now(&two), Subscriber::now(&two)];
    for round in 0..3000_u64 {
        let message: Vec<u8> = (0..round * 37 % 900).map(|at| (at + round) as u8).collect();
        let poster = if round % 2 == 0 { &one } else { &two };
        let sequence = poster.post(Message { kind: round as u8, bytes: &message }, SOON).unwrap();
        assert_eq!(sequence, round + 1);
        for subscriber in &mut subscribers {
            let expected = Heard { sequence, missed: 0, kind: round as u8, bytes: message.clone() };
            assert_eq!(subscriber.all(), [expected]);
        }
    }
}

#[test]
fn a_slow_subscriber_is_told_exactly_how_many_it_missed() {
    let machine = Machine::new();
    let poster = machine.process(1);
    let mut subscriber = Subscriber::now(&poster);
    let (mut heard, mut missed, mut last) = (0, 0, 0);
    // Messages so long that 13 of them often exceed the ring.
    let longest = poster.longest() * 9 / 10;
    for round in 1..4000_u64 {
        machine.post(&poster, &vec![round as u8; (round * 7 * longest / 900 % longest) as usize]);
        if round % 41 == 0 || round % 13 == 0 {
            for message in subscriber.all() {
                assert_eq!(message.sequence, last + 1 + message.missed);
                assert!(message.bytes.iter().all(|byte| *byte == message.sequence as u8));
                last = message.sequence;
                (heard, missed) = (heard + 1, missed + message.missed);
            }
            assert_eq!(heard + missed, round);
        }
    }
    assert!(missed > 0 && heard > 0, "{missed} missed, {heard} heard");
}

#[test]
fn a_subscription_starts_with_the_next_message_or_with_the_oldest() {
    let machine = Machine::new();
    let poster = machine.process(1);
    for number in 0..200_u8 {
        machine.post(&poster, &[number; 100]);
    }
    let mut oldest = Subscriber::of(&poster, Start::Oldest);
    let mut now = Subscriber::now(&poster);
    let stats = poster.stats().unwrap();
    let found = oldest.all();
    assert_eq!(found.len() as u64, stats.messages);
    assert!(found.iter().all(|message| message.missed == 0));
    assert_eq!((found.last().unwrap().sequence, stats.posted), (200, 200));
    assert!(now.all().is_empty());
    machine.post(&poster, b"next");
    assert_eq!(now.all()[0].sequence, 201);
    assert_eq!(oldest.all()[0].sequence, 201);
}

#[test]
fn a_message_takes_at_most_a_quarter_of_the_ring() {
    let machine = Machine::new();
    let poster = machine.process(1);
    let mut subscriber = Subscriber::now(&poster);
    let most = vec![7; poster.longest() as usize];
    assert_eq!(most.len() as u64, machine.size() / 4 - 16);
    for _ in 0..9 {
        machine.post(&poster, &most);
        assert_eq!(subscriber.all()[0].bytes, most);
    }
    let more = Message { kind: 0, bytes: &[&most[..], &[7]].concat() };
    assert!(
        matches!(poster.post(more, SOON), Err(Error::TooLarge { size, limit, .. }) if size == limit + 1 && limit == most.len() as u64)
    );
    assert!(subscriber.all().is_empty());
}

#[test]
fn a_stopped_poster_stops_posters_and_no_subscriber() {
    let machine = Machine::new();
    let (_stopped, other) = (machine.process(1), machine.process(2));
    let mut subscriber = Subscriber::now(&other);
    machine.post(&other, b"before");
    machine.lock(1);
    let refused = other.post(Message { kind: 0, bytes: b"x" }, SOON);
    assert!(matches!(refused, Err(Error::LockTimeout { pid: 1, .. })));
    assert_eq!(subscriber.all()[0].bytes, b"before");
    machine.dead.add(1);
    machine.post(&other, b"after");
    assert_eq!(subscriber.all()[0].sequence, 2);
    assert_eq!(other.stats().unwrap().taken_over, 1);
}

#[test]
fn registering_recovers_the_lock_of_the_slots_previous_owner() {
    let machine = Machine::new();
    drop(machine.process(3));
    machine.lock(3);
    machine.dead.add(3);
    machine.post(&machine.process(3), b"x");
}

#[test]
fn a_sleeping_subscriber_wakes_when_a_message_is_posted() {
    let machine = Machine::new();
    let (poster, listener) = (machine.process(1), machine.process(2));
    let subscription = listener.subscribe(Start::Now).unwrap();
    let mut wait = Unheard::new(Arc::clone(&listener), subscription);
    assert!(!block_on(&mut wait, deadline_after(Some(Duration::from_millis(5)))).unwrap());
    std::thread::scope(|scope| {
        let woken = scope.spawn(move || block_on(&mut wait, None).unwrap());
        machine.wait_for_a_sleeper();
        machine.post(&poster, b"x");
        assert!(woken.join().unwrap());
    });
}
