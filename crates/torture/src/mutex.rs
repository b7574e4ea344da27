//! Mutexes: the next one gets it, and is told once if the last owner died inside.

use crate::machine::Machine;
use crate::subject::{Case, Found, Subject, case};
use shmkit_object::waiter::{Polled, WaitCondition};
use shmkit_primitives::mutex::{Held, Locking, Mutex, MutexOptions};
use std::io;
use std::sync::Arc;

type Handle = Arc<Mutex>;

impl Subject for Handle {
    type Options = ();
    /// Whether the next owner is told.
    type State = bool;

    fn machine(_options: ()) -> io::Result<Machine> {
        Machine::of::<Mutex>(&MutexOptions::default())
    }

    fn attach(machine: &Machine, slot: u32) -> Handle {
        machine.attach(slot)
    }

    fn again(&self) -> Handle {
        self.clone()
    }

    /// One that waits, if it is held.
    fn stand_by(&self) {
        if self.is_locked() {
            assert!(wait(self, false).is_none(), "nobody has died yet");
        }
    }

    /// It keeps it: if it dies as well, that is to be told as well.
    fn recover(&self) {
        wait(self, true).expect("its owner is dead");
    }

    fn inspect(&self) -> Result<Found<bool>, String> {
        let was_locked = self.is_locked();
        let first = wait(self, true).ok_or("the next one does not get it")?;
        if was_locked && !first.owner_died {
            return Err("the next owner is not told".into());
        }
        self.unlock();
        let second = wait(self, true).ok_or("nobody gets it a second time")?;
        self.unlock();
        if second.owner_died {
            return Err("the death is told twice".into());
        }
        if second.token <= first.token {
            return Err(format!("token {} comes after {}", second.token, first.token));
        }
        Ok(Found { state: first.owner_died, recoveries: was_locked.into() })
    }
}

fn lock(mutex: &Handle) {
    mutex.try_lock().expect("it is open").expect("it is free");
}

/// As a waiter tries, with or without a look at the owner.
fn wait(mutex: &Handle, check_owners: bool) -> Option<Held> {
    let mut locking = Locking::new(mutex.clone());
    match locking.poll(check_owners) {
        Polled::Done => locking.keep(),
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
