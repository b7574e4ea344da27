//! A queue in memory of this process, and any number of simulated processes on it.

use crate::queue::cell::{JobState, LINKED_BYTES};
use crate::queue::file::FORMAT;
use crate::queue::job::Job;
use crate::queue::list::{Heap, List};
use crate::queue::{ClaimAttempt, ClaimedJob, JobId, JobValue, LOCK_TIMEOUT, Queue, QueueOptions, layout};
use shmkit_object::crash::{CrashPlan, arm};
use shmkit_object::error::Error;
use shmkit_object::lifecycle::Kind;
use shmkit_object::lock::word::LockWord;
use shmkit_object::membership::{Membership, Participant, participant_at};
use shmkit_object::region::Region;
use shmkit_testkit::{DeadSlots, Heap as Memory, superblock_for};
use std::sync::Arc;
use std::time::Duration;

/// No delay.
pub(super) const NOW: Duration = Duration::ZERO;

/// A simulated machine: one queue whose jobs may be handed out three times, and the list of dead processes.
pub(super) struct Machine {
    pub memory: Arc<Memory>,
    pub dead: DeadSlots,
}

impl Machine {
    /// Creates a machine with a queue of the smallest size.
    pub(super) fn new() -> Machine {
        Machine::with_options(QueueOptions::default())
    }

    /// Creates a machine with a queue that has these options, of the smallest size unless they have another.
    pub(super) fn with_options(options: QueueOptions) -> Machine {
        let size = options.size.or(options.max_size.is_none().then_some(64 << 10));
        let options = QueueOptions { size, max_attempts: Some(3), ..options };
        let params = Queue::create_params(&options).unwrap();
        arm(CrashPlan::default());
        let memory = Memory::new(params.size as usize);
        superblock_for(&params).format(&Region::new(memory.clone()), &FORMAT);
        Machine { memory, dead: DeadSlots::default() }
    }

    /// Attaches a process whose pid is its slot.
    pub(super) fn process(&self, slot: u32) -> Arc<Queue> {
        let mut membership = Membership::attach(self.region(), &FORMAT, Box::new(self.dead.clone())).unwrap();
        membership.register(slot, slot, 0);
        let queue = Queue::new(membership).unwrap();
        queue.recover_slot();
        Arc::new(queue)
    }

    pub(super) fn region(&self) -> Region {
        Region::new(self.memory.clone())
    }

    /// Stores a lock word that names the participant last registered in a slot.
    pub(super) fn lock(&self, slot: u32) {
        self.lock_at(layout::LOCK, slot);
    }

    /// Stores a lock word elsewhere.
    pub(super) fn lock_at(&self, at: u64, slot: u32) {
        let generation = self.region().load32(participant_at(slot));
        self.region().store32(at, LockWord::held_by(Participant { slot, generation }).0);
    }

    /// Waits until a claimer has announced that it is about to sleep.
    pub(super) fn wait_for_a_sleeper(&self) {
        while self.region().load32(layout::EVENT) >> 31 == 0 {
            std::thread::yield_now();
        }
    }

    /// Checks that everything that follows from the jobs does, and that every cell is a job's, or free, or unused.
    pub(super) fn verify(&self) {
        let queue = self.process(900);
        let used = queue.membership.region.load32(layout::USED_CELLS);
        let (mut cells, mut counts, mut jobs) = (0, [0; 6], 0);
        for link in 1..=used {
            let job = Job::of(&queue, link).unwrap();
            let Some(state) = job.word().state() else { continue };
            (cells, jobs) = (cells + 1, jobs + 1);
            job.each_further_cell(|_| {
                cells += 1;
                Ok(())
            })
            .unwrap();
            counts[state as usize] += 1;
            assert_eq!(queue.find(&job.id().unwrap()).unwrap().unwrap().link, link);
        }
        assert_eq!(cells + queue.free_cells(), queue.known_cells(), "no cell is lost");
        let lists = [(List::ready(&queue), JobState::Ready), (List::dead(&queue), JobState::Dead)];
        for (list, state) in lists {
            assert_eq!(list.links().unwrap().len(), counts[state as usize], "{state:?}");
        }
        assert_eq!(Heap::returned(&queue).length() as usize, counts[JobState::Returned as usize]);
        assert_eq!(Heap::delayed(&queue).length() as usize, counts[JobState::Delayed as usize]);
        let claims = (0..1024).map(|slot| List::claims(&queue, slot).links().unwrap().len()).sum::<usize>();
        assert_eq!(claims, counts[JobState::Claimed as usize]);
        assert_eq!(queue.membership.region.load(layout::JOBS), 2 * jobs);
        assert!(!queue.wipes || self.is_wiped(&queue), "a free cell holds something");
    }

    /// Returns whether nothing is left in free cells of what was in them.
    fn is_wiped(&self, queue: &Queue) -> bool {
        let region = self.region();
        let is_empty = |link: u32| {
            let mut bytes = Vec::new();
            region.copy_out(queue.at(link).unwrap() + 8, LINKED_BYTES, &mut bytes);
            bytes.iter().all(|byte| *byte == 0)
        };
        let mut is_free = vec![true; queue.known_cells() as usize + 1];
        for link in 1..=region.load32(layout::USED_CELLS) {
            let job = Job::of(queue, link).unwrap();
            if job.word().state().is_some() {
                is_free[link as usize] = false;
                job.each_further_cell(|link| {
                    is_free[link as usize] = false;
                    Ok(())
                })
                .unwrap();
                assert!(job.is_inline_value_wiped(), "a value that was replaced is in the first cell");
            }
        }
        (1..=queue.known_cells()).filter(|link| is_free[*link as usize]).all(is_empty)
    }
}

impl Job<'_> {
    /// Returns whether the first cell has nothing of a value that was replaced by one in other cells.
    fn is_inline_value_wiped(&self) -> bool {
        self.unused_inline_bytes().is_none_or(|bytes| bytes.iter().all(|byte| *byte == 0))
    }
}

/// Returns an id.
pub(super) fn text(text: &str) -> JobId {
    JobId::new(text.as_bytes(), false).unwrap()
}

pub(super) fn value(bytes: &[u8]) -> JobValue<'_> {
    JobValue { kind: 1, bytes }
}

/// Pushes a job for which there must be room.
pub(super) fn push(queue: &Queue, bytes: &[u8]) -> JobId {
    queue.push(value(bytes), NOW, None).unwrap().unwrap()
}

/// Claims a job, if there is one.
pub(super) fn claim(queue: &Queue) -> Option<ClaimedJob> {
    match queue.try_claim(Some(LOCK_TIMEOUT)).unwrap() {
        ClaimAttempt::Claimed(job) => Some(*job),
        ClaimAttempt::Empty => None,
        ClaimAttempt::Busy => panic!("the lock was waited for"),
    }
}

/// Pushes jobs of 500 bytes until one is refused. Returns how many were stored, and why the last one was not.
pub(super) fn push_until_full(queue: &Queue) -> (usize, Error) {
    let mut pushed = 0;
    loop {
        match queue.push(value(&[1; 500]), NOW, None) {
            Ok(_) => pushed += 1,
            Err(error) => return (pushed, error),
        }
    }
}
