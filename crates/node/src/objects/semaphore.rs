//! Semaphores.

use crate::exports::Export;
use crate::objects::handle::{Binding, Handle, with_handle};
use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use crate::runtime::options::Options;
use crate::runtime::state::State;
use crate::{callback, kind_exports};
use shmkit_object::error::Error;
use shmkit_object::lifecycle::{HandleOptions, Named};
use shmkit_primitives::semaphore::{PendingAcquire, Semaphore, SemaphoreOptions};
use std::any::Any;
use std::time::Duration;

impl Binding for Semaphore {
    /// Permits that this handle has acquired and not released.
    type Data = u32;

    fn options<'s>(options: &Options<'_, 's>) -> Result<SemaphoreOptions, Failure<'s>> {
        Ok(SemaphoreOptions {
            initial: options.number(c"initial")?.unwrap_or(0.0) as u32,
            holders: options.flag(c"holders")?.unwrap_or(false),
            naming: options.naming()?,
        })
    }

    fn data(_named: &Named<Semaphore>, _options: &HandleOptions) -> u32 {
        0
    }

    fn on_end(handle: &mut Handle<Semaphore>) {
        // Fails only while a stopped process changes the semaphore: the permits then stay the process's.
        let _ = handle.named.object.release_for_thread(std::mem::take(&mut handle.data));
    }
}

/// Tries to acquire, and counts what the handle holds.
fn try_on(handle: &mut Handle<Semaphore>, n: u32) -> Result<bool, Error> {
    let acquired = handle.named.object.try_acquire(n)?;
    if acquired {
        handle.data = handle.data.saturating_add(n);
    }
    Ok(acquired)
}

/// Lists the functions.
pub fn exports() -> Vec<Export> {
    kind_exports!(
        Semaphore,
        ("value", callback!(value)),
        ("reclaimed", callback!(reclaimed)),
        ("holders", callback!(holders)),
        ("tryAcquire", callback!(try_acquire)),
        ("acquire", callback!(acquire)),
        ("acquireSync", callback!(acquire_sync)),
        ("release", callback!(release)),
    )
}

/// `value(handle)`: returns the number of available permits.
fn value<'s>(call: &Call<'s>) -> Outcome<'s> {
    let value = call.handle::<Semaphore, _>(|handle| Ok(handle.named.object.value()?))?;
    call.js.number(f64::from(value)).map(Some)
}

/// `reclaimed(handle)`: returns the number of permits ever reclaimed.
fn reclaimed<'s>(call: &Call<'s>) -> Outcome<'s> {
    let reclaimed = call.handle::<Semaphore, _>(|handle| Ok(handle.named.object.reclaimed()?))?;
    call.js.number(reclaimed as f64).map(Some)
}

/// `holders(handle)`: returns a flat array of pid and permits.
fn holders<'s>(call: &Call<'s>) -> Outcome<'s> {
    let holders = call.handle::<Semaphore, _>(|handle| Ok(handle.named.object.holders()?))?;
    let numbers = holders.into_iter().flat_map(|(pid, permits)| [pid, permits]);
    call.js.collect(numbers, |number| call.js.number(f64::from(number))).map(Some)
}

/// `tryAcquire(handle, n)`: returns whether `n` permits were acquired.
fn try_acquire<'s>(call: &Call<'s>) -> Outcome<'s> {
    let n = call.small(1);
    let acquired = call.handle::<Semaphore, _>(|handle| Ok(try_on(handle, n)?))?;
    call.js.boolean(acquired).map(Some)
}

/// `acquire(handle, n, timeout)`: returns true, false if the timeout is 0, or a ticket.
fn acquire<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (n, timeout) = (call.small(1), call.timeout(2));
    let acquired = call.handle::<Semaphore, _>(|handle| Ok(try_on(handle, n)?))?;
    if acquired || timeout == Some(Duration::ZERO) {
        return call.js.boolean(acquired).map(Some);
    }
    call.wait::<Semaphore>(timeout, deliver, |semaphore| Ok(Box::new(PendingAcquire::new(semaphore, n))))
}

/// Makes the handle the holder, if it is still open. Otherwise the permits are released.
fn deliver<'s>(
    js: Js<'s>,
    state: &State,
    handle: u32,
    pending: Box<dyn Any>,
) -> Result<Local<'s>, Failure<'s>> {
    with_handle::<Semaphore, _>(state, handle, |handle| {
        if let Ok(pending) = pending.downcast::<PendingAcquire>() {
            handle.data = handle.data.saturating_add(pending.permits());
            pending.keep();
        }
        Ok(())
    })?;
    js.boolean(true)
}

/// `acquireSync(handle, n, timeout)`: returns whether `n` permits were acquired in time. Blocks the thread.
fn acquire_sync<'s>(call: &Call<'s>) -> Outcome<'s> {
    let mut pending = PendingAcquire::new(call.object()?, call.small(1));
    let acquired = call.block_on(&mut pending, call.timeout(2))?;
    if acquired {
        return deliver(call.js, call.state, call.small(0), Box::new(pending)).map(Some);
    }
    call.js.boolean(false).map(Some)
}

/// `release(handle, n)`: returns the new value.
fn release<'s>(call: &Call<'s>) -> Outcome<'s> {
    let n = call.small(1);
    let value = call.handle::<Semaphore, _>(|handle| {
        let value = handle.named.object.release(n)?;
        handle.data = handle.data.saturating_sub(n);
        Ok(value)
    })?;
    call.js.number(f64::from(value)).map(Some)
}
