//! Death at every store of every operation, and of the process that recovers from it.

use super::fixture::*;
use crate::queue::{ClaimId, JobId, Queue, QueueOptions, QueueStats};
use shmkit_object::crash::{CrashPlan, arm, stores};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// An hour: never due in a test.
const LATER: Duration = Duration::from_secs(3600);

/// What a process holds when it starts an operation: claims of jobs 1 and 2.
type Held = [ClaimId; 2];

/// An operation of the victim.
struct Scenario {
    name: &'static str,
    operate: fn(&Queue, Held),
}

static SCENARIOS: [Scenario; 15] = [
    Scenario { name: "push", operate: |queue, _| drop(push(queue, b"new")) },
    Scenario { name: "push a long one", operate: |queue, _| drop(push(queue, &[7; 700])) },
    Scenario {
        name: "push more than there is room for",
        operate: |queue, _| drop(push(queue, &[7; 18_000])),
    },
    Scenario {
        name: "push with a long id",
        operate: |queue, _| {
            queue.push(value(&[7; 300]), NOW, Some(&text(&"id".repeat(60)))).unwrap();
        },
    },
    Scenario {
        name: "push with a delay",
        operate: |queue, _| drop(queue.push(value(b"new"), LATER / 2, None).unwrap()),
    },
    Scenario {
        name: "push an id that is there",
        operate: |queue, _| assert!(queue.push(value(b"new"), NOW, Some(&text("3"))).unwrap().is_none()),
    },
    Scenario { name: "claim", operate: |queue, _| drop(claim(queue)) },
    Scenario { name: "done", operate: |queue, [first, _]| queue.done(first).unwrap() },
    Scenario { name: "done with a long one", operate: |queue, [_, second]| queue.done(second).unwrap() },
    Scenario { name: "fail", operate: |queue, [_, second]| queue.fail(second, NOW).unwrap() },
    Scenario { name: "fail with a delay", operate: |queue, [first, _]| queue.fail(first, LATER).unwrap() },
    Scenario {
        name: "update",
        operate: |queue, [first, second]| {
            queue.update(first, value(&[8; 400])).unwrap();
            queue.update(second, value(b"short")).unwrap();
        },
    },
    Scenario { name: "release", operate: |queue, _| assert!(queue.release(&text("1")).unwrap()) },
    Scenario { name: "retry", operate: |queue, _| assert!(queue.retry(&text("dead")).unwrap()) },
    Scenario { name: "discard", operate: |queue, _| assert!(queue.discard(&text("dead")).unwrap()) },
];

/// Everything that can be seen of the jobs: their values, by id, and where they are.
type Jobs = BTreeMap<String, (Vec<u8>, &'static str)>;

struct Stage {
    machine: Machine,
    victim: Arc<Queue>,
    held: Held,
    image: Vec<u8>,
    stores: u64,
    before: Seen,
    after: Seen,
}

#[derive(Debug, Clone, PartialEq)]
struct Seen {
    jobs: Jobs,
    pushed: u64,
    done: u64,
    failed: u64,
}

fn name_of(id: &JobId) -> String {
    String::from_utf8(id.bytes.clone()).unwrap()
}

/// Takes everything out of the queue, through another process. Claims of the dead victim count as ready.
fn see(machine: &Machine, slot: u32) -> (Seen, QueueStats) {
    let queue = machine.process(slot);
    let stats = queue.stats().unwrap();
    machine.verify();
    let mut jobs = Jobs::new();
    let mut add = |id: &JobId, bytes: Vec<u8>, place| {
        assert_eq!(jobs.insert(name_of(id), (bytes, place)), None, "no job is there twice");
    };
    for dead in queue.dead().unwrap() {
        let job = queue.dead_job(dead).unwrap().unwrap();
        add(&job.id, job.bytes, "dead");
    }
    let mut last_returned = 0;
    while let Some(job) = claim(&queue) {
        if stats.returned > 0 && job.attempts > 1 {
            let number: u64 = name_of(&job.id).parse().unwrap_or(u64::MAX);
            assert!(number > last_returned || stats.failed > 0, "the oldest one comes back first");
            last_returned = number;
        }
        add(&job.id, job.bytes, "ready");
        queue.done(job.claim).unwrap();
    }
    let delayed = queue.stats().unwrap().delayed;
    jobs.insert("delayed".into(), (vec![delayed as u8], "delayed"));
    machine.verify();
    (Seen { jobs, pushed: stats.pushed, done: stats.done, failed: stats.failed }, stats)
}

impl Stage {
    fn set(scenario: &Scenario, options: QueueOptions) -> Stage {
        let machine = Machine::with_options(options);
        let victim = machine.process(1);
        push(&victim, b"first");
        push(&victim, &[2; 600]);
        (0..3).for_each(|_| drop(push(&victim, b"more")));
        victim.push(value(b"dies"), NOW, Some(&text("dead"))).unwrap();
        victim.push(value(b"later"), LATER, None).unwrap();
        while victim.stats().unwrap().dead == 0 {
            let job = claim(&victim).unwrap();
            match name_of(&job.id).as_str() {
                "dead" => victim.fail(job.claim, NOW).unwrap(),
                _ => victim.unclaim_for_test(job.claim),
            }
            rotate(&victim, &job.id);
        }
        let held = take_two(&victim);
        let image = machine.memory.image();
        arm(CrashPlan::default());
        (scenario.operate)(&victim, held);
        let stores = stores();
        let mut stage = Stage {
            machine,
            victim,
            held,
            image,
            stores,
            before: Seen { jobs: Jobs::new(), pushed: 0, done: 0, failed: 0 },
            after: Seen { jobs: Jobs::new(), pushed: 0, done: 0, failed: 0 },
        };
        stage.run(scenario, CrashPlan { die_at: Some(0), skip: None });
        stage.before = see(&stage.machine, 2).0;
        stage.run(scenario, CrashPlan::default());
        stage.after = see(&stage.machine, 2).0;
        stage
    }

    /// Runs the operation under a plan; the victim is dead afterwards. Returns whether it survived.
    fn run(&self, scenario: &Scenario, plan: CrashPlan) -> bool {
        self.machine.dead.clear();
        self.machine.memory.restore(&self.image);
        self.victim.learn_anew();
        arm(plan);
        let survived = catch_unwind(AssertUnwindSafe(|| (scenario.operate)(&self.victim, self.held))).is_ok();
        arm(CrashPlan::default());
        self.machine.dead.add(1);
        survived
    }

    fn check(&self, context: &str) {
        let (seen, stats) = see(&self.machine, 2);
        let between = self.is_between(&seen);
        assert!(seen == self.before || seen == self.after || between, "{context}: {seen:?}");
        let there = u64::from(stats.ready + stats.delayed + stats.claimed + stats.dead);
        let discarded = u64::from(!seen.jobs.contains_key("dead") && stats.done == self.before.done);
        assert_eq!(stats.pushed, stats.done + there + discarded, "{context}: every job is counted");
    }

    /// Of two updates, only the first may have happened.
    fn is_between(&self, seen: &Seen) -> bool {
        let is_either = |(id, job): (&String, &(Vec<u8>, &str))| {
            self.before.jobs.get(id) == Some(job) || self.after.jobs.get(id) == Some(job)
        };
        let counts = |seen: &Seen| (seen.jobs.len(), seen.pushed, seen.done, seen.failed);
        counts(&self.before) == counts(&self.after)
            && counts(seen) == counts(&self.before)
            && seen.jobs.iter().all(is_either)
    }
}

/// Returns each scenario three times: for a queue of fixed size, for one that wipes, and for one that grows.
fn all_scenarios() -> impl Iterator<Item = (&'static Scenario, QueueOptions)> {
    let fixed = QueueOptions::default();
    let wiping = QueueOptions { wipe: Some(true), ..fixed };
    let growing = QueueOptions { size: Some(64 << 10), max_size: Some(256 << 10), ..wiping };
    SCENARIOS.iter().flat_map(move |scenario| [fixed, wiping, growing].map(|options| (scenario, options)))
}

/// Claims jobs 1 and 2, and leaves all others as they are.
fn take_two(queue: &Queue) -> Held {
    let (mut held, mut others) = (Vec::new(), Vec::new());
    while held.len() < 2 {
        let job = claim(queue).unwrap();
        match name_of(&job.id).as_str() {
            "1" | "2" => held.push((job.id, job.claim)),
            _ => others.push(job.claim),
        }
    }
    others.into_iter().for_each(|claim| queue.unclaim_for_test(claim));
    held.sort_by_key(|(id, _)| name_of(id));
    [held[0].1, held[1].1]
}

/// Lets other jobs than this one come first.
fn rotate(queue: &Queue, id: &JobId) {
    if name_of(id) != "dead" {
        let taken: Vec<_> = std::iter::from_fn(|| claim(queue)).collect();
        for job in taken.into_iter().rev() {
            if name_of(&job.id) == "dead" {
                queue.fail(job.claim, NOW).unwrap();
            } else {
                queue.unclaim_for_test(job.claim);
            }
        }
    }
}

#[test]
fn death_at_any_store_neither_loses_nor_doubles_a_job() {
    for (scenario, options) in all_scenarios() {
        let stage = Stage::set(scenario, options);
        for at in 0..stage.stores {
            let context = format!("{}, death at store {at} of {}", scenario.name, stage.stores);
            assert!(!stage.run(scenario, CrashPlan { die_at: Some(at), skip: None }), "{context}");
            stage.check(&context);
        }
        println!("{}: {} deaths", scenario.name, stage.stores);
    }
}

#[test]
fn death_of_the_process_that_recovers_neither_loses_nor_doubles_a_job() {
    for (scenario, options) in all_scenarios() {
        let stage = Stage::set(scenario, options);
        // Of operations with very many stores, a part of the pairs.
        let (first, second) = ((stage.stores / 40).max(3) as usize, (stage.stores / 40).max(7) as usize);
        for at in (0..stage.stores).step_by(first) {
            for again in (0..10_000).step_by(second) {
                stage.run(scenario, CrashPlan { die_at: Some(at), skip: None });
                let second = catch_unwind(AssertUnwindSafe(|| {
                    arm(CrashPlan { die_at: Some(again), skip: None });
                    stage.machine.process(3).stats().unwrap();
                }));
                arm(CrashPlan::default());
                stage.machine.dead.add(3);
                stage.check(&format!("{}, deaths at stores {at} and {again}", scenario.name));
                if second.is_ok() {
                    break;
                }
            }
        }
    }
}

#[test]
fn omitting_a_store_of_a_commit_or_of_a_lock_is_detected() {
    for (scenario, options) in all_scenarios() {
        let stage = Stage::set(scenario, options);
        let mut missed = 0;
        for skip in 0..stage.stores {
            let detected = catch_unwind(AssertUnwindSafe(|| {
                assert!(stage.run(scenario, CrashPlan { die_at: None, skip: Some(skip) }));
                stage.machine.dead.clear();
                let next = stage.machine.process(4);
                next.push(value(b"probe"), NOW, Some(&text("probe"))).unwrap();
                assert!(next.is_there("probe"));
                stage.machine.dead.add(1);
                stage.machine.verify();
                let (mut seen, _) = see(&stage.machine, 2);
                assert!(seen.jobs.remove("probe").is_some());
                seen.pushed -= 1;
                assert_eq!(seen, stage.after);
            }));
            missed += u64::from(detected.is_ok());
        }
        // Stores of hints, of the intent, and of times that nothing shows may be missing while no process dies.
        assert!(missed < stage.stores * 2 / 3, "{}: {missed} of {}", scenario.name, stage.stores);
    }
}

impl Queue {
    fn unclaim_for_test(&self, claim: ClaimId) {
        self.unclaim(claim).unwrap();
    }

    fn is_there(&self, id: &str) -> bool {
        self.find(&text(id)).unwrap().is_some()
    }
}
