//! The right to load a key: one holder at a time, across all processes.

use crate::runtime::call::{Call, Outcome};
use shmkit_dict::ops::Lease;

/// `leaseAcquire(handle, key)`: the number of the lease, or 0 if somebody alive has it.
pub fn acquire<'s>(call: &Call<'s>) -> Outcome<'s> {
    let number = call.keyed(|open, key| match open.dict.lease_acquire(key, open.owner)? {
        Lease::Granted(ticket) => Ok(open.leases.insert(ticket)),
        Lease::Busy => Ok(0),
    })?;
    call.js.number(f64::from(number)).map(Some)
}

/// `leaseStore(handle, key, value, kind, ttl, lease)`: whether the value was stored. The lease ends,
/// unless this throws.
pub fn store<'s>(call: &Call<'s>) -> Outcome<'s> {
    let mut scratch = call.state.value.borrow_mut();
    let value = call.value(2, &mut scratch)?;
    let lease = call.small(5);
    let stored = call.keyed(|open, key| {
        let Some(ticket) = open.leases.get_mut(lease).copied() else { return Ok(false) };
        let stored = open.dict.lease_store(key, ticket, value, call.ttl(4))?;
        open.leases.remove(lease);
        Ok(stored)
    })?;
    scratch.trim();
    call.js.boolean(stored).map(Some)
}

/// `leaseRelease(handle, lease)`. Harmless if it has ended, or the handle is closed.
pub fn release<'s>(call: &Call<'s>) -> Outcome<'s> {
    if let Some(open) = call.state.handles.borrow_mut().get_mut(call.small(0))
        && let Some(ticket) = open.leases.remove(call.small(1))
    {
        open.dict.lease_release(ticket)?;
    }
    Ok(None)
}
