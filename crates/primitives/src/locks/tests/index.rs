//! The lists of the table against the rules and against a rebuild, under random changes.

use super::{World, lock_request};
use crate::locks::record::{RequestRecord, StateWord};
use crate::locks::{
    LockRequest, LockTable, Mode, PendingLock, RequestId, RequestOutcome, RequestState, file,
};
use shmkit_object::waiter::WaitCondition;
use std::collections::BTreeSet;
use std::sync::Arc;

const CAPACITY: u32 = 12;
const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Everything that is derived: the lists from both ends, the free records, the counts.
#[derive(Debug, PartialEq)]
struct Derived {
    queues: Vec<Vec<u32>>,
    reversed: Vec<Vec<u32>>,
    free: BTreeSet<u32>,
    owner_died: u32,
    requests: Vec<u64>,
}

fn list<'t>(
    table: &'t LockTable,
    at: u64,
    step: fn(RequestRecord<'t>) -> Option<RequestRecord<'t>>,
) -> Vec<u32> {
    table.walk(table.record(0).link(at), step).map(|record| record.index).collect()
}

fn derived(table: &LockTable) -> Derived {
    let region = &table.membership.region;
    let ends: Vec<u64> = table.layout.buckets().map(|bucket| table.layout.bucket_at(bucket)).collect();
    let reverse = |mut list: Vec<u32>| {
        list.reverse();
        list
    };
    Derived {
        queues: ends.iter().map(|at| list(table, *at, RequestRecord::next)).collect(),
        reversed: ends.iter().map(|at| reverse(list(table, at + 4, RequestRecord::previous))).collect(),
        free: list(table, file::FREE_LIST, RequestRecord::next).into_iter().collect(),
        owner_died: region.load32(file::OWNER_DIED_COUNT),
        requests: (1..8).map(|slot| region.load(file::request_count_at(slot)) & 0xFFFF_FFFF).collect(),
    }
}

/// Asserts that the lists are right, and that each name's requests are granted as the rules say.
fn check(table: &LockTable, step: &str) {
    let lists = derived(table);
    assert_eq!(lists.queues, lists.reversed, "{step}");
    table.rebuild();
    assert_eq!(derived(table), lists, "{step}");
    let before = states(table);
    table.grant_all();
    assert_eq!(states(table), before, "{step}: a request was not granted");
    for name in NAMES {
        let name = lock_request(name, Mode::Shared).name;
        let words: Vec<StateWord> = table.queue(&name).map(RequestRecord::word).collect();
        let held: Vec<&StateWord> = words.iter().filter(|word| word.state() == RequestState::Held).collect();
        let exclusive = held.iter().filter(|word| word.mode() == Mode::Exclusive).count();
        assert!(exclusive == 0 || held.len() == 1, "{step}: {words:?}");
        let is_pending = |word: &&StateWord| word.state() == RequestState::Pending;
        let first_pending = words.iter().position(|word| is_pending(&word)).unwrap_or(words.len());
        assert!(words[first_pending..].iter().all(|word| is_pending(&word)), "{step}: {words:?}");
    }
}

fn states(table: &LockTable) -> Vec<u64> {
    (0..CAPACITY).map(|index| table.record(index).word().0).collect()
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % bound
    }
}

#[test]
fn lists_and_grants_are_right_after_any_sequence_of_changes() {
    for seed in 1..60_u64 {
        let world = World::new(CAPACITY);
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut tables: Vec<Arc<LockTable>> = (1..5).map(|slot| world.process(slot)).collect();
        let mut made: Vec<(usize, RequestId)> = Vec::new();
        for number in 0..300 {
            let process = random.below(tables.len());
            let table = tables[process].clone();
            let mode = if random.below(2) == 0 { Mode::Shared } else { Mode::Exclusive };
            let action = random.below(12);
            let what = format!("seed {seed}, step {number}, action {action}");
            match action {
                0..6 => {
                    let mut wanted = lock_request(NAMES[random.below(NAMES.len())], mode);
                    wanted.if_available = action == 4;
                    wanted.steal = action == 5;
                    request(&table, &wanted, process, &mut made);
                }
                6..11 if !made.is_empty() => {
                    let (process, id) = made.swap_remove(random.below(made.len()));
                    let table = &tables[process];
                    match action {
                        6..9 => drop(table.release(id)),
                        9 => drop(table.abandon(id)),
                        _ => drop(PendingLock::new(table.clone(), id)),
                    }
                }
                11 => {
                    world.dead.add(process as u32 + 1);
                    made.retain(|(owner, _)| *owner != process);
                    tables[(process + 1) % tables.len()].recover_dead();
                    world.dead.clear();
                    tables[process] = world.process(process as u32 + 1);
                }
                _ => {}
            }
            check(&tables[0], &what);
        }
    }
}

fn request(table: &LockTable, wanted: &LockRequest, process: usize, made: &mut Vec<(usize, RequestId)>) {
    match table.request(wanted) {
        Ok(RequestOutcome::Held(id, _) | RequestOutcome::Pending(id)) => made.push((process, id)),
        Ok(RequestOutcome::Unavailable) => assert!(wanted.if_available),
        Err(error) => assert_eq!(error.code(), "ERR_SHM_FULL"),
    }
}

#[test]
fn a_waiter_learns_which_of_its_requests_have_changed() {
    let world = World::new(64);
    let (one, two) = (world.process(1), world.process(2));
    let held: Vec<RequestId> = (0..20).map(|_| super::ask(&one, "a", Mode::Exclusive)).collect();
    let waiting: Vec<RequestId> = (0..20).map(|_| super::ask(&two, "a", Mode::Exclusive)).collect();
    let condition = PendingLock::new(two.clone(), waiting[0]);
    let word = || {
        let (region, at) = condition.wait_word();
        region.load32(at)
    };
    let seen = word();
    held.into_iter().for_each(|request| drop(one.release(request)));
    assert_eq!(condition.changed_topics(seen), Some((word(), vec![waiting[0].index.into()])));
    waiting[..3].iter().for_each(|request| drop(two.release(*request)));
    let topics = |ids: &[RequestId]| ids.iter().rev().map(|id| u64::from(id.index)).collect::<Vec<_>>();
    assert_eq!(condition.changed_topics(seen), Some((word(), topics(&waiting[..4]))));
    waiting[3..10].iter().for_each(|request| drop(two.release(*request)));
    assert_eq!(condition.changed_topics(seen), None);
    drop(condition);
}

#[test]
fn hostile_links_end_every_walk() {
    let world = World::new(8);
    let table = world.process(1);
    let requests: Vec<RequestId> = (0..4).map(|_| super::ask(&table, "a", Mode::Shared)).collect();
    let region = &table.membership.region;
    let bucket = table.layout.bucket_at(table.layout.bucket_of(lock_request("a", Mode::Shared).name.hash()));
    let record = table.layout.record_at(requests[1].index);
    for at in [
        bucket,
        bucket + 4,
        record + file::NEXT,
        record + file::PREVIOUS,
        file::FREE_LIST,
        file::HIGHEST_SLOT,
    ] {
        for hostile in [0, 1, 2, 3, 9, u32::MAX] {
            let before = region.load32(at);
            region.store32(at, hostile);
            let _ = table.request(&lock_request("a", Mode::Exclusive)).map(|outcome| match outcome {
                RequestOutcome::Held(id, _) | RequestOutcome::Pending(id) => drop(table.release(id)),
                RequestOutcome::Unavailable => {}
            });
            region.store32(at, before);
            region.store32(file::BUSY, 1);
            table.recover_dead();
        }
    }
    assert!(requests.iter().all(|request| table.state_of(*request).0 == RequestState::Held));
}
