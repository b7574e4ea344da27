//! Mutexes: the next waiter acquires it, with `owner_died` set once if the last owner died with it.

use crate::machine::Machine;
use crate::subject::{Case, Inspection, Subject, case};
use shmkit_object::waiter::{Polled, WaitCondition};
use shmkit_primitives::mutex::{Held, Mutex, MutexOptions, PendingLock};
use std::io;
use std::sync::Arc;

type Handle = Arc<Mutex>;

impl Subject for Handle {
    type Options = ();
    /// Whether the next owner's `owner_died` is set.
    type State = bool;

    fn machine(_options: ()) -> io::Result<Machine> {
        Machine::with_kind::<Mutex>(&MutexOptions::default())
    }

    fn attach(machine: &Machine, slot: u32) -> Handle {
        machine.attach(slot)
    }

    fn for_child(&self) -> Handle {
        self.clone()
    }

    /// Starts a wait, if the mutex is held.
    fn prepare_observer(&self) {
        if self.is_locked() {
            assert!(wait(self, false).is_none(), "no owner has died yet");
        }
    }

    /// Keeps the mutex: if this process dies as well, that has to be reported too.
    fn recover(&self) {
        wait(self, true).expect("its owner is dead");
    }

    fn inspect(&self) -> Result<Inspection<bool>, String> {
        let was_locked = self.is_locked();
        let first = wait(self, true).ok_or("the next waiter does not acquire it")?;
        if was_locked && !first.owner_died {
            return Err("the next owner's owner_died is not set".into());
        }
        self.unlock();
        let second = wait(self, true).ok_or("it is not acquired a second time")?;
        self.unlock();
        if second.owner_died {
            return Err("owner_died is set twice".into());
        }
        if second.token <= first.token {
            return Err(format!("token {} comes after {}", second.token, first.token));
        }
        Ok(Inspection { state: first.owner_died, recoveries: was_locked.into() })
    }
}

fn lock(mutex: &Handle) {
    mutex.try_lock().expect("it is open").expect("it is free");
}

/// Polls as a waiter does, with or without checking the owner.
fn wait(mutex: &Handle, check_owners: bool) -> Option<Held> {
    let mut pending = PendingLock::new(mutex.clone());
    match pending.poll(check_owners) {
        Polled::Done => pending.into_held(),
        _ => None,
    }
}

fn locked(mutex: &Handle) {
    lock(mutex);
}

fn abandoned(mutex: &Handle) {
    lock(mutex);
    mutex.abandon();
}

fn free(_mutex: &Handle) {}

/// Every change of a mutex.
pub const CASES: &[Case<Handle>] = &[
    case("mutex: lock", (), free, lock),
    case("mutex: try for a waiter", (), free, |mutex| {
        wait(mutex, true).expect("it is free");
    }),
    case("mutex: lock what was abandoned", (), abandoned, lock),
    case("mutex: unlock and wake", (), locked, |mutex| mutex.unlock()),
    case("mutex: abandon and wake", (), locked, |mutex| mutex.abandon()),
];
