//! Calls about waiting, for all kinds.
//!
//! A call that may wait takes a timeout in seconds, negative for none. It returns its result if that is available at
//! once, otherwise a number: the ticket under which the result will be delivered.

use crate::objects::handle::Binding;
use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use crate::runtime::state::State;
use crate::runtime::turn;
use crate::runtime::waits::Settle;
use shmkit_object::waiter::{BlockingWait, WaitCondition, deadline_after};
use shmkit_os as os;
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

/// `cancelWait(ticket)`: cancels a wait. Harmless if it has ended.
pub fn cancel<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.state.waits.cancel(call.js, call.state, call.number(0) as u64);
    Ok(None)
}

/// `confirmWaits()`: returns a ticket that ends after all waits that what happened so far can end; 0 if there never was
/// a wait.
pub fn confirm<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.js.number(call.state.waits.confirm()).map(Some)
}

/// `keepAliveForWaits(on)`: makes pending waits keep the process alive, or not. Initially they do not.
pub fn keep_alive<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.state.waits.keep_alive(call.js, call.flag(0));
    Ok(None)
}

/// `yieldProcessor()`: lets another thread use this processor, if one is ready.
pub fn yield_processor<'s>(_call: &Call<'s>) -> Outcome<'s> {
    os::process::yield_now();
    Ok(None)
}

/// Settles a wait that only tells that its condition holds.
pub(crate) fn condition_met<'s>(
    js: Js<'s>,
    _: &State,
    _: u32,
    _: Box<dyn Any>,
) -> Result<Local<'s>, Failure<'s>> {
    js.boolean(true)
}

impl<'s> Call<'s> {
    /// Returns the timeout at `index`; `None` for none.
    pub fn timeout(&self, index: usize) -> Option<Duration> {
        Duration::try_from_secs_f64(self.number(index)).ok()
    }

    /// Starts a wait on the object of argument 0, for the condition that `condition` makes of it. Returns the ticket.
    pub fn wait<K: Binding>(
        &self,
        timeout: Option<Duration>,
        settle: Settle,
        condition: impl FnOnce(Arc<K>) -> Result<Box<dyn WaitCondition>, Failure<'s>>,
    ) -> Outcome<'s> {
        let condition = condition(self.object::<K>()?)?;
        let handle = self.small(0);
        let ticket = self.state.waits.start(self.js, self.state, handle, condition, timeout, settle)?;
        self.js.number(ticket).map(Some)
    }

    /// Calls `attempt`, which blocks the thread by its argument, until it returns a result. JavaScript gets a turn after
    /// each attempt.
    pub fn block<T>(
        &self,
        timeout: Option<Duration>,
        mut attempt: impl FnMut(&mut BlockingWait) -> Result<Option<T>, Failure<'s>>,
    ) -> Result<T, Failure<'s>> {
        let mut wait = BlockingWait::until(deadline_after(timeout));
        loop {
            if let Some(result) = attempt(&mut wait)? {
                return Ok(result);
            }
            turn::take(self.js, self.state)?;
        }
    }

    /// Blocks until the condition holds. Returns false after the timeout. Fails if the thread ended meanwhile, although the
    /// condition may hold: dropping it then releases what it acquired.
    pub fn block_on(
        &self,
        condition: &mut dyn WaitCondition,
        timeout: Option<Duration>,
    ) -> Result<bool, Failure<'s>> {
        let mut has_blocked = false;
        let is_met = self.block(timeout, |wait| {
            let is_met = wait.turn(condition)?;
            has_blocked |= is_met.is_none();
            Ok(is_met)
        })?;
        if has_blocked {
            turn::take(self.js, self.state)?;
        }
        Ok(is_met)
    }
}
