//! Semaphores.

use crate::exports::Export;
use crate::objects::named::{Binding, ObjectHandle, with_named};
use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use crate::runtime::options::Options;
use crate::runtime::state::State;
use crate::{callback, kind_exports};
use shmkit_object::error::Error;
use shmkit_primitives::semaphore::{Acquisition, Semaphore, SemaphoreOptions};
use std::any::Any;
use std::time::Duration;

impl Binding for Semaphore {
    /// Permits that this handle acquired and did not release.
    type Data = u32;

    fn options<'s>(options: &Options<'_, 's>) -> Result<SemaphoreOptions, Failure<'s>> {
        Ok(SemaphoreOptions {
            initial: options.number(c"initial")?.unwrap_or(0.0) as u32,
            holders: options.flag(c"holders")?.unwrap_or(false),
            naming: options.naming()?,
        })
    }

    fn on_end(open: &mut ObjectHandle<Semaphore>) {
        // If it fails, somebody is stopped in the middle of a change: the permits are the process's then.
        let _ = open.named.object.hand_back(std::mem::take(&mut open.data));
    }
}

/// Tries, and remembers what the handle got.
fn try_on(open: &mut ObjectHandle<Semaphore>, n: u32) -> Result<bool, Error> {
    let acquired = open.named.object.try_acquire(n)?;
    if acquired {
        open.data = open.data.saturating_add(n);
    }
    Ok(acquired)
}

/// What JavaScript can call.
pub fn exports() -> Vec<Export> {
    kind_exports!(
        Semaphore,
        ("value", callback!(value)),
        ("reclaimed", callback!(reclaimed)),
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

/// `reclaimed(handle)`: the permits that ever came back.
fn reclaimed<'s>(call: &Call<'s>) -> Outcome<'s> {
    let reclaimed = call.named::<Semaphore, _>(|open| Ok(open.named.object.reclaimed()?))?;
    call.js.number(reclaimed as f64).map(Some)
}

/// `tryAcquire(handle, n)`: whether there were as many.
fn try_acquire<'s>(call: &Call<'s>) -> Outcome<'s> {
    let n = call.small(1);
    let acquired = call.named::<Semaphore, _>(|open| Ok(try_on(open, n)?))?;
    call.js.boolean(acquired).map(Some)
}

/// `acquire(handle, n, timeout)`: true, false if the timeout is 0, or a ticket.
fn acquire<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (n, timeout) = (call.small(1), call.timeout(2));
    let acquired = call.named::<Semaphore, _>(|open| Ok(try_on(open, n)?))?;
    if acquired || timeout == Some(Duration::ZERO) {
        return call.js.boolean(acquired).map(Some);
    }
    call.wait::<Semaphore>(timeout, keep, |semaphore| Ok(Box::new(Acquisition::new(semaphore, n))))
}

/// The permits are the handle's now, if that is still open; else they are given back.
fn keep<'s>(
    js: Js<'s>,
    state: &State,
    handle: u32,
    acquisition: Box<dyn Any>,
) -> Result<Local<'s>, Failure<'s>> {
    with_named::<Semaphore, _>(state, handle, |open| {
        if let Ok(acquisition) = acquisition.downcast::<Acquisition>() {
            open.data = open.data.saturating_add(acquisition.permits());
            acquisition.keep();
        }
        Ok(())
    })?;
    js.boolean(true)
}

/// `acquireSync(handle, n, timeout)`: whether there were as many in time. Blocks the thread.
fn acquire_sync<'s>(call: &Call<'s>) -> Outcome<'s> {
    let mut acquisition = Acquisition::new(call.object()?, call.small(1));
    let acquired = call.block(&mut acquisition, call.timeout(2))?;
    if acquired {
        return keep(call.js, call.state, call.small(0), Box::new(acquisition)).map(Some);
    }
    call.js.boolean(false).map(Some)
}

/// `release(handle, n)`: the new value.
fn release<'s>(call: &Call<'s>) -> Outcome<'s> {
    let n = call.small(1);
    let value = call.named::<Semaphore, _>(|open| {
        let value = open.named.object.release(n)?;
        open.data = open.data.saturating_sub(n);
        Ok(value)
    })?;
    call.js.number(f64::from(value)).map(Some)
}
