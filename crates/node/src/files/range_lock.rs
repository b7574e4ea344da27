//! Calls of locks on byte ranges of files.

use crate::callback;
use crate::exports::Export;
use crate::files::map::file;
use crate::runtime::call::{Call, Outcome};
use shmkit_os::range_lock::{LockMode, Range, RangeLock};

/// Lists the functions.
pub fn exports() -> Vec<Export> {
    vec![
        ("take", callback!(take)),
        ("release", callback!(release)),
        #[cfg(windows)]
        ("reopen", callback!(reopen)),
    ]
}

/// `take(fd, exclusive, offset, length)`: returns the number of the lock; 0 if part of the range is locked elsewhere.
fn take<'s>(call: &Call<'s>) -> Outcome<'s> {
    let file = file(call, 0)?;
    let mode = if call.flag(1) { LockMode::Exclusive } else { LockMode::Shared };
    let range = Range { offset: call.number(2) as u64, length: call.number(3) as u64 };
    let lock = RangeLock::try_acquire(file, mode, range)?;
    let number = lock.map_or(0, |lock| call.state.locks.borrow_mut().insert(lock));
    call.js.number(f64::from(number)).map(Some)
}

/// `reopen(fd, forWriting)`: opens a file once more; returns a descriptor, for Node.js to close.
#[cfg(windows)]
fn reopen<'s>(call: &Call<'s>) -> Outcome<'s> {
    let fd = shmkit_os::descriptor::reopen(file(call, 0)?, call.flag(1))?;
    call.js.number(f64::from(fd)).map(Some)
}

/// `release(lock)`: releases the lock. Harmless if it is released already.
fn release<'s>(call: &Call<'s>) -> Outcome<'s> {
    let lock = call.state.locks.borrow_mut().remove(call.small(0));
    drop(lock);
    Ok(None)
}
