//! Pending waits of one JavaScript thread, which do not block it.
//!
//! The engine's waiter thread polls. What it acquires is queued here, and a thread-safe function makes this thread
//! fetch the whole queue at once. JavaScript knows each wait by its ticket. A wait that JavaScript has given up is no
//! longer found here, and dropping it releases what it acquired.

use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use crate::runtime::state::State;
use napi::sys;
use shmkit_object::error::Error;
use shmkit_object::waiter::{self, Completion, Outcome, Pending, WaitCondition};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Makes the JavaScript value of a successful wait. The handle may be closed by then.
pub type Settle = for<'s> fn(Js<'s>, &State, u32, Box<dyn Any>) -> Result<Local<'s>, Failure<'s>>;

/// A pending wait.
#[derive(Clone, Copy, Debug)]
struct Wait {
    handle: u32,
    settle: Settle,
}

/// The pending waits of one thread.
#[derive(Debug, Default)]
pub struct Waits {
    pending: RefCell<HashMap<u64, Wait>>,
    deliveries: RefCell<Option<Arc<Deliveries>>>,
    /// The JavaScript function that takes results.
    receiver: Cell<Option<sys::napi_ref>>,
}

/// Finished waits that their thread has not fetched yet.
#[derive(Default)]
struct Deliveries(Mutex<Inbox>);

#[derive(Default)]
struct Inbox {
    finished: Vec<Finished>,
    /// Invariant: not null only as long as Node-API has not finalized it, which takes this lock.
    function: Function,
}

/// A finished wait; without an end, a confirmation.
struct Finished {
    ticket: u64,
    end: Option<(Box<dyn WaitCondition>, Outcome)>,
}

#[derive(Default)]
struct Function(sys::napi_threadsafe_function);

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

    /// Ends all deliveries, with the environment.
    fn close(&self) {
        let finished = {
            let mut inbox = self.inbox();
            inbox.function = Function::default();
            std::mem::take(&mut inbox.finished)
        };
        drop(finished);
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

impl Waits {
    /// Passes results to this function from now on.
    pub fn set_receiver<'s>(&self, js: Js<'s>, receiver: Local<'s>) -> Result<(), Failure<'s>> {
        self.receiver.set(Some(js.reference(receiver)?));
        Ok(())
    }

    /// Starts a wait and returns its ticket.
    pub fn start<'s>(
        &self,
        js: Js<'s>,
        state: *const State,
        handle: u32,
        condition: Box<dyn WaitCondition>,
        timeout: Option<Duration>,
        settle: Settle,
    ) -> Result<f64, Failure<'s>> {
        let completion = self.deliveries(js, state)?;
        let ticket = waiter::next_ticket();
        let deadline = waiter::deadline_after(timeout);
        waiter::start(Pending { ticket, condition, deadline, completion })?;
        self.pending.borrow_mut().insert(ticket, Wait { handle, settle });
        Ok(ticket as f64)
    }

    /// Cancels a wait. Harmless if it has ended.
    pub fn cancel(&self, ticket: u64) {
        if self.pending.borrow_mut().remove(&ticket).is_some() {
            waiter::cancel(ticket);
        }
    }

    /// Requests a confirmation after all present waiters have been polled. Returns its ticket, 0 if there never was a
    /// waiter.
    pub fn confirm(&self) -> f64 {
        let Some(completion) = self.deliveries.borrow().clone() else { return 0.0 };
        let ticket = waiter::next_ticket();
        waiter::flush(ticket, completion);
        ticket as f64
    }

    /// Cancels all waits, with the environment.
    pub fn end(&self) {
        for (ticket, _) in self.pending.take() {
            waiter::cancel(ticket);
        }
        if let Some(deliveries) = self.deliveries.take() {
            deliveries.close();
        }
    }

    /// Makes pending waits keep the process alive, or not.
    pub fn keep_alive<'s>(&self, js: Js<'s>, on: bool) {
        let deliveries = self.deliveries.borrow();
        let Some(deliveries) = &*deliveries else { return };
        let function = deliveries.inbox().function.0;
        if function.is_null() {
            return;
        }
        type Change = unsafe fn(sys::napi_env, sys::napi_threadsafe_function) -> sys::napi_status;
        let change: Change =
            if on { sys::napi_ref_threadsafe_function } else { sys::napi_unref_threadsafe_function };
        // SAFETY: J1; only this thread finalizes the function, so it has not been finalized.
        let status = unsafe { change(js.raw(), function) };
        debug_assert_eq!(status, sys::Status::napi_ok);
    }

    fn deliveries<'s>(&self, js: Js<'s>, state: *const State) -> Result<Arc<Deliveries>, Failure<'s>> {
        let mut slot = self.deliveries.borrow_mut();
        if let Some(deliveries) = &*slot {
            return Ok(deliveries.clone());
        }
        let deliveries = Arc::new(Deliveries::default());
        let name = js.text("shmkit")?;
        let mut function = ptr::null_mut();
        let finalize_data = Arc::into_raw(deliveries.clone());
        // SAFETY: J1 and J2; the finalizer's data stays valid until `finalize`, and the context, the
        // state, until the environment is gone.
        let status = unsafe {
            sys::napi_create_threadsafe_function(
                js.raw(),
                ptr::null_mut(),
                ptr::null_mut(),
                name.raw(),
                0,
                1,
                finalize_data.cast_mut().cast(),
                Some(finalize),
                state.cast_mut().cast(),
                Some(fetch),
                &mut function,
            )
        };
        if status != sys::Status::napi_ok {
            // SAFETY: made with `into_raw` above, and not taken over by the failed call.
            drop(unsafe { Arc::from_raw(finalize_data) });
            return Err(Failure::node_api(status));
        }
        deliveries.inbox().function = Function(function);
        // SAFETY: J1; it was just made.
        unsafe { sys::napi_unref_threadsafe_function(js.raw(), function) };
        *slot = Some(deliveries.clone());
        Ok(deliveries)
    }

    /// Passes all finished waits to JavaScript, in one array of ticket, whether it failed, and value or error in turn.
    fn fetch<'s>(&self, js: Js<'s>, state: &State) -> Result<(), Failure<'s>> {
        let finished = match &*self.deliveries.borrow() {
            Some(deliveries) => std::mem::take(&mut deliveries.inbox().finished),
            None => return Ok(()),
        };
        let (array, mut length) = (js.array()?, 0);
        for Finished { ticket, end } in finished {
            let (failed, value) = if let Some((condition, outcome)) = end {
                let Some(wait) = self.pending.borrow_mut().remove(&ticket) else { continue };
                match result(js, state, wait, condition, outcome) {
                    Ok(value) => (false, value),
                    Err(failure) => (true, failure.describe(js, state)?),
                }
            } else {
                (false, js.undefined()?)
            };
            for part in [js.number(ticket as f64)?, js.boolean(failed)?, value] {
                js.put(array, length, part)?;
                length += 1;
            }
        }
        let Some(receiver) = self.receiver.get() else { return Ok(()) };
        if length > 0 {
            js.call(js.referenced(receiver)?, &[array])?;
        }
        Ok(())
    }
}

fn result<'s>(
    js: Js<'s>,
    state: &State,
    wait: Wait,
    condition: Box<dyn WaitCondition>,
    outcome: Outcome,
) -> Result<Local<'s>, Failure<'s>> {
    match outcome {
        Outcome::Done => (wait.settle)(js, state, wait.handle, condition),
        Outcome::TimedOut => js.undefined(),
        Outcome::Failed(error) => Err(Error::into(error)),
    }
}

/// Called on the environment's thread after the waiter thread has queued something.
unsafe extern "C" fn fetch(
    env: sys::napi_env,
    _function: sys::napi_value,
    context: *mut c_void,
    _data: *mut c_void,
) {
    if env.is_null() {
        return;
    }
    // SAFETY: Node-API calls it on the environment's thread, in a scope, with the environment alive.
    let js = unsafe { Js::from_raw(env) };
    // SAFETY: the context is the state, which lives until the environment is gone.
    let state = unsafe { &*context.cast_const().cast::<State>() };
    let fetched = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| state.waits.fetch(js, state)));
    match fetched {
        Ok(Ok(())) => {}
        Ok(Err(failure)) => failure.throw(js, state),
        Err(payload) => Failure::panic(&*payload).throw(js, state),
    }
}

/// Called once, when the thread-safe function is finalized with the environment.
unsafe extern "C" fn finalize(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: made with `into_raw` in `deliveries`, for this one call.
    let deliveries = unsafe { Arc::from_raw(data.cast_const().cast::<Deliveries>()) };
    deliveries.close();
}
