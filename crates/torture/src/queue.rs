//! Queues: no job is lost or there twice, and what the dead had claimed comes back first.

use crate::machine::Machine;
use crate::subject::{Case, Inspection, Subject, case};
use shmkit_object::lock::is_abandoned;
use shmkit_primitives::queue::{
    ClaimAttempt, ClaimedJob, JobId, JobValue, LOCK_TIMEOUT, Queue, QueueOptions, QueueStats,
};
use std::io;
use std::sync::Arc;
use std::time::Duration;

const NOW: Duration = Duration::ZERO;
/// Never due in a run.
const LATER: Duration = Duration::from_secs(1 << 30);

type Handle = Arc<Queue>;

/// The queue of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Has all of its memory from the beginning.
    Fixed,
    /// The same, and overwrites what leaves it.
    Wiping,
    /// Takes memory when it needs it.
    Growing,
}

/// Everything that users can see of a queue, except who holds the claims.
#[derive(Debug, PartialEq)]
pub struct State {
    /// Id, value and attempts of the jobs, as they are handed out.
    ready: Vec<(String, Vec<u8>, u32)>,
    dead: Vec<(String, Vec<u8>, u32)>,
    delayed: u32,
    pushed: u64,
    done: u64,
    failed: u64,
}

impl Subject for Handle {
    type Options = Form;
    type State = State;

    fn machine(form: Form) -> io::Result<Machine> {
        let options = QueueOptions {
            size: Some(64 << 10),
            max_size: (form == Form::Growing).then_some(256 << 10),
            max_attempts: Some(2),
            wipe: Some(form == Form::Wiping),
            ..QueueOptions::default()
        };
        Machine::with_kind::<Queue>(&options)
    }

    fn attach(machine: &Machine, slot: u32) -> Handle {
        machine.attach(slot)
    }

    fn for_child(&self) -> Handle {
        self.clone()
    }

    fn forget(&self) {
        self.learn_anew();
    }

    fn recover(&self) {
        stats(self);
    }

    fn inspect(&self) -> Result<Inspection<State>, String> {
        let recoveries = u64::from(is_abandoned(&**self));
        let QueueStats { ready, delayed, claimed, dead, pushed, done, failed, .. } = stats(self);
        if claimed != 0 {
            return Err(format!("the dead have {claimed} claims"));
        }
        let described = |job: &ClaimedJob| {
            (String::from_utf8_lossy(&job.id.bytes).into(), job.bytes.clone(), job.attempts)
        };
        let numbers = self.dead().map_err(|error| error.to_string())?;
        let copies =
            numbers.into_iter().map(|job| self.dead_job(job).ok().flatten().ok_or("a dead job is gone"));
        let copies = copies.collect::<Result<Vec<_>, _>>()?;
        let mut state = State {
            ready: vec![],
            dead: copies.iter().map(described).collect(),
            delayed,
            pushed,
            done,
            failed,
        };
        while let Some(job) = try_claim(self) {
            state.ready.push(described(&job));
            self.done(job.claim).map_err(|error| error.to_string())?;
        }
        if (state.ready.len(), state.dead.len()) != (ready as usize, dead as usize) {
            return Err(format!("{ready} jobs are said to be ready, {dead} dead: {state:?}"));
        }
        push(self, "echo", b"from the next one");
        match try_claim(self) {
            Some(job) if job.bytes == b"from the next one" => Ok(Inspection { state, recoveries }),
            other => Err(format!("the claimed job is not the one pushed: {other:?}")),
        }
    }

    /// A victim that has claimed a job and not ended the claim leaves one attempt more.
    fn is_acceptable(_form: Form, before: &State, _after: &State, found: &State) -> bool {
        found.but_attempts() == before.but_attempts()
    }
}

impl State {
    /// Returns the same without attempts.
    fn but_attempts(&self) -> impl PartialEq {
        let named = |jobs: &[(String, Vec<u8>, u32)]| -> Vec<_> {
            jobs.iter().map(|(id, value, _)| (id.clone(), value.clone())).collect()
        };
        (named(&self.ready), named(&self.dead), [self.delayed.into(), self.pushed, self.done, self.failed])
    }
}

fn stats(queue: &Handle) -> QueueStats {
    queue.stats().expect("the lock can be acquired")
}

fn id(text: &str) -> JobId {
    JobId::new(text.as_bytes(), false).expect("a short id")
}

fn push_later(queue: &Handle, name: &str, bytes: &[u8], delay: Duration) {
    let pushed = queue.push(JobValue { kind: 1, bytes }, delay, Some(&id(name)));
    assert!(pushed.expect("there is space").is_some(), "the id is free");
}

fn push(queue: &Handle, name: &str, bytes: &[u8]) {
    push_later(queue, name, bytes, NOW);
}

fn try_claim(queue: &Handle) -> Option<ClaimedJob> {
    match queue.try_claim(Some(LOCK_TIMEOUT)).expect("the lock can be acquired") {
        ClaimAttempt::Claimed(job) => Some(*job),
        ClaimAttempt::Empty => None,
        ClaimAttempt::Busy => panic!("the lock was waited for"),
    }
}

fn claim(queue: &Handle) -> ClaimedJob {
    try_claim(queue).expect("a job is ready")
}

/// Leaves one job dead, one delayed, and three ready: long, short, long.
fn prepared(queue: &Handle) {
    push(queue, "dead", &[4; 300]);
    (0..2).for_each(|_| queue.fail(claim(queue).claim, NOW).expect("it is claimed"));
    push(queue, "long", &[1; 500]);
    push(queue, "short", b"two");
    push(queue, &"with a long id ".repeat(10), &[3; 200]);
    push_later(queue, "later", b"later", LATER);
}

/// Leaves almost no room in what a queue that grows has taken.
fn filled(queue: &Handle) {
    prepared(queue);
    push(queue, "filler", &[5; 140 * 120 - 8]);
    let space = queue.space().expect("it is not retired");
    assert!(space.taken <= 64 << 10, "it has not grown so far");
}

/// Ends the claim of the first job that is ready, which a case has claimed before.
fn end(queue: &Handle, work: impl FnOnce(&Queue, &ClaimedJob)) {
    let job = claim(queue);
    work(queue, &job);
}

/// Every change of a queue.
pub const CASES: &[Case<Handle>] = &[
    case("queue: push the first", Form::Fixed, |_| (), |queue| push(queue, "new", b"new")),
    case("queue: push", Form::Fixed, prepared, |queue| push(queue, "new", b"new")),
    case("queue: push a long one", Form::Fixed, prepared, |queue| push(queue, &"id".repeat(60), &[7; 700])),
    case("queue: push and grow", Form::Growing, filled, |queue| push(queue, &"id".repeat(60), &[7; 700])),
    case("queue: push with a delay", Form::Fixed, prepared, |queue| {
        push_later(queue, "new", b"new", LATER / 2)
    }),
    case("queue: claim", Form::Fixed, prepared, |queue| drop(claim(queue))),
    case("queue: claim and end", Form::Fixed, prepared, |queue| {
        end(queue, |queue, job| queue.done(job.claim).expect("it is claimed"));
    }),
    case("queue: claim and wipe", Form::Wiping, prepared, |queue| {
        end(queue, |queue, job| queue.done(job.claim).expect("it is claimed"));
    }),
    case("queue: claim and fail", Form::Fixed, prepared, |queue| {
        end(queue, |queue, job| queue.fail(job.claim, NOW).expect("it is claimed"));
    }),
    case("queue: claim and fail with a delay", Form::Fixed, prepared, |queue| {
        end(queue, |queue, job| queue.fail(job.claim, LATER).expect("it is claimed"));
    }),
    case("queue: claim and update", Form::Fixed, prepared, |queue| {
        let value = JobValue { kind: 1, bytes: &[8; 400] };
        end(queue, |queue, job| queue.update(job.claim, value).expect("there is space"));
    }),
    case("queue: update and wipe", Form::Wiping, prepared, |queue| {
        let value = JobValue { kind: 1, bytes: b"short" };
        end(queue, |queue, job| queue.update(job.claim, value).expect("there is space"));
    }),
    case("queue: retry", Form::Fixed, prepared, |queue| {
        assert!(queue.retry(&id("dead")).expect("the lock can be acquired"), "it is dead");
    }),
    case("queue: discard", Form::Fixed, prepared, |queue| {
        assert!(queue.discard(&id("dead")).expect("the lock can be acquired"), "it is dead");
    }),
];
