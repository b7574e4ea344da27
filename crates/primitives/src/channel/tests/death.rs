//! Death at every store of a poster, and of the poster that takes over from it.

use super::fixture::*;
use crate::channel::{Channel, Message, Start};
use shmkit_object::crash::{CrashPlan, arm, stores};
use shmkit_testkit::MirroredImage;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

const NEW: [u8; 700] = [9; 700];

fn post_new(channel: &Channel) {
    channel.post(Message { kind: 5, bytes: &NEW }, Duration::from_secs(1)).unwrap();
}

/// A channel in which the next message makes others give way, and runs past the end of the ring.
struct Stage {
    machine: Machine,
    victim: Arc<Channel>,
    /// Has heard nothing of what is in the ring.
    slow: Subscriber,
    /// Has heard everything.
    current: Subscriber,
    posted: u64,
    image: MirroredImage,
    stores: u64,
}

impl Stage {
    fn set(messages: u64) -> Stage {
        let machine = Machine::new();
        let victim = machine.process(1);
        for number in 0..messages {
            machine.post(&victim, &vec![number as u8; 50 + number as usize * 13 % 200]);
        }
        let slow = Subscriber::of(&victim, Start::Oldest);
        let current = Subscriber::now(&victim);
        let image = machine.image();
        arm(CrashPlan::default());
        post_new(&victim);
        let stores = stores();
        Stage { machine, victim, slow, current, posted: messages, image, stores }
    }

    /// Posts under a plan. Returns whether the poster survived.
    fn run(&self, plan: CrashPlan) -> bool {
        self.machine.dead.clear();
        self.machine.restore(&self.image);
        arm(plan);
        let survived = catch_unwind(AssertUnwindSafe(|| post_new(&self.victim))).is_ok();
        arm(CrashPlan::default());
        self.machine.dead.add(1);
        survived
    }

    /// Checks what subscribers hear after a death, and that the next message comes directly after. Returns whether the
    /// message of the dead poster is there.
    fn check(&self) -> bool {
        let next = self.machine.process(2);
        let (mut slow, mut current) = (self.slow.through(&next), self.current.through(&next));
        let early = current.all();
        let sequence = self.machine.post(&next, b"next");
        let late = current.all();
        let heard = [early.clone(), late].concat();
        let is_there = !early.is_empty();
        assert_eq!(sequence, self.posted + 1 + u64::from(is_there), "there is no hole and no number twice");
        assert_eq!(heard.len(), 1 + usize::from(is_there));
        assert!(heard.iter().all(|message| message.missed == 0));
        if is_there {
            assert_eq!((early[0].kind, &early[0].bytes[..]), (5, &NEW[..]));
        }
        assert_eq!(
            (heard[heard.len() - 1].sequence, &heard[heard.len() - 1].bytes[..]),
            (sequence, &b"next"[..])
        );
        let mut last = slow.clone().next(1).first().map_or(0, |first| first.sequence - first.missed - 1);
        let started_after = last;
        let mut heard_or_missed = 0;
        for message in slow.all() {
            assert_eq!(message.sequence, last + 1 + message.missed);
            let number = message.sequence - 1;
            if number < self.posted {
                assert_eq!(message.bytes, vec![number as u8; 50 + number as usize * 13 % 200]);
            }
            last = message.sequence;
            heard_or_missed += 1 + message.missed;
        }
        assert_eq!((last, heard_or_missed), (sequence, sequence - started_after));
        is_there
    }
}

#[test]
fn death_at_any_store_leaves_the_whole_message_or_none_and_no_hole() {
    for messages in [0, 3, 40, 41, 60] {
        let stage = Stage::set(messages);
        let mut found = Vec::new();
        for at in 0..stage.stores {
            assert!(!stage.run(CrashPlan { die_at: Some(at), skip: None }));
            found.push(stage.check());
        }
        assert!(found.is_sorted(), "one store makes the difference: {found:?}");
        assert!(stage.run(CrashPlan::default()));
        assert!(stage.check());
        println!("{messages} messages: {} deaths", stage.stores);
    }
}

#[test]
fn death_of_the_poster_that_takes_over_leaves_no_hole_either() {
    let stage = Stage::set(60);
    for at in 0..stage.stores {
        for again in 0..30 {
            stage.run(CrashPlan { die_at: Some(at), skip: None });
            let second = stage.machine.process(3);
            let mut witness = stage.current.through(&second);
            let heard = witness.all().len() as u64;
            arm(CrashPlan { die_at: Some(again), skip: None });
            let survived = catch_unwind(AssertUnwindSafe(|| post_new(&second))).is_ok();
            arm(CrashPlan::default());
            stage.machine.dead.add(3);
            let last = stage.machine.post(&stage.machine.process(4), b"last");
            let after = witness.all();
            assert!(after.iter().all(|message| message.missed == 0));
            assert_eq!(last, stage.posted + heard + after.len() as u64);
            assert!(!survived || after.len() == 2);
            if survived {
                break;
            }
        }
    }
}

#[test]
fn omitting_any_store_is_detected() {
    let stage = Stage::set(60);
    for skip in 0..stage.stores {
        let detected = catch_unwind(AssertUnwindSafe(|| {
            assert!(stage.run(CrashPlan { die_at: None, skip: Some(skip) }));
            stage.machine.dead.clear();
            // A lock that is still held would make the next poster wait for a living one.
            stage.machine.process(4).post(Message { kind: 3, bytes: b"" }, SOON).unwrap();
            stage.machine.restore(&stage.image);
            arm(CrashPlan { die_at: None, skip: Some(skip) });
            post_new(&stage.victim);
            arm(CrashPlan::default());
            assert!(stage.check());
        }));
        assert!(detected.is_err(), "store {skip} is not missed");
    }
}
