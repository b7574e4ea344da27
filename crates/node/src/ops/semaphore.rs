//! Semaphores.

use super::options::Options;
use crate::call::{Call, Outcome};
use crate::exports::Export;
use crate::failure::Failure;
use crate::named::Exposed;
use crate::{callback, kind_exports};
use shmkit_core::semaphore::{Semaphore, SemaphoreOptions};

impl Exposed for Semaphore {
    fn options<'s>(options: &Options<'_, 's>) -> Result<SemaphoreOptions, Failure<'s>> {
        Ok(SemaphoreOptions {
            initial: options.number(c"initial")?.unwrap_or(0.0) as u32,
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

/// `release(handle, n)`: the new value.
fn release<'s>(call: &Call<'s>) -> Outcome<'s> {
    let n = call.small(1);
    let value = call.named::<Semaphore, _>(|open| Ok(open.named.object.release(n)?))?;
    call.js.number(f64::from(value)).map(Some)
}
