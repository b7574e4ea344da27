//! Hostile bytes in a queue's file: every call returns, with jobs or with a typed error.

use super::fixture::*;
use crate::queue::{Queue, QueueOptions, layout};
use shmkit_object::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

pub(super) const WORDS: [u64; 10] =
    [0, 1, 5, 4096, 0xFFFF_FFFF, 1 << 32, u64::MAX, u64::MAX - 7, 0x0101_0101_0101_0101, 1 << 62];

fn use_all(queue: &Queue) -> Result<(), Error> {
    queue.push(value(&[3; 200]), NOW, Some(&text("new")))?;
    queue.push(value(b"later"), Duration::from_nanos(1), None)?;
    while let Some(job) = match queue.try_claim(Some(Duration::from_millis(1)))? {
        crate::queue::ClaimAttempt::Claimed(job) => Some(job),
        _ => None,
    } {
        queue.update(job.claim, value(b"other"))?;
        if job.attempts == 2 {
            queue.done(job.claim)?;
        } else {
            queue.fail(job.claim, NOW)?;
        }
    }
    queue.claims()?;
    for dead in queue.dead()? {
        queue.dead_job(dead)?;
    }
    queue.stats().map(drop)
}

/// Uses the queue twice: the second time after it was rebuilt.
pub(super) fn check(machine: &Machine) {
    for _ in 0..2 {
        // A failed check of an offset is a panic, which the addon turns into an error.
        let used = catch_unwind(AssertUnwindSafe(|| use_all(&machine.process(2))));
        if let Ok(Err(error)) = used {
            let codes = [
                "ERR_SHM_CORRUPT",
                "ERR_SHM_LOCK_TIMEOUT",
                "ERR_SHM_FULL",
                "ERR_SHM_TOO_LARGE",
                "ERR_SHM_NOT_CLAIMED",
            ];
            assert!(codes.contains(&error.code()), "{error:?}");
        }
    }
}

#[test]
fn calls_return_when_any_word_of_the_queue_is_hostile() {
    std::panic::set_hook(Box::new(|_| {}));
    let machine = Machine::new();
    let queue = machine.process(1);
    (0..5).for_each(|size| drop(push(&queue, &vec![1; size * 100])));
    claim(&queue);
    let image = machine.memory.image();
    let cells = queue.geometry.cell_at(0)..queue.geometry.cell_at(16);
    let buckets = layout::claims_at(0)..layout::claims_at(4);
    for at in (layout::LOCK..layout::CLAIMED + 200).chain(buckets).chain(cells).filter(|at| at % 8 == 0) {
        for word in WORDS {
            machine.memory.restore(&image);
            machine.dead.clear();
            machine.region().store(at, word);
            check(&machine);
        }
    }
}

#[test]
fn a_chain_that_is_linked_to_itself_takes_no_more_memory_than_the_queue_has() {
    std::panic::set_hook(Box::new(|_| {}));
    let machine = Machine::new();
    let queue = machine.process(1);
    push(&queue, &[1; 400]);
    let image = machine.memory.image();
    // Every word of the first cells, as the link and as the length of a chain that is as long as a length can be.
    for at in (queue.geometry.cell_at(0)..queue.geometry.cell_at(4)).filter(|at| at % 8 == 0) {
        for link in 1..4_u64 {
            machine.memory.restore(&image);
            machine.dead.clear();
            machine.region().store(at, 0xFFFF_FFF0 << 32 | link);
            check(&machine);
        }
    }
}

#[test]
fn lists_of_claims_that_share_their_jobs_are_not_walked_once_for_each_participant() {
    let machine = Machine::new();
    let queue = machine.process(1);
    let other = machine.process(2);
    let jobs = queue.geometry.cells;
    (0..jobs).for_each(|_| drop(push(&queue, b"v")));
    (0..jobs).for_each(|_| drop(claim(&queue).unwrap()));
    assert_eq!(
        other.claims().unwrap().len(),
        jobs as usize,
        "as many claims as there are cells are no damage"
    );
    let list = machine.region().load(layout::claims_at(1));
    (3..1024).for_each(|slot| machine.region().store(layout::claims_at(slot), list));
    assert_eq!(other.claims().map(|rows| rows.len()).unwrap_err().code(), "ERR_SHM_CORRUPT");
    machine.dead.add(1);
    assert_eq!(other.stats().unwrap_err().code(), "ERR_SHM_CORRUPT");
    assert!(other.counts().unwrap().returned <= u64::from(jobs));
    // The next call rebuilds the lists.
    assert_eq!(other.stats().unwrap().claimed, 0);
    machine.verify();
}

#[test]
fn a_damaged_chain_that_all_jobs_share_is_walked_once() {
    let machine = Machine::with_options(QueueOptions { size: Some(32 << 20), ..QueueOptions::default() });
    let queue = machine.process(1);
    let (region, half) = (machine.region(), queue.geometry.cells / 2);
    push(&queue, &vec![1; 120 * half as usize - 8]);
    (0..half - 2).for_each(|_| drop(push(&queue, b"v")));
    // The chain of the first job, which seems to be one cell longer, is that of all others.
    let value = region.load(queue.geometry.cell_at(0) + 64);
    let length_at = queue.at(value as u32).unwrap() + 8;
    region.store(length_at, region.load(length_at) + 120);
    (1..queue.geometry.cells).for_each(|index| {
        let at = queue.geometry.cell_at(index);
        if region.load(at) & 7 != 0 {
            region.store(at + 64, value);
        }
    });
    region.store(layout::JOBS, 1);
    let started = std::time::Instant::now();
    assert_eq!(queue.stats().unwrap().ready, 0, "all jobs are damaged");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    machine.verify();
}
