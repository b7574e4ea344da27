//! Semaphores: permits are neither lost nor doubled, and with holders those of dead processes come back.

use crate::machine::Machine;
use crate::subject::{Case, Inspection, Subject, case};
use shmkit_object::waiter::{Polled, WaitCondition};
use shmkit_primitives::semaphore::{PendingAcquire, Semaphore, SemaphoreOptions};
use std::io;
use std::sync::Arc;

const INITIAL: u32 = 20;
/// Permits that the victim holds at the start, so that there are always some to come back.
const HELD: u32 = 3;
/// More than there will ever be.
const TOO_MANY: u32 = 100;

type Handle = Arc<Semaphore>;

impl Subject for Handle {
    /// With holders.
    type Options = bool;
    /// The available permits.
    type State = u32;

    fn machine(holders: bool) -> io::Result<Machine> {
        let options = SemaphoreOptions { initial: INITIAL, holders, ..SemaphoreOptions::default() };
        Machine::with_kind::<Semaphore>(&options)
    }

    fn attach(machine: &Machine, slot: u32) -> Handle {
        machine.attach(slot)
    }

    fn for_child(&self) -> Handle {
        self.clone()
    }

    /// Holds a permit that must not come back.
    fn prepare_observer(&self) {
        take(self, 1);
    }

    fn recover(&self) {
        self.value().expect("the lock can be acquired");
    }

    /// Checks that all permits can be acquired, and no more.
    fn inspect(&self) -> Result<Inspection<u32>, String> {
        let text = |error: shmkit_object::error::Error| error.to_string();
        let left = self.available();
        let value = self.value().map_err(text)?;
        let mut all = PendingAcquire::new(self.clone(), value);
        match all.poll(true) {
            Polled::Done => all.keep(),
            other => return Err(format!("{value} permits cannot be acquired: {other:?}")),
        }
        if self.try_acquire(1).map_err(text)? {
            return Err(format!("there are more than {value} permits"));
        }
        let state = self.release(value).map_err(text)?;
        Ok(Inspection { state, recoveries: u64::from(left != state) })
    }
}

fn take(semaphore: &Handle, n: u32) {
    assert!(semaphore.try_acquire(n).expect("it is open"), "there are enough");
}

fn give(semaphore: &Handle, n: u32) {
    semaphore.release(n).expect("they are not too many");
}

fn holding(semaphore: &Handle) {
    take(semaphore, HELD);
}

/// A waiter may be asleep.
fn awaited(semaphore: &Handle) {
    holding(semaphore);
    wait(semaphore, TOO_MANY);
}

/// Polls as a waiter does, which sets the waiters bit on failure.
fn wait(semaphore: &Handle, n: u32) {
    let mut pending = PendingAcquire::new(semaphore.clone(), n);
    if let Polled::Done = pending.poll(false) {
        pending.keep();
    }
}

const PLAIN: bool = false;
const HOLDERS: bool = true;

/// Every change of a semaphore.
pub const CASES: &[Case<Handle>] = &[
    case("semaphore: acquire", PLAIN, holding, |semaphore| take(semaphore, 2)),
    case("semaphore: try for a waiter", PLAIN, awaited, |semaphore| wait(semaphore, 2)),
    case("semaphore: begin to wait", PLAIN, holding, |semaphore| wait(semaphore, TOO_MANY)),
    case("semaphore: release", PLAIN, holding, |semaphore| give(semaphore, 2)),
    case("semaphore: release and wake", PLAIN, awaited, |semaphore| give(semaphore, 2)),
    case("semaphore with holders: acquire", HOLDERS, holding, |semaphore| take(semaphore, 2)),
    case("semaphore with holders: try for a waiter", HOLDERS, awaited, |semaphore| wait(semaphore, 2)),
    case("semaphore with holders: release", HOLDERS, holding, |semaphore| give(semaphore, 2)),
    case("semaphore with holders: release more than held", HOLDERS, holding, |semaphore| give(semaphore, 5)),
    case("semaphore with holders: release and wake", HOLDERS, awaited, |semaphore| give(semaphore, HELD)),
];
