//! Leases: the right to load a key, for one holder at a time across all processes.

#![expect(unsafe_code, reason = "reads a value in memory that JavaScript lends")]

use crate::runtime::call::{Call, Outcome};
use shmkit_dict::Lease;
use shmkit_dict::segment::Segment;

/// `leaseAcquire(handle, key)`: returns the number of the lease, or 0 if a live holder has it.
pub fn acquire<'s>(call: &Call<'s>) -> Outcome<'s> {
    let number = call.keyed(|data, key| match data.dict.lease_acquire(key, data.owner)? {
        Lease::Granted(ticket) => Ok(data.leases.insert(ticket)),
        Lease::Busy => Ok(0),
    })?;
    call.js.number(f64::from(number)).map(Some)
}

/// `leaseStore(handle, key, value, kind, ttl, lease)`: returns whether the value was stored. The lease ends, unless
/// this throws.
pub fn store<'s>(call: &Call<'s>) -> Outcome<'s> {
    let mut scratch = call.state.value.borrow_mut();
    // SAFETY: TypeScript passes no shared memory (`dataOf`), and neither reading a key, nor the engine, nor making
    // values runs JavaScript.
    let value = unsafe { call.value(2, &mut scratch) }?;
    let lease = call.small(5);
    let stored = call.keyed(|data, key| {
        let Some(ticket) = data.leases.get_mut(lease).copied() else { return Ok(false) };
        let stored = data.dict.lease_store(key, ticket, value, call.ttl(4))?;
        data.leases.remove(lease);
        Ok(stored)
    })?;
    scratch.trim();
    call.js.boolean(stored).map(Some)
}

/// `leaseRelease(handle, lease)`: ends the lease. Harmless if it has ended, or the handle is closed.
pub fn release<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.dict_if_open(|data| match data.leases.remove(call.small(1)) {
        Some(ticket) => Ok(data.dict.lease_release(ticket)?),
        None => Ok(()),
    })?;
    Ok(None)
}

/// `leaseWait(handle, key)`: returns the ticket of a wait until another holder's load ends; `undefined` if there is a value,
/// or the lease may be asked for now.
pub fn wait<'s>(call: &Call<'s>) -> Outcome<'s> {
    match call.keyed(|data, key| Ok(data.dict.load_wait(key)?))? {
        Some(wait) => call.wait::<Segment>(None, |js, _, _, _| js.undefined(), |_| Ok(Box::new(wait))),
        None => Ok(None),
    }
}
