//! Waiting, for all kinds.
//!
//! An operation that may wait takes a timeout in seconds, negative for none, and returns the value if it
//! can be had at once, else a number: the ticket of a wait, whose result comes later.

use crate::objects::handle::Binding;
use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::waits::Settle;
use shmkit_object::waiter::{WaitCondition, block_on, deadline_after};
use shmkit_os as os;
use std::sync::Arc;
use std::time::Duration;

/// `configureWaits(receive)`: what TypeScript gives the addon, once a thread. `receive` is called with an
/// array of ticket, whether it failed, and value or error in turn.
pub fn configure<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.state.waits.set_receiver(call.js, call.argument(0))?;
    Ok(None)
}

/// `cancelWait(ticket)`. Harmless if it is over.
pub fn cancel<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.state.waits.cancel(call.number(0) as u64);
    Ok(None)
}

/// `confirmWaits()`: a ticket whose result comes after those of all waits that could end by what was done so far;
/// 0 if nobody ever waited.
pub fn confirm<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.js.number(call.state.waits.confirm()).map(Some)
}

/// `keepAliveForWaits(on)`: whether pending waits keep the process from ending by itself. At first they do not.
pub fn keep_alive<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.state.waits.keep_alive(call.js, call.flag(0));
    Ok(None)
}

/// `yieldProcessor()`: lets another thread have this processor, if one wants it.
pub fn yield_processor<'s>(_call: &Call<'s>) -> Outcome<'s> {
    os::process::yield_now();
    Ok(None)
}

impl<'s> Call<'s> {
    /// The timeout at `index`: `None` for none.
    pub fn timeout(&self, index: usize) -> Option<Duration> {
        Duration::try_from_secs_f64(self.number(index)).ok()
    }

    /// Starts to wait for what `condition` makes of the object of argument 0; the ticket.
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

    /// Blocks until the condition holds; false at the timeout.
    pub fn block(
        &self,
        condition: &mut dyn WaitCondition,
        timeout: Option<Duration>,
    ) -> Result<bool, Failure<'s>> {
        Ok(block_on(condition, deadline_after(timeout))?)
    }
}
