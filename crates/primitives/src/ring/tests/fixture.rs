//! A ring in memory of this process, its bytes mapped twice, and any number of simulated processes on it.

use crate::ring::file::FORMAT;
use crate::ring::layout::{self, Cursor, HEAD_BYTES};
use crate::ring::{EndAttempt, Received, Ring, RingEnd, RingOptions};
use shmkit_object::crash::{CrashPlan, arm, stores};
use shmkit_object::lifecycle::Kind;
use shmkit_object::lock::word::LockWord;
use shmkit_object::membership::{Membership, participant_at};
use shmkit_testkit::{DeadSlots, MirroredFile, MirroredImage, superblock_for};
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A simulated machine: one ring, and the list of dead processes.
pub(super) struct Machine {
    file: MirroredFile,
    pub dead: DeadSlots,
}

impl Machine {
    /// Creates a machine with a ring of one page.
    pub(super) fn new() -> Machine {
        Machine::with_options(RingOptions::default())
    }

    /// Creates a machine with a ring whose received messages are overwritten.
    pub(super) fn wiping() -> Machine {
        Machine::with_options(RingOptions { wipe: Some(true), ..RingOptions::default() })
    }

    fn with_options(options: RingOptions) -> Machine {
        let file = MirroredFile::new(HEAD_BYTES);
        let options = RingOptions { size: Some(file.size()), ..options };
        arm(CrashPlan::default());
        superblock_for(&Ring::create_params(&options).unwrap()).format(&file.region(), &FORMAT);
        Machine { file, dead: DeadSlots::default() }
    }

    /// Attaches a process whose pid is its slot.
    pub(super) fn process(&self, slot: u32) -> Arc<Ring> {
        let mut membership = Membership::attach(self.region(), &FORMAT, Box::new(self.dead.clone())).unwrap();
        membership.register(slot, slot, 0);
        let ring = Ring::new(membership, self.data(), Cursor::new(self.size()));
        ring.recover_slot();
        Arc::new(ring)
    }

    /// Returns whether all bytes of the ring are 0.
    pub(super) fn is_wiped(&self) -> bool {
        self.image().data.iter().all(|byte| *byte == 0)
    }

    /// Stores a lock word that names the participant last registered in a slot.
    pub(super) fn lock(&self, end: RingEnd, slot: u32) {
        let generation = self.region().load32(participant_at(slot));
        let word = LockWord::held_by(shmkit_object::membership::Participant { slot, generation });
        let at = if end == RingEnd::Send { layout::SEND_LOCK } else { layout::RECEIVE_LOCK };
        self.region().store32(at, word.0);
    }

    /// Moves both ends of the empty ring to a few bytes before the position at which they restart.
    pub(super) fn move_to_the_last_lap(&self) {
        let last = (1_u64 << 62) / self.size() * self.size() - 800;
        for at in [layout::HEAD, layout::TAIL] {
            self.region().store(at, last);
        }
    }

    pub(super) fn tail(&self) -> u64 {
        self.region().load(layout::TAIL)
    }

    /// Waits until a receiver has announced that it is about to sleep.
    pub(super) fn wait_for_a_sleeper(&self) {
        while self.region().load32(layout::READABLE) == 0 {
            std::thread::yield_now();
        }
    }

    /// Sends a message and dies at the store that would clear the sleepers' flag.
    pub(super) fn die_before_notifying(sender: &Ring) {
        // The number of stores is counted on another machine, so that this one stays as it is.
        let elsewhere = Machine::new();
        elsewhere.region().store32(layout::READABLE, 1 << 31);
        let other = elsewhere.process(1);
        arm(CrashPlan::default());
        other.send(&[b"x"], None).unwrap();
        let notify = stores() - 1;
        arm(CrashPlan { die_at: Some(notify), skip: None });
        assert!(catch_unwind(AssertUnwindSafe(|| sender.send(&[b"x"], None))).is_err());
        arm(CrashPlan::default());
    }

    /// Puts an image back, with this thread alive.
    pub(super) fn restore(&self, image: &MirroredImage) {
        arm(CrashPlan::default());
        self.file.restore(image);
    }
}

impl Deref for Machine {
    type Target = MirroredFile;

    fn deref(&self) -> &MirroredFile {
        &self.file
    }
}

/// Receives all messages, up to `most`.
pub(super) fn receive_all(ring: &Ring, most: usize) -> Vec<Vec<u8>> {
    let (mut target, mut lengths) = (vec![0; 2 * ring.longest() as usize], vec![0; most]);
    match ring.receive(&mut target, &mut lengths, None).unwrap() {
        EndAttempt::Done(Received::Messages(count)) => {
            let mut rest = &target[..];
            lengths[..count]
                .iter()
                .map(|length| rest.split_off(..*length as usize).unwrap().to_vec())
                .collect()
        }
        other => panic!("{other:?}"),
    }
}
