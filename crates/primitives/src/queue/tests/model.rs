//! Random calls of several processes, some of which die, compared with a model.

use super::fixture::*;
use crate::queue::{ClaimedJob, Queue};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}

/// The jobs as they should be, by their ids.
#[derive(Default)]
struct Model {
    ready: VecDeque<(u64, u32)>,
    returned: BTreeMap<u64, u32>,
    dead: Vec<u64>,
    last: u64,
}

impl Model {
    fn give_back(&mut self, id: u64, attempts: u32) {
        if attempts >= 3 {
            self.dead.push(id);
        } else {
            self.returned.insert(id, attempts);
        }
    }
}

fn id_of(job: &ClaimedJob) -> u64 {
    String::from_utf8(job.id.bytes.clone()).unwrap().parse().unwrap()
}

#[test]
fn random_calls_and_deaths_agree_with_a_model() {
    for seed in 1..20 {
        run(seed);
    }
}

fn run(seed: u64) {
    let (mut random, machine, mut model) = (Random(seed * 0x9E37_79B9), Machine::new(), Model::default());
    let mut processes: Vec<(u32, Arc<Queue>, Vec<ClaimedJob>)> =
        (1..4).map(|slot| (slot, machine.process(slot), Vec::new())).collect();
    for _ in 0..400 {
        let chosen = random.below(3) as usize;
        let (slot, queue, held) = &mut processes[chosen];
        let job = (!held.is_empty()).then(|| random.below(held.len() as u64) as usize);
        match (random.below(12), job) {
            (0..4, _) => {
                if queue.push(value(&vec![seed as u8; random.below(300) as usize]), NOW, None).is_ok() {
                    model.last += 1;
                    model.ready.push_back((model.last, 0));
                } else {
                    model.last = queue.membership.region.load(crate::queue::layout::LAST_NUMBER);
                }
            }
            (4..8, _) => {
                let expected = match model.returned.pop_first() {
                    Some(returned) => Some(returned),
                    None => model.ready.pop_front(),
                };
                let found = claim(queue);
                let seen = found.as_ref().map(|job| (id_of(job), job.attempts));
                assert_eq!(seen, expected.map(|(id, attempts)| (id, attempts + 1)), "seed {seed}");
                held.extend(found);
            }
            (8 | 9, Some(job)) => queue.done(held.swap_remove(job).claim).unwrap(),
            (10, Some(job)) => {
                let job = held.swap_remove(job);
                queue.fail(job.claim, NOW).unwrap();
                match job.attempts {
                    3 => model.dead.push(id_of(&job)),
                    attempts => model.ready.push_back((id_of(&job), attempts)),
                }
            }
            (11, _) => {
                machine.dead.add(*slot);
                held.drain(..).for_each(|job| model.give_back(id_of(&job), job.attempts));
                processes[chosen] = (*slot + 3, machine.process(*slot + 3), Vec::new());
                // A claimer checks for dead ones once a millisecond while there are ready jobs.
                processes[chosen].1.stats().unwrap();
            }
            _ => {}
        }
    }
    machine.verify();
    let stats = processes[0].1.stats().unwrap();
    assert_eq!(stats.dead as usize, model.dead.len());
    assert_eq!(stats.ready as usize, model.ready.len() + model.returned.len());
}
