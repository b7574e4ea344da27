//! Queues that grow.

use super::fixture::*;
use crate::queue::{Queue, QueueOptions, layout};
use shmkit_object::error::Error;
use shmkit_object::lifecycle::{Kind, OptionMismatch};
use shmkit_object::superblock::{COMMITTED_PAGES, GROWER, GROWN};

fn growing(max_size: u64) -> Machine {
    let sizes = QueueOptions { size: Some(64 << 10), max_size: Some(max_size), ..QueueOptions::default() };
    Machine::with_options(sizes)
}

fn name(number: u32) -> crate::queue::JobId {
    text(&format!("job {number}"))
}

#[test]
fn a_queue_grows_for_all_processes_and_finds_every_id() {
    let machine = growing(4 << 20);
    let processes = [1, 2, 3].map(|slot| machine.process(slot));
    let first = processes[0].known_cells();
    for number in 0..5000 {
        let queue = &processes[number as usize % 3];
        assert!(queue.push(value(&[1; 60]), NOW, Some(&name(number))).unwrap().is_some());
        let earlier = name(number / 2);
        let other = &processes[(number as usize + 1) % 3];
        assert!(other.push(value(b"again"), NOW, Some(&earlier)).unwrap().is_none(), "{number}");
    }
    assert!(first < 200 && processes[0].known_cells() > 10_000);
    let region = machine.region();
    assert!(region.load(GROWN) > 10 && region.load(GROWN) < 100, "{}", region.load(GROWN));
    let buckets = region.load32(layout::BUCKETS) + 1;
    assert!((4000..=10_000).contains(&buckets), "{buckets} buckets");
    machine.verify();
    for number in 0..5000 {
        let job = claim(&processes[2]).unwrap();
        assert_eq!(job.id, name(number));
        processes[2].done(job.claim).unwrap();
    }
    machine.verify();
}

#[test]
fn a_queue_that_has_taken_its_maximum_is_full_and_says_so() {
    let machine = growing(256 << 10);
    let queue = machine.process(1);
    let (pushed, full) = push_until_full(&queue);
    assert!(matches!(full, Error::Full { .. }) && full.to_string().contains("maxSize of 262144"), "{full}");
    assert!(pushed > 200, "{pushed}");
    assert_eq!(queue.known_cells(), queue.geometry.cells);
    assert!(matches!(queue.push(value(&[1; 300_000]), NOW, None), Err(Error::TooLarge { .. })));
    let job = claim(&queue).unwrap();
    assert!(matches!(queue.update(job.claim, value(&[1; 30_000])), Err(Error::Full { .. })));
    queue.done(job.claim).unwrap();
    push(&queue, &[2; 500]);
    assert_eq!(std::iter::from_fn(|| claim(&queue)).count(), pushed);
    machine.verify();
}

#[test]
fn a_new_value_makes_the_queue_grow() {
    let machine = growing(1 << 20);
    let queue = machine.process(1);
    push(&queue, b"small");
    let job = claim(&queue).unwrap();
    queue.update(job.claim, value(&[7; 200_000])).unwrap();
    queue.abandon(job.claim).unwrap();
    assert_eq!(claim(&machine.process(2)).unwrap().bytes, [7; 200_000]);
    machine.verify();
}

#[test]
fn a_rebuild_finds_the_jobs_of_all_cells_that_others_took() {
    let machine = growing(1 << 20);
    let (rebuilder, grower) = (machine.process(1), machine.process(2));
    (0..1000).for_each(|number| drop(grower.push(value(b"v"), NOW, Some(&name(number))).unwrap()));
    assert!(rebuilder.known_cells() < grower.known_cells());
    machine.region().store(layout::JOBS, 1);
    assert_eq!(rebuilder.stats().unwrap().ready, 1000);
    assert_eq!(machine.region().load32(layout::BUCKETS) + 1, 1000);
    machine.verify();
}

#[test]
fn the_lock_of_a_dead_grower_is_taken_over() {
    let machine = growing(1 << 20);
    let (dead, queue) = (machine.process(1), machine.process(2));
    push(&dead, b"v");
    machine.lock_at(GROWER, 1);
    machine.dead.add(1);
    queue.push(value(&[7; 200_000]), NOW, None).unwrap();
    assert_eq!(machine.region().load32(GROWER), 0);
}

#[test]
fn calls_return_when_the_words_of_a_growing_queue_are_hostile() {
    std::panic::set_hook(Box::new(|_| {}));
    let machine = growing(256 << 10);
    let queue = machine.process(1);
    (0..5).for_each(|size| drop(push(&queue, &vec![1; size * 100])));
    claim(&queue);
    let image = machine.memory.image();
    let words = [COMMITTED_PAGES, GROWER, layout::USED_CELLS, layout::FREE_CELLS, layout::BUCKETS];
    for (at, word) in words.into_iter().flat_map(|at| super::hostile::WORDS.map(|word| (at, word))) {
        machine.memory.restore(&image);
        machine.dead.clear();
        machine.region().store(at, word);
        super::hostile::check(&machine);
    }
}

#[test]
fn options_of_growing_queues_are_checked_and_compared() {
    let params =
        |size, max_size| Queue::create_params(&QueueOptions { size, max_size, ..QueueOptions::default() });
    assert!(matches!(params(Some(1 << 20), Some(1 << 17)), Err(Error::OutOfRange(_))));
    assert!(matches!(params(None, Some(100)), Err(Error::OutOfRange(_))));
    assert!(params(None, None).unwrap().size > 900 << 20);
    let machine = growing(1 << 20);
    let compare = |size, max_size| {
        let mut mismatch = OptionMismatch::default();
        let asked = QueueOptions { size, max_size, ..QueueOptions::default() };
        machine.process(1).compare(&asked, &mut mismatch);
        format!("{mismatch:?}")
    };
    assert_eq!(compare(Some(64 << 10), Some((1 << 20) - 5)), "OptionMismatch([])");
    let differing = compare(Some(1 << 20), Some(2 << 20));
    assert!(differing.contains("size is 65536") && differing.contains("maxSize is 1048576"), "{differing}");
}
