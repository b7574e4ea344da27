//! Hostile bytes in a ring's file: every call returns, with messages or with a typed error.

use super::fixture::*;
use crate::ring::layout::{HEAD, READABLE, RECEIVE_LOCK, RECEIVED, SEND_LOCK, SENT, TAIL, WIPED, WRITABLE};
use crate::ring::{EndAttempt, Received, RingEnd};
use shmkit_object::error::Error;
use shmkit_object::waiter::{block_until, deadline_after};
use std::time::Duration;

const WORDS: [u64; 12] =
    [0, 1, 4, 8, 4096, 4104, 8192, u64::MAX, u64::MAX - 7, 1 << 31, 1 << 62, (1 << 62) - 8];

#[test]
fn calls_return_when_any_word_of_the_ring_is_hostile() {
    [Machine::new(), Machine::wiping()].iter().for_each(return_whatever_a_word_is);
}

fn return_whatever_a_word_is(machine: &Machine) {
    let ring = machine.process(1);
    ring.send(&[b"one", &[2; 500]], None).unwrap();
    let image = machine.image();
    let soon = || deadline_after(Some(Duration::from_millis(1)));
    let check = |error: Error| assert_eq!(error.code(), "ERR_SHM_CORRUPT");
    for field in [SEND_LOCK, TAIL, SENT, RECEIVE_LOCK, HEAD, RECEIVED, WIPED, READABLE, WRITABLE] {
        for word in WORDS {
            machine.restore(&image);
            machine.region().store(field, word);
            let ring = machine.process(2);
            let _ = block_until(soon(), |wait| ring.send_blocking(b"x", wait)).map_err(check);
            let (mut target, mut lengths) = ([0; 8192], [0; 99]);
            let _ = block_until(soon(), |wait| ring.receive_blocking(&mut target, &mut lengths, wait))
                .map_err(check);
            let _ = ring.stats().map_err(check);
        }
    }
}

#[test]
fn receive_returns_when_a_message_header_is_hostile() {
    let machine = Machine::new();
    let ring = machine.process(1);
    ring.send(&[b"one", &[2; 500]], None).unwrap();
    let image = machine.image();
    for length in (0..600).chain([4096, 5000, u64::from(u32::MAX), u64::from(u32::MAX) - 8]) {
        machine.restore(&image);
        machine.data().store(0, length);
        let (mut target, mut lengths) = ([0; 256], [0; 99]);
        match ring.receive(&mut target, &mut lengths, None) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.code(), "ERR_SHM_CORRUPT"),
        }
    }
}

#[test]
fn calls_return_while_a_peer_overwrites_the_ring_at_random() {
    let machine = Machine::new();
    let ring = machine.process(1);
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (region, data) = (machine.region(), machine.data());
            let mut random = 0x2545_F491_4F6C_DD1D_u64;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                let word = if random & 7 == 0 { random >> 8 } else { random >> 50 };
                match random >> 60 {
                    0..8 => data.hint((random >> 20) & 8184, word),
                    8 => region.hint(TAIL, word & !7),
                    9 => region.hint(HEAD, word & !7),
                    10 => region.hint32(READABLE, word as u32),
                    11 => region.hint32(SEND_LOCK, 0),
                    12 => region.hint32(RECEIVE_LOCK, 0),
                    _ => {}
                }
            }
        });
        for _ in 0..20_000 {
            let _ = ring.send(&[b"message", &[1; 300]], Some(Duration::from_millis(1)));
            let (mut target, mut lengths) = ([0; 4096], [0; 99]);
            if let Ok(EndAttempt::Done(Received::Messages(count))) =
                ring.receive(&mut target, &mut lengths, Some(Duration::from_millis(1)))
            {
                assert!(lengths[..count].iter().map(|length| *length as usize).sum::<usize>() <= 4096);
            }
            let _ = ring.stats();
            let _ = ring.wait_for(RingEnd::Send, 9).poll(true);
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
