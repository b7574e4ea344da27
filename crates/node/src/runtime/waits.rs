//! Pending waits of one copy of the package's JavaScript, which do not block its thread.
//!
//! The engine's waiter thread polls. What it acquires is queued here, and a thread-safe function makes this thread
//! fetch the whole queue at once. JavaScript knows each wait by its ticket. While there are waits, the copy is held: their
//! promises may be all that leads to it. After the last one, the thread-safe function goes: it has the asynchronous context
//! of the call that made it, and so what the caller's program keeps there. A wait that JavaScript has given up is no
//! longer found here, and dropping it releases what it acquired.

use crate::runtime::deliveries::{Deliveries, Finished, Function};
use crate::runtime::exit;
use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use crate::runtime::state::State;
use crate::runtime::turn;
use napi::sys;
use shmkit_object::waiter::{self, Outcome, Pending, WaitCondition};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;

/// Makes the JavaScript value of a successful wait. The handle may be closed by then.
pub type Settle = for<'s> fn(Js<'s>, &State, u32, Box<dyn Any>) -> Result<Local<'s>, Failure<'s>>;

/// A pending wait.
#[derive(Clone, Copy, Debug)]
struct Wait {
    handle: u32,
    settle: Settle,
}

/// The pending waits of one copy.
#[derive(Debug, Default)]
pub struct Waits {
    pending: RefCell<HashMap<u64, Wait>>,
    /// Present, and the anchor held, while anything is pending.
    deliveries: RefCell<Option<Arc<Deliveries>>>,
    /// The number of confirmations to come.
    confirming: Cell<usize>,
}

/// What the thread-safe function needs, until it is finalized.
struct Link {
    deliveries: Arc<Deliveries>,
    /// The copy may be gone, and this be called for what it had waited for.
    state: Weak<State>,
}

impl Waits {
    /// Starts a wait and returns its ticket.
    pub fn start<'s>(
        &self,
        js: Js<'s>,
        state: &Rc<State>,
        handle: u32,
        condition: Box<dyn WaitCondition>,
        timeout: Option<Duration>,
        settle: Settle,
    ) -> Result<f64, Failure<'s>> {
        let completion = self.deliveries(js, state)?;
        let ticket = waiter::next_ticket();
        let deadline = waiter::deadline_after(timeout);
        let started = waiter::start(Pending { ticket, condition, deadline, completion });
        if started.is_ok() {
            self.pending.borrow_mut().insert(ticket, Wait { handle, settle });
        }
        self.rest_if_idle(js, state);
        Ok(started.map(|()| ticket as f64)?)
    }

    /// Cancels a wait. Harmless if it has ended.
    pub fn cancel(&self, js: Js<'_>, state: &State, ticket: u64) {
        if self.pending.borrow_mut().remove(&ticket).is_some() {
            waiter::cancel(ticket);
            self.rest_if_idle(js, state);
        }
    }

    /// Requests a confirmation after all present waiters have been polled. Returns its ticket, 0 if there is no waiter.
    pub fn confirm(&self) -> f64 {
        let Some(completion) = self.deliveries.borrow().clone() else { return 0.0 };
        let ticket = waiter::next_ticket();
        waiter::flush(ticket, completion);
        self.confirming.set(self.confirming.get() + 1);
        ticket as f64
    }

    /// Cancels all waits, because the thread ends, or because the copy was collected; only then `env` is given. Returns
    /// whether there were any.
    ///
    /// # Safety
    /// The environment is that of the copy, on its thread, and has not ended.
    pub unsafe fn end(&self, env: Option<sys::napi_env>) -> bool {
        for (ticket, _) in self.pending.take() {
            waiter::cancel(ticket);
        }
        let Some(deliveries) = self.deliveries.take() else { return false };
        let function = deliveries.close();
        if let Some(env) = env {
            // SAFETY: the caller's promise.
            unsafe { release(env, function) };
        }
        true
    }

    /// Lets go of the copy, and of the function that fetches results, if nothing is pending.
    fn rest_if_idle(&self, js: Js<'_>, state: &State) {
        if self.confirming.get() > 0 || !self.pending.borrow().is_empty() {
            return;
        }
        let Some(deliveries) = self.deliveries.take() else { return };
        // SAFETY: J1.
        unsafe { release(js.raw(), deliveries.close()) };
        state.anchor.hold(js, false);
    }

    /// Makes pending waits keep the process alive, or not.
    pub fn keep_alive<'s>(&self, js: Js<'s>, on: bool) {
        let deliveries = self.deliveries.borrow();
        let Some(deliveries) = &*deliveries else { return };
        let function = deliveries.function();
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

    /// Returns where results go, and holds the copy.
    fn deliveries<'s>(&self, js: Js<'s>, state: &Rc<State>) -> Result<Arc<Deliveries>, Failure<'s>> {
        let mut slot = self.deliveries.borrow_mut();
        if let Some(deliveries) = &*slot {
            return Ok(deliveries.clone());
        }
        let deliveries = Arc::new(Deliveries::default());
        let name = js.text("shmkit")?;
        let mut function = ptr::null_mut();
        let link = Link { deliveries: deliveries.clone(), state: Rc::downgrade(state) };
        let link = Box::into_raw(Box::new(link)).cast::<c_void>();
        // SAFETY: J1 and J2; the link, which is both the finalizer's data and the context, stays valid until `finalize`.
        let status = unsafe {
            sys::napi_create_threadsafe_function(
                js.raw(),
                ptr::null_mut(),
                ptr::null_mut(),
                name.raw(),
                0,
                1,
                link,
                Some(finalize),
                link,
                Some(fetch),
                &mut function,
            )
        };
        if status != sys::Status::napi_ok {
            // SAFETY: made with `into_raw` above, and not taken over by the failed call.
            drop(unsafe { Box::from_raw(link.cast::<Link>()) });
            return Err(Failure::node_api(status));
        }
        deliveries.start(Function(function));
        exit::listen(js);
        // SAFETY: J1; it was just made.
        unsafe { sys::napi_unref_threadsafe_function(js.raw(), function) };
        state.anchor.hold(js, true);
        *slot = Some(deliveries.clone());
        Ok(deliveries)
    }

    /// Passes all finished waits to JavaScript, unless the thread is ending: what they acquired is then released at its end.
    fn fetch<'s>(&self, js: Js<'s>, state: &State) -> Result<(), Failure<'s>> {
        turn::take(js, state)?;
        let finished = match &*self.deliveries.borrow() {
            Some(deliveries) => deliveries.take(),
            None => return Ok(()),
        };
        let passed = self.pass(js, state, finished);
        self.rest_if_idle(js, state);
        passed
    }

    /// Calls the receiver with one array of ticket, whether it failed, and value or error in turn.
    fn pass<'s>(&self, js: Js<'s>, state: &State, finished: Vec<Finished>) -> Result<(), Failure<'s>> {
        let (array, mut length) = (js.array()?, 0);
        for Finished { ticket, end } in finished {
            let (failed, value) = if let Some((condition, outcome)) = end {
                let Some(wait) = self.pending.borrow_mut().remove(&ticket) else { continue };
                match result(js, state, wait, condition, outcome) {
                    Ok(value) => (false, value),
                    Err(failure) => (true, failure.describe(js, state)?),
                }
            } else {
                self.confirming.set(self.confirming.get().saturating_sub(1));
                (false, js.undefined()?)
            };
            for part in [js.number(ticket as f64)?, js.boolean(failed)?, value] {
                js.put(array, length, part)?;
                length += 1;
            }
        }
        if let Some(receiver) = state.anchor.property(js, c"receive")?
            && length > 0
        {
            js.call(receiver, &[array])?;
        }
        Ok(())
    }
}

/// Lets Node-API finalize a thread-safe function, unless it has done so or there is none.
///
/// # Safety
/// The environment is that of the function, on its thread, and has not ended. No other thread can find the function.
unsafe fn release(env: sys::napi_env, Function(function): Function) {
    if function.is_null() {
        return;
    }
    // It could keep the event loop alive until it is finalized.
    // SAFETY: the caller's promise; not null, so not finalized.
    let _ = unsafe { sys::napi_unref_threadsafe_function(env, function) };
    // SAFETY: as above, and it is not used any more.
    let _ =
        unsafe { sys::napi_release_threadsafe_function(function, sys::ThreadsafeFunctionReleaseMode::abort) };
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
        Outcome::Failed(error) => Err(Failure::from(error).about(|| state.subject(wait.handle))),
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
    // SAFETY: the context is the link, which stays valid until `finalize`.
    let Some(state) = unsafe { &*context.cast_const().cast::<Link>() }.state.upgrade() else { return };
    let fetched = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| state.waits.fetch(js, &state)));
    match fetched {
        Ok(Ok(())) => {}
        Ok(Err(failure)) => failure.throw(js, &state),
        Err(payload) => Failure::panic(&*payload).throw(js, &state),
    }
}

/// Called once, when the thread-safe function is finalized: with the environment, or after the copy.
unsafe extern "C" fn finalize(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: made with `into_raw` in `deliveries`, for this one call.
    let link = unsafe { Box::from_raw(data.cast::<Link>()) };
    link.deliveries.close();
}
