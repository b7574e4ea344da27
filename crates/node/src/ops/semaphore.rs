//! Semaphores.

use super::options::Options;
use crate::call::{Call, Outcome};
use crate::exports::Export;
use crate::failure::Failure;
use crate::js::{Js, Local};
use crate::named::Exposed;
use crate::state::State;
use crate::{callback, kind_exports};
use shmkit_core::semaphore::{Acquisition, Semaphore, SemaphoreOptions};
use std::any::Any;
use std::time::Duration;

impl Exposed for Semaphore {
    type Local = ();

    fn options<'s>(options: &Options<'_, 's>) -> Result<SemaphoreOptions, Failure<'s>> {
        Ok(SemaphoreOptions {
            initial: options.number(c"initial")?.unwrap_or(0.0) as u32,
            holders: options.flag(c"holders")?.unwrap_or(false),
            naming: options.naming()?,
        })
    }
}

/// What JavaScript can call.
pub fn exports() -> Vec<Export> {
    kind_exports!(
        Semaphore,
        ("value", callback!(value)),
        ("tryAcquire", callback!(try_acquire)),
        ("acquire", callback!(acquire)),
        ("acquireSync", callback!(acquire_sync)),
        ("release", callback!(release)),
    )
}

/// `value(handle)`: the permits there are.
fn value<'s>(call: &Call<'s>) -> Outcome<'s> {
    let value = call.named::<Semaphore, _>(|open| Ok(open.named.object.value()?))?;
    call.js.number(f64::from(value)).map(Some)
}

/// `tryAcquire(handle, n)`: whether there were as many.
fn try_acquire<'s>(call: &Call<'s>) -> Outcome<'s> {
    let n = call.small(1);
    let acquired = call.named::<Semaphore, _>(|open| Ok(open.named.object.try_acquire(n)?))?;
    call.js.boolean(acquired).map(Some)
}

/// `acquire(handle, n, timeout)`: true, false if the timeout is 0, or a ticket.
fn acquire<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (n, timeout) = (call.small(1), call.timeout(2));
    let acquired = call.named::<Semaphore, _>(|open| Ok(open.named.object.try_acquire(n)?))?;
    if acquired || timeout == Some(Duration::ZERO) {
        return call.js.boolean(acquired).map(Some);
    }
    call.wait::<Semaphore>(timeout, keep, |semaphore| Ok(Box::new(Acquisition::new(semaphore, n))))
}

/// The permits are JavaScript's now.
fn keep<'s>(
    js: Js<'s>,
    _state: &State,
    _handle: u32,
    acquisition: Box<dyn Any>,
) -> Result<Local<'s>, Failure<'s>> {
    if let Ok(acquisition) = acquisition.downcast::<Acquisition>() {
        acquisition.keep();
    }
    js.boolean(true)
}

/// `acquireSync(handle, n, timeout)`: whether there were as many in time. Blocks the thread.
fn acquire_sync<'s>(call: &Call<'s>) -> Outcome<'s> {
    let mut acquisition = Acquisition::new(call.object()?, call.small(1));
    let acquired = call.block(&mut acquisition, call.timeout(2))?;
    if acquired {
        acquisition.keep();
    }
    call.js.boolean(acquired).map(Some)
}

/// `release(handle, n)`: the new value.
fn release<'s>(call: &Call<'s>) -> Outcome<'s> {
    let n = call.small(1);
    let value = call.named::<Semaphore, _>(|open| Ok(open.named.object.release(n)?))?;
    call.js.number(f64::from(value)).map(Some)
}
