//! Locks by name. A held one is an object with its id, its token, and whether a previous holder died.

use crate::exports::Export;
use crate::objects::handle::{Binding, Handle, with_handle};
use crate::objects::stored::text_of_argument;
use crate::objects::wait::condition_met;
use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use crate::runtime::options::Options;
use crate::runtime::slots::Slots;
use crate::runtime::state::State;
use crate::runtime::text;
use crate::{callback, kind_exports};
use shmkit_object::error::Error;
use shmkit_object::lifecycle::{HandleOptions, Named};
use shmkit_os as os;
use shmkit_primitives::locks::{
    Grant, LockName, LockRequest, LockTable, LocksOptions, Mode, PendingLock, RequestId, RequestOutcome,
    RequestState, StolenWatch,
};
use std::any::Any;

impl Binding for LockTable {
    /// The requests that this handle holds.
    type Data = Slots<RequestId>;

    fn options<'s>(options: &Options<'_, 's>) -> Result<LocksOptions, Failure<'s>> {
        let capacity = options.number(c"capacity")?.map(|capacity| capacity as u32);
        Ok(LocksOptions { capacity, naming: options.naming()? })
    }

    fn data(_named: &Named<LockTable>, _options: &HandleOptions) -> Slots<RequestId> {
        Slots::default()
    }

    fn on_close(handle: &mut Handle<LockTable>) {
        for request in handle.data.iter_mut() {
            // Fails only while a stopped process changes the table; the request then ends with this process.
            let _: Result<RequestState, Error> = handle.named.object.abandon(*request);
        }
    }
}

/// Lists the functions.
pub fn exports() -> Vec<Export> {
    kind_exports!(
        LockTable,
        ("request", callback!(request)),
        ("watch", callback!(watch)),
        ("release", callback!(release)),
        ("query", callback!(query)),
    )
}

/// `request(handle, name, shared, ifAvailable, steal)`: returns the held lock, `undefined` if it is not available, or a
/// ticket.
fn request<'s>(call: &Call<'s>) -> Outcome<'s> {
    let request = LockRequest {
        name: name(call)?,
        mode: if call.flag(2) { Mode::Shared } else { Mode::Exclusive },
        if_available: call.flag(3),
        steal: call.flag(4),
    };
    let table = call.object::<LockTable>()?;
    match table.request(&request)? {
        RequestOutcome::Held(request, grant) => {
            hold(call.js, call.state, call.small(0), request, grant).map(Some)
        }
        RequestOutcome::Unavailable => Ok(None),
        RequestOutcome::Pending(request) => {
            call.wait::<LockTable>(None, deliver, |table| Ok(Box::new(PendingLock::new(table, request))))
        }
    }
}

fn name<'s>(call: &Call<'s>) -> Result<LockName, Failure<'s>> {
    let (bytes, wide) = text_of_argument(call, 1, "name")?;
    Ok(LockName::new(&bytes, wide)?)
}

/// Makes the handle the holder, if it is still open. Otherwise the request ends.
fn deliver<'s>(
    js: Js<'s>,
    state: &State,
    handle: u32,
    pending: Box<dyn Any>,
) -> Result<Local<'s>, Failure<'s>> {
    with_handle::<LockTable, _>(state, handle, |_| Ok(()))?;
    let granted = pending.downcast::<PendingLock>().ok().and_then(|pending| pending.into_grant());
    let (request, grant) = granted.ok_or(Error::Closed)?;
    hold(js, state, handle, request, grant)
}

fn hold<'s>(
    js: Js<'s>,
    state: &State,
    handle: u32,
    request: RequestId,
    grant: Grant,
) -> Result<Local<'s>, Failure<'s>> {
    let id = with_handle::<LockTable, _>(state, handle, |handle| Ok(handle.data.insert(request)))?;
    let object = js.object()?;
    js.set(object, c"id", js.number(f64::from(id))?)?;
    js.set(object, c"token", js.bigint(grant.token as i64)?)?;
    js.set(object, c"ownerDied", js.boolean(grant.owner_died)?)?;
    Ok(object)
}

/// `watch(handle, id)`: returns the ticket of a wait for the lock to be stolen.
fn watch<'s>(call: &Call<'s>) -> Outcome<'s> {
    let id = call.small(1);
    let request =
        call.handle::<LockTable, _>(|handle| Ok(*handle.data.get_mut(id).ok_or(Error::Closed)?))?;
    call.wait::<LockTable>(None, condition_met, |table| Ok(Box::new(StolenWatch::new(table, request))))
}

/// `release(handle, id)`: returns whether the lock was held until now; false if it was stolen.
fn release<'s>(call: &Call<'s>) -> Outcome<'s> {
    let id = call.small(1);
    let state = call.handle::<LockTable, _>(|handle| {
        let request = *handle.data.get_mut(id).ok_or(Error::Closed)?;
        let state = handle.named.object.release(request)?;
        handle.data.remove(id);
        Ok(state)
    })?;
    call.js.boolean(state == RequestState::Held).map(Some)
}

/// `query(handle)`: returns a flat array of name, whether it is shared, whether it is held, pid, and age in milliseconds.
fn query<'s>(call: &Call<'s>) -> Outcome<'s> {
    let js = call.js;
    let rows = call.object::<LockTable>()?.query()?;
    let (array, mut length, now) = (js.array()?, 0, os::clock::boot_ns());
    for row in rows {
        let mut units = Vec::new();
        let name = if row.name.wide {
            text::load(&row.name.bytes, &mut units);
            js.utf16(&units)?
        } else {
            js.latin1(&row.name.bytes)?
        };
        let pid = js.number(f64::from(row.pid))?;
        let age = js.number(now.saturating_sub(row.since) as f64 / 1e6)?;
        let parts = [name, js.boolean(row.mode == Mode::Shared)?, js.boolean(row.held)?, pid, age];
        for part in parts {
            js.put(array, length, part)?;
            length += 1;
        }
    }
    Ok(Some(array))
}
