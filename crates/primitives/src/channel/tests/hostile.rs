//! Hostile bytes in a channel's file: every call returns, with messages or with a typed error.

use super::fixture::*;
use crate::channel::layout::{EVENT, HEAD, LOCK, OLDEST};
use crate::channel::{Batch, Channel, Message, Start};
use shmkit_object::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const WORDS: [u64; 12] =
    [0, 1, 4, 8, 4096, 4104, 8192, u64::MAX, u64::MAX - 7, 1 << 31, 1 << 62, (1 << 62) - 8];

fn use_all(channel: &Arc<Channel>) -> Result<(), Error> {
    let mut subscriptions = vec![channel.subscribe(Start::Oldest)?, channel.subscribe(Start::Now)?];
    let _ = channel.post(Message { kind: 1, bytes: &[1; 300] }, SOON);
    for subscription in &mut subscriptions {
        channel.read(subscription, &mut Batch::default(), 9)?;
    }
    channel.stats().map(drop)
}

#[test]
fn calls_return_when_any_word_of_the_channel_is_hostile() {
    let machine = Machine::new();
    let channel = machine.process(1);
    for _ in 0..20 {
        machine.post(&channel, &[2; 333]);
    }
    let subscription = channel.subscribe(Start::Oldest).unwrap();
    let image = machine.image();
    let check = |error: Error| assert!(["ERR_SHM_CORRUPT", "ERR_SHM_LOCK_TIMEOUT"].contains(&error.code()));
    for field in [LOCK, HEAD, OLDEST, EVENT] {
        for word in WORDS {
            machine.restore(&image);
            machine.region().store(field, word);
            let other = machine.process(2);
            let _ = use_all(&other).map_err(check);
            let _ = other.read(&mut subscription.clone(), &mut Batch::default(), 9).map_err(check);
        }
    }
}

#[test]
fn calls_return_when_any_word_of_the_messages_is_hostile() {
    let machine = Machine::new();
    let channel = machine.process(1);
    for _ in 0..20 {
        machine.post(&channel, &[2; 333]);
    }
    let image = machine.image();
    for at in (0..machine.size()).step_by(8) {
        for word in [0, 1, 4096, u64::MAX, u64::from(u32::MAX), 1 << 40] {
            machine.restore(&image);
            machine.data().store(at, word);
            let _ = use_all(&channel).map_err(|error| assert_eq!(error.code(), "ERR_SHM_CORRUPT"));
        }
    }
}

#[test]
fn calls_return_while_a_peer_overwrites_the_channel_at_random() {
    let machine = Machine::new();
    let channel = machine.process(1);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (region, data) = (machine.region(), machine.data());
            let mut random = 0x2545_F491_4F6C_DD1D_u64;
            while !stop.load(Ordering::Relaxed) {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                let word = if random & 7 == 0 { random >> 8 } else { random >> 50 };
                match random >> 60 {
                    0..8 => data.hint((random >> 20) & 8184, word),
                    8 => region.hint(HEAD, word & !7),
                    9 => region.hint(OLDEST, word & !7),
                    10 => region.hint32(EVENT, word as u32),
                    11 => region.hint32(LOCK, 0),
                    _ => {}
                }
            }
        });
        for _ in 0..10_000 {
            let _ = use_all(&channel);
        }
        stop.store(true, Ordering::Relaxed);
    });
}
