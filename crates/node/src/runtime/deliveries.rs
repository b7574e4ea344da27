//! Finished waits on their way from the waiter thread to the thread of their copy.

use napi::sys;
use shmkit_object::waiter::{Completion, Outcome, WaitCondition};
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Finished waits that their thread has not fetched yet.
#[derive(Default)]
pub struct Deliveries(Mutex<Inbox>);

#[derive(Default)]
struct Inbox {
    finished: Vec<Finished>,
    /// Invariant: not null only as long as Node-API has not finalized it, which takes this lock.
    function: Function,
}

/// A finished wait; without an end, a confirmation.
pub struct Finished {
    /// Its ticket.
    pub ticket: u64,
    /// What it waited for, and how it ended.
    pub end: Option<(Box<dyn WaitCondition>, Outcome)>,
}

/// A thread-safe function, or null.
#[derive(Default)]
pub struct Function(pub sys::napi_threadsafe_function);

// SAFETY: a thread-safe function may be called from any thread, as long as it is not finalized.
unsafe impl Send for Function {}

impl std::fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deliveries").finish_non_exhaustive()
    }
}

impl Deliveries {
    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the function that makes the thread fetch, which is not null.
    pub fn start(&self, function: Function) {
        self.inbox().function = function;
    }

    /// Returns the function.
    pub fn function(&self) -> sys::napi_threadsafe_function {
        self.inbox().function.0
    }

    /// Takes out what has finished.
    pub fn take(&self) -> Vec<Finished> {
        std::mem::take(&mut self.inbox().finished)
    }

    fn put(&self, finished: Finished) {
        let mut inbox = self.inbox();
        if inbox.function.0.is_null() {
            // What was acquired is released without holding the lock.
            drop(inbox);
            drop(finished);
            return;
        }
        inbox.finished.push(finished);
        if inbox.finished.len() == 1 {
            let mode = sys::ThreadsafeFunctionCallMode::nonblocking;
            // SAFETY: not null, so not finalized, and it cannot be while the inbox is locked.
            unsafe { sys::napi_call_threadsafe_function(inbox.function.0, ptr::null_mut(), mode) };
        }
    }

    /// Ends all deliveries. Returns the function.
    pub fn close(&self) -> Function {
        let (function, finished) = {
            let mut inbox = self.inbox();
            (std::mem::take(&mut inbox.function), std::mem::take(&mut inbox.finished))
        };
        // What was acquired is released without holding the lock.
        drop(finished);
        function
    }
}

impl Completion for Deliveries {
    fn complete(&self, ticket: u64, condition: Box<dyn WaitCondition>, outcome: Outcome) {
        self.put(Finished { ticket, end: Some((condition, outcome)) });
    }

    fn flushed(&self, ticket: u64) {
        self.put(Finished { ticket, end: None });
    }
}
