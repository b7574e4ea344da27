//! Mutexes. A held one is an object with its token and whether its last owner died.

use crate::exports::Export;
use crate::objects::handle::{AnyHandle, Binding, Handle, InTable, with_handle};
use crate::runtime::call::{Call, Outcome};
use crate::runtime::exit;
use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use crate::runtime::options::Options;
use crate::runtime::state::State;
use crate::{callback, kind_exports};
use shmkit_object::error::Error;
use shmkit_object::lifecycle::{HandleOptions, Named};
use shmkit_primitives::mutex::{Held, Holder, Mutex, MutexOptions, PendingLock};
use std::any::Any;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Tokens that a number holds exactly, with a sign.
const EXACT: Range<u64> = 1..1 << 53;

impl Binding for Mutex {
    /// The token by which this handle holds the mutex.
    type Data = Option<u64>;

    fn options<'s>(options: &Options<'_, 's>) -> Result<MutexOptions, Failure<'s>> {
        Ok(MutexOptions { naming: options.naming()? })
    }

    fn data(_named: &Named<Mutex>, _options: &HandleOptions) -> Option<u64> {
        None
    }

    fn on_close(handle: &mut Handle<Mutex>) {
        if handle.data.take().is_some() {
            handle.named.object.abandon();
        }
    }
}

/// Lists the functions.
pub fn exports() -> Vec<Export> {
    kind_exports!(
        Mutex,
        ("lock", callback!(lock)),
        ("lockSync", callback!(lock_sync)),
        ("tryLock", callback!(try_lock)),
        ("unlock", callback!(unlock)),
        ("holder", callback!(holder)),
    )
}

/// `lock(handle, timeout)`: returns the held mutex, `undefined` if the timeout is 0, or a ticket.
fn lock<'s>(call: &Call<'s>) -> Outcome<'s> {
    let timeout = call.timeout(1);
    let held = call.handle::<Mutex, _>(|handle| {
        let held = handle.named.object.try_lock()?;
        handle.data = held.map(|held| held.token).or(handle.data);
        Ok(held)
    })?;
    match held {
        Some(held) => held_object(call.js, held).map(Some),
        None if timeout == Some(Duration::ZERO) => lock_sync(call),
        None => call.wait::<Mutex>(timeout, deliver, |mutex| Ok(Box::new(PendingLock::new(mutex)))),
    }
}

/// `lockSync(handle, timeout)`: returns the held mutex, or `undefined` after the timeout. Blocks the thread. Without a
/// timeout, fails if a handle of this thread holds it.
fn lock_sync<'s>(call: &Call<'s>) -> Outcome<'s> {
    let mutex = call.object::<Mutex>()?;
    let mut pending = PendingLock::new(mutex.clone());
    let timeout = call.timeout(1);
    let locked = match timeout {
        Some(Duration::ZERO) => pending.try_once()?,
        Some(_) => call.block_on(&mut pending, timeout)?,
        None if pending.try_once()? => true,
        None if is_held_by_thread(&mutex) => {
            let what = "this thread already holds the mutex: waiting here would never end";
            return Err(Error::Deadlock(what).into());
        }
        None => call.block_on(&mut pending, None)?,
    };
    if !locked {
        return Ok(None);
    }
    deliver(call.js, call.state, call.small(0), Box::new(pending)).map(Some)
}

/// Returns whether a handle of this thread holds the mutex, also one of another copy of the package's JavaScript.
fn is_held_by_thread(mutex: &Arc<Mutex>) -> bool {
    let is_holder = |handle: &mut AnyHandle| {
        Mutex::from_any(handle)
            .is_some_and(|handle| handle.data.is_some() && Arc::ptr_eq(&handle.named.object, mutex))
    };
    exit::states().iter().any(|state| state.handles.borrow_mut().iter_mut().any(is_holder))
}

/// `tryLock(handle)`: returns the token as a number, negative if the last owner died; an object as from `lock` if the
/// token has no exact number; or `undefined`. Objects and bigints cost more than the lock.
fn try_lock<'s>(call: &Call<'s>) -> Outcome<'s> {
    let held = call.handle::<Mutex, _>(|handle| {
        let mut held = handle.named.object.try_lock()?;
        if held.is_none() {
            let mut pending = PendingLock::new(handle.named.object.clone());
            pending.try_once()?;
            held = pending.into_held();
        }
        handle.data = held.map(|held| held.token).or(handle.data);
        Ok(held)
    })?;
    let Some(held) = held else { return Ok(None) };
    if !EXACT.contains(&held.token) {
        return held_object(call.js, held).map(Some);
    }
    let token = held.token as f64;
    call.js.number(if held.owner_died { -token } else { token }).map(Some)
}

/// `unlock(handle, token)`: returns whether this handle held the mutex by that token, a number or a bigint.
fn unlock<'s>(call: &Call<'s>) -> Outcome<'s> {
    let token = match call.number(1) as u64 {
        0 => call.js.to_u64(call.argument(1)).map(|token| token.value),
        number => Some(number),
    };
    let unlocked = call.handle::<Mutex, _>(|handle| {
        let is_held = handle.data.is_some() && handle.data == token;
        if is_held {
            handle.data = None;
            handle.named.object.unlock();
        }
        Ok(is_held)
    })?;
    call.js.boolean(unlocked).map(Some)
}

/// `holder(handle)`: returns pid and age in milliseconds of the live owner; `undefined` if there is none.
fn holder<'s>(call: &Call<'s>) -> Outcome<'s> {
    match call.handle::<Mutex, _>(|handle| Ok(handle.named.object.holder()?))? {
        Some(Holder { pid, age_ns }) => {
            call.js.numbers(&[(c"pid", f64::from(pid)), (c"age", age_ns as f64 / 1e6)]).map(Some)
        }
        None => Ok(None),
    }
}

/// Makes the handle the holder, if it is still open. Otherwise the mutex is released.
fn deliver<'s>(
    js: Js<'s>,
    state: &State,
    handle: u32,
    pending: Box<dyn Any>,
) -> Result<Local<'s>, Failure<'s>> {
    let held = with_handle::<Mutex, _>(state, handle, |handle| {
        let held = pending.downcast::<PendingLock>().ok().and_then(|pending| pending.into_held());
        handle.data = held.map(|held| held.token);
        Ok(held)
    })?;
    held.map_or_else(|| js.undefined(), |held| held_object(js, held))
}

fn held_object<'s>(js: Js<'s>, held: Held) -> Result<Local<'s>, Failure<'s>> {
    let object = js.object()?;
    js.set(object, c"token", js.bigint(held.token as i64)?)?;
    js.set(object, c"ownerDied", js.boolean(held.owner_died)?)?;
    Ok(object)
}
