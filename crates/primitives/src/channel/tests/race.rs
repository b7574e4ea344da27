//! Posters and subscribers at the same time: no message is torn, and none is lost uncounted.

use super::fixture::*;
use crate::channel::Start;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const EACH: u64 = if cfg!(debug_assertions) { 20_000 } else { 200_000 };

#[test]
fn no_message_is_torn_or_lost_uncounted_while_others_post() {
    let machine = Machine::new();
    let ended = AtomicBool::new(false);
    let post = |slot: u32| {
        let channel = machine.process(slot);
        for number in 0..EACH {
            let word = number << 8 | u64::from(slot);
            machine.post(&channel, &word.to_le_bytes().repeat(1 + (number % 90) as usize));
        }
    };
    let listen = |slot: u32, start: Start| {
        let mut subscriber = Subscriber::of(&machine.process(slot), start);
        let (mut last, mut heard, mut missed, mut next) = (0, 0, 0, [0; 3]);
        loop {
            let is_last = ended.load(Ordering::Acquire);
            let messages = subscriber.next(1 + (heard % 50) as usize);
            if messages.is_empty() && is_last {
                return (last, heard, missed);
            }
            for message in messages {
                let is_next = message.sequence == last + 1 + message.missed;
                assert!(is_next || heard == 0, "in order, and none lost uncounted");
                let (word, _) = message.bytes.split_first_chunk::<8>().unwrap();
                assert!(message.bytes.chunks(8).all(|chunk| chunk == word), "whole");
                let (from, number) = (usize::from(word[0]), u64::from_le_bytes(*word) >> 8);
                assert!(next[from] <= number, "each poster's in its order");
                next[from] = number + 1;
                last = message.sequence;
                (heard, missed) = (heard + 1, missed + message.missed);
            }
        }
    };
    std::thread::scope(|scope| {
        let listeners: Vec<_> = (3..6).map(|slot| scope.spawn(move || listen(slot, Start::Oldest))).collect();
        let posters: Vec<_> = (1..3).map(|slot| scope.spawn(move || post(slot))).collect();
        posters.into_iter().for_each(|poster| poster.join().unwrap());
        ended.store(true, Ordering::Release);
        for listener in listeners {
            let (last, heard, missed) = listener.join().unwrap();
            assert_eq!(last, 2 * EACH);
            assert!(heard + missed <= last);
        }
    });
}

#[test]
fn a_subscriber_that_a_poster_outruns_before_each_read_finds_no_damage() {
    const READS: u64 = 300_000;
    let machine = Machine::new();
    let (heard, position) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let listener = scope.spawn(|| {
            let channel = machine.process(2);
            let mut subscriber = Subscriber::of(&channel, Start::Oldest);
            let mut missed = 0;
            while heard.load(Ordering::Relaxed) < READS {
                let ring = channel.stats().unwrap().capacity / 200;
                // The next message has given way by then.
                while channel.stats().unwrap().posted < position.load(Ordering::Relaxed) + 2 * ring {
                    std::hint::spin_loop();
                }
                // If it panics, the poster must not go on.
                let outcome = catch_unwind(AssertUnwindSafe(|| subscriber.next(1)));
                heard.fetch_add(if outcome.is_ok() { 1 } else { READS }, Ordering::Relaxed);
                let message = outcome.unwrap().remove(0);
                missed += message.missed;
                position.store(message.sequence, Ordering::Relaxed);
            }
            missed
        });
        let channel = machine.process(1);
        let mut posted = 0;
        while heard.load(Ordering::Relaxed) < READS {
            machine.post(&channel, &[1; 200]);
            posted += 1;
        }
        let missed = listener.join().unwrap();
        assert!(missed > READS && missed + READS <= posted, "{missed} missed of {posted}");
    });
}
