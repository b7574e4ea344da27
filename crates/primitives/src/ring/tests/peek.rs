//! Looking at messages that stay.

use super::fixture::*;
use crate::ring::RingEnd;
use shmkit_object::error::Error;
use std::thread;

#[test]
fn messages_that_are_peeked_at_stay_in_the_ring_and_in_order() {
    let machine = Machine::new();
    let (sender, receiver) = (machine.process(1), machine.process(2));
    assert_eq!(receiver.peek(5).unwrap(), Vec::<Vec<u8>>::new());
    for round in 0..200_u8 {
        let messages: Vec<Vec<u8>> = (0..3).map(|number| vec![round; 100 * number]).collect();
        for message in &messages {
            sender.send(&[message], None).unwrap();
        }
        assert_eq!(receiver.peek(2).unwrap(), messages[..2]);
        assert_eq!(receiver.peek(usize::MAX).unwrap(), messages);
        assert_eq!(receiver.stats().unwrap().messages, 3);
        assert_eq!(receive_all(&receiver, 8), messages);
    }
}

#[test]
fn peeking_needs_no_lock_and_finds_damage() {
    let machine = Machine::new();
    let sender = machine.process(1);
    sender.send(&[b"a message"], None).unwrap();
    machine.lock(RingEnd::Send, 1);
    machine.lock(RingEnd::Receive, 1);
    assert_eq!(sender.peek(1).unwrap(), [b"a message"]);
    machine.data().store(0, u64::MAX);
    assert!(matches!(sender.peek(1), Err(Error::Corrupt(_))));
}

#[test]
fn what_is_peeked_at_is_whole_while_others_send_and_receive() {
    let machine = Machine::new();
    let (sender, receiver, reader) = (machine.process(1), machine.process(2), machine.process(3));
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            for number in 0..3000_usize {
                sender.send(&[&vec![number as u8; number * 37 % 1500]], None).unwrap();
                if number % 3 == 2 {
                    receive_all(&receiver, 3);
                }
            }
        });
        while !worker.is_finished() {
            for message in reader.peek(10).unwrap() {
                assert!(message.iter().all(|byte| *byte == message[0]));
            }
        }
    });
}
