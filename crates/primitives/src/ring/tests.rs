//! A ring on the heap, shared by simulated processes: behaviour, and death at every store.

#![allow(unsafe_code, clippy::disallowed_types, reason = "the tests damage memory that threads share")]

mod death;
mod fixture;
mod hostile;
mod peek;

use super::{EndAttempt, Received, RingEnd};
use fixture::*;
use shmkit_object::error::Error;
use shmkit_object::waiter::{block_until, deadline_after};
use std::time::Duration;

#[test]
fn messages_of_all_lengths_arrive_whole_and_in_order() {
    let machine = Machine::new();
    let (sender, receiver) = (machine.process(1), machine.process(2));
    let mut last = 0;
    for round in 0..2000_usize {
        let length = round * 37 % 1500;
        let message: Vec<u8> = (0..length).map(|at| (at + round) as u8).collect();
        assert_eq!(sender.send(&[&message], None).unwrap(), EndAttempt::Done(1));
        assert_eq!(receive_all(&receiver, 8), [message]);
        last = length;
    }
    assert!(last > 0);
    let stats = sender.stats().unwrap();
    assert_eq!((stats.messages, stats.used, stats.sent, stats.received), (0, 0, 2000, 2000));
}

#[test]
fn batches_are_sent_and_received_up_to_the_space_there_is() {
    let machine = Machine::new();
    let (sender, receiver) = (machine.process(1), machine.process(2));
    // More than the ring holds.
    let messages: Vec<Vec<u8>> = (0..=machine.size() / 64).map(|number| vec![number as u8; 56]).collect();
    let views: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
    let room = (machine.size() / 64) as usize;
    assert_eq!(sender.send(&views, None).unwrap(), EndAttempt::Done(room));
    assert_eq!(sender.send(&[b""], None).unwrap(), EndAttempt::Done(0));
    assert_eq!(sender.stats().unwrap().messages, room as u64);
    let (mut target, mut lengths) = ([0; 600], [0; 64]);
    let received = receiver.receive(&mut target, &mut lengths, None).unwrap();
    assert_eq!(received, EndAttempt::Done(Received::Messages(10)));
    assert_eq!(&lengths[..11], &[56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 0]);
    assert_eq!((target[0], target[559], target[560]), (0, 9, 0));
    assert_eq!(receive_all(&receiver, 2000), &messages[10..room]);
}

#[test]
fn a_message_may_fill_the_ring_but_not_exceed_it() {
    let machine = Machine::new();
    let (sender, receiver) = (machine.process(1), machine.process(2));
    let most = vec![7; machine.size() as usize - 8];
    for _ in 0..3 {
        assert_eq!(sender.send(&[&most], None).unwrap(), EndAttempt::Done(1));
        let received = receiver.receive(&mut [0; 100], &mut [0], None).unwrap();
        let (length, all) = (most.len(), machine.size());
        assert_eq!(received, EndAttempt::Done(Received::TooLong { length, all }));
        assert_eq!(receive_all(&receiver, 2), std::slice::from_ref(&most));
        assert_eq!(sender.send(&[b"x"], None).unwrap(), EndAttempt::Done(1));
        assert_eq!(receive_all(&receiver, 2), [b"x".to_vec()]);
    }
    let more = vec![7; most.len() + 1];
    assert!(matches!(
        sender.send(&[b"x", &more], None),
        Err(Error::TooLarge { size, limit, .. }) if size == limit + 1 && limit == most.len() as u64
    ));
    assert_eq!(receive_all(&receiver, 2), Vec::<Vec<u8>>::new());
}

#[test]
fn messages_stay_whole_when_positions_restart_at_zero() {
    let machine = Machine::new();
    let (sender, receiver) = (machine.process(1), machine.process(2));
    machine.move_to_the_last_lap();
    for round in 0..300_u16 {
        let message = round.to_le_bytes().repeat(usize::from(round) % 40);
        assert_eq!(sender.send(&[&message, b"and"], None).unwrap(), EndAttempt::Done(2));
        assert_eq!(receive_all(&receiver, 9), [message, b"and".to_vec()]);
    }
    assert!(machine.tail() < machine.size() * 10, "the positions have restarted");
}

#[test]
fn a_living_holder_blocks_its_own_end_and_not_the_other() {
    let machine = Machine::new();
    let (stopped, other) = (machine.process(1), machine.process(2));
    machine.lock(RingEnd::Send, 1);
    assert_eq!(other.send(&[b"x"], None).unwrap(), EndAttempt::Busy);
    let lock_timeout = Some(Duration::from_millis(5));
    assert!(matches!(other.send(&[b"x"], lock_timeout), Err(Error::LockTimeout { pid: 1, .. })));
    let deadline = deadline_after(Some(Duration::from_millis(5)));
    assert!(!block_until(deadline, |wait| other.send_blocking(b"x", wait)).unwrap());
    assert_eq!(receive_all(&other, 1), Vec::<Vec<u8>>::new());
    machine.dead.add(1);
    assert!(block_until(None, |wait| other.send_blocking(b"x", wait)).unwrap());
    assert_eq!(receive_all(&other, 1), [b"x".to_vec()]);
    drop(stopped);
}

#[test]
fn registering_recovers_locks_of_the_slots_previous_owner() {
    let machine = Machine::new();
    drop(machine.process(3));
    for end in [RingEnd::Send, RingEnd::Receive] {
        machine.lock(end, 3);
    }
    machine.dead.add(3);
    let successor = machine.process(3);
    assert_eq!(successor.send(&[b"x"], None).unwrap(), EndAttempt::Done(1));
    assert_eq!(receive_all(&successor, 1), [b"x".to_vec()]);
}

#[test]
fn blocked_senders_and_receivers_continue_when_they_can() {
    const EACH: u32 = 2000;
    let machine = Machine::new();
    let send = |slot: u32| {
        let ring = machine.process(slot);
        for number in 0..EACH {
            let message =
                [slot.to_le_bytes(), number.to_le_bytes()].concat().repeat(1 + number as usize % 60);
            assert!(block_until(None, |wait| ring.send_blocking(&message, wait)).unwrap());
        }
    };
    let receive = |slot: u32| {
        let ring = machine.process(slot);
        let mut next = [0; 4];
        let mut total = 0;
        loop {
            let (mut target, mut lengths) = ([0; 1000], [0; 1]);
            let deadline = deadline_after(Some(Duration::from_secs(2)));
            let received =
                block_until(deadline, |wait| ring.receive_blocking(&mut target, &mut lengths, wait)).unwrap();
            if received == Received::Messages(0) {
                return total;
            }
            let [from, number] = [0, 4].map(|at| u32::from_le_bytes(target[at..at + 4].try_into().unwrap()));
            assert_eq!(lengths[0], 8 * (1 + number % 60));
            assert!(next[from as usize] <= number, "in order per sender");
            next[from as usize] = number + 1;
            total += 1;
        }
    };
    std::thread::scope(|scope| {
        for slot in 1..4 {
            scope.spawn(move || send(slot));
        }
        let receivers: Vec<_> = (4..7).map(|slot| scope.spawn(move || receive(slot))).collect();
        let total: u32 = receivers.into_iter().map(|receiver| receiver.join().unwrap()).sum();
        assert_eq!(total, 3 * EACH);
    });
}

#[test]
fn a_lost_notification_costs_one_slice() {
    let machine = Machine::new();
    let (sender, receiver) = (machine.process(1), machine.process(2));
    std::thread::scope(|scope| {
        let receiver = scope.spawn(move || {
            let (mut target, mut lengths) = ([0; 10], [0; 1]);
            block_until(None, |wait| receiver.receive_blocking(&mut target, &mut lengths, wait)).unwrap()
        });
        machine.wait_for_a_sleeper();
        Machine::die_before_notifying(&sender);
        assert_eq!(receiver.join().unwrap(), Received::Messages(1));
    });
}

#[test]
fn received_messages_are_overwritten_before_senders_can_use_their_space() {
    let machine = Machine::wiping();
    let (sender, receiver) = (machine.process(1), machine.process(2));
    for round in 0..200_usize {
        // In many rounds they pass the end of the ring.
        let part = machine.size() as usize / 4096;
        let messages = [vec![1; (700 + round) * part], vec![], vec![2; 1300 * part]];
        let views: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        assert_eq!(sender.send(&views, None).unwrap(), EndAttempt::Done(3));
        assert_eq!(receive_all(&receiver, 2), messages[..2]);
        assert_eq!(receive_all(&receiver, 2), messages[2..]);
        assert!(machine.is_wiped(), "round {round}");
    }
    let longest = vec![7; sender.longest() as usize];
    assert_eq!(sender.send(&[&longest], None).unwrap(), EndAttempt::Done(1));
    assert_eq!(receive_all(&receiver, 1), [longest]);
    assert!(machine.is_wiped());
}
