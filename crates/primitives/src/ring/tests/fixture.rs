//! A ring in memory of this process, its bytes mapped twice, and any number of simulated processes on it.

use crate::ring::file::{FORMAT, OPTION_WIPE, parameters};
use crate::ring::layout::{self, Cursor, HEAD_BYTES};
use crate::ring::{EndAttempt, Received, Ring, RingEnd, end_lock};
use shmkit_object::crash::{CrashPlan, arm, stores};
use shmkit_object::lock::word::LockWord;
use shmkit_object::membership::{Membership, participant_at};
use shmkit_object::region::{Memory, Region};
use shmkit_object::superblock::{StoredName, Superblock};
use shmkit_os::map;
use shmkit_testkit::{DeadSlots, Heap, Twice};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A simulated machine: one ring, and the list of dead processes.
pub(super) struct Machine {
    pub heap: Arc<Heap>,
    pub twice: Arc<Twice>,
    pub dead: DeadSlots,
}

/// All bytes of a machine.
#[derive(Clone, PartialEq)]
pub(super) struct Image(Vec<u8>, Vec<u8>);

impl Machine {
    /// Creates a machine with a ring of one page.
    pub(super) fn new() -> Machine {
        Machine::with_options(0)
    }

    /// Creates a machine with a ring whose received messages are overwritten.
    pub(super) fn wiping() -> Machine {
        Machine::with_options(OPTION_WIPE)
    }

    fn with_options(options: u64) -> Machine {
        let size = map::page_size();
        let heap = Heap::new(HEAD_BYTES as usize);
        let superblock = Superblock {
            size: HEAD_BYTES,
            parameters: parameters(size as u64, HEAD_BYTES),
            features: [0; 5],
            options,
            persist: false,
            owned: false,
            hash_key: [0; 16],
            name: StoredName::EMPTY,
            boot_id: [0; 16],
            time_namespace: 0,
            segment_id: 1,
            created: 1,
        };
        arm(CrashPlan::default());
        superblock.format(&Region::new(heap.clone()), &FORMAT);
        let twice = Twice::new(size);
        Machine { heap, twice, dead: DeadSlots::default() }
    }

    /// Attaches a process whose pid is its slot.
    pub(super) fn process(&self, slot: u32) -> Arc<Ring> {
        let mut membership = Membership::attach(self.region(), &FORMAT, Box::new(self.dead.clone())).unwrap();
        membership.register(slot, slot, 0);
        let ring = Ring::new(membership, self.data(), Cursor::new(self.size()));
        end_lock::recover_slot(&ring);
        Arc::new(ring)
    }

    /// Returns the bytes of the ring.
    pub(super) fn size(&self) -> u64 {
        self.twice.len() as u64 / 2
    }

    pub(super) fn region(&self) -> Region {
        Region::new(self.heap.clone())
    }

    pub(super) fn data(&self) -> Region {
        Region::new(self.twice.clone())
    }

    /// Returns whether all bytes of the ring are 0.
    pub(super) fn is_wiped(&self) -> bool {
        self.image().1.iter().all(|byte| *byte == 0)
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

    pub(super) fn image(&self) -> Image {
        let mut bytes = Vec::new();
        self.data().copy_out(0, self.size() as usize, &mut bytes);
        Image(self.heap.image(), bytes)
    }

    pub(super) fn restore(&self, image: &Image) {
        self.heap.restore(&image.0);
        arm(CrashPlan::default());
        self.data().copy_in(0, &image.1);
    }
}

/// Receives all messages, up to `most`.
pub(super) fn receive_all(ring: &Ring, most: usize) -> Vec<Vec<u8>> {
    let (mut target, mut lengths) = (vec![0; 8192], vec![0; most]);
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
