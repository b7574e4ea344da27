//! Everything that JavaScript can call.

#[cfg(windows)]
use crate::absent::{map, ring};
#[cfg(any(windows, target_os = "freebsd"))]
use crate::absent::{range_lock, segment};
use crate::callback;
use crate::dict::{fast_calls, inspect, lease, lifecycle, list, many, read, scan, write};
#[cfg(unix)]
use crate::files::map;
#[cfg(any(target_os = "linux", target_os = "macos"))]
use crate::files::range_lock;
#[cfg(unix)]
use crate::objects::ring;
#[cfg(any(target_os = "linux", target_os = "macos"))]
use crate::objects::segment;
use crate::objects::{lifecycle as named, locks, mutex, semaphore};
use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use crate::runtime::state::State;
use crate::runtime::wait;
use napi::sys;
use std::ffi::CStr;
use std::ptr;

/// A name and what it calls.
pub type Export =
    (&'static str, unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value);

/// What JavaScript can call by itself: dictionaries, and what concerns all kinds.
fn plain() -> Vec<Export> {
    vec![
        ("configure", callback!(configure)),
        ("create", callback!(lifecycle::create)),
        ("open", callback!(lifecycle::open)),
        ("openOrCreate", callback!(lifecycle::open_or_create)),
        ("close", callback!(lifecycle::close)),
        ("closeNamed", callback!(named::close)),
        ("configureWaits", callback!(wait::configure)),
        ("cancelWait", callback!(wait::cancel)),
        ("keepAliveForWaits", callback!(wait::keep_alive)),
        ("confirmWaits", callback!(wait::confirm)),
        ("yieldProcessor", callback!(wait::yield_processor, 0)),
        ("releaseNames", callback!(lifecycle::release_names)),
        ("view", callback!(lifecycle::view)),
        ("unlink", callback!(lifecycle::unlink)),
        ("prune", callback!(lifecycle::prune)),
        ("list", callback!(lifecycle::list)),
        ("countHits", callback!(read::count_hits)),
        ("getEntry", callback!(read::get_entry)),
        ("getStale", callback!(read::get_stale)),
        ("getInto", callback!(read::get_into, 4)),
        ("set", callback!(write::set)),
        ("swap", callback!(write::swap)),
        ("delete", callback!(write::delete, 3)),
        ("take", callback!(write::take)),
        ("incr", callback!(write::incr)),
        ("clear", callback!(write::clear)),
        ("flushExpired", callback!(write::flush_expired)),
        ("getMany", callback!(many::get)),
        ("setMany", callback!(many::set)),
        ("deleteMany", callback!(many::delete)),
        ("scanStart", callback!(scan::start)),
        ("scanKeys", callback!(scan::next_keys)),
        ("scanEntries", callback!(scan::next_entries)),
        ("scanEnd", callback!(scan::end)),
        ("push", callback!(list::push)),
        ("pop", callback!(list::pop)),
        ("listLength", callback!(list::length)),
        ("listRange", callback!(list::range)),
        ("leaseAcquire", callback!(lease::acquire)),
        ("leaseStore", callback!(lease::store)),
        ("leaseRelease", callback!(lease::release)),
        ("size", callback!(inspect::size)),
        ("stats", callback!(inspect::stats)),
        ("verify", callback!(inspect::verify)),
    ]
}

/// Objects of functions: the fast calls, and one for each kind of what is no dictionary.
fn kinds() -> Vec<(&'static CStr, Vec<Export>)> {
    vec![
        (c"fast", fast_calls::exports()),
        (c"sem", semaphore::exports()),
        (c"mutex", mutex::exports()),
        (c"segment", segment::exports()),
        (c"locks", locks::exports()),
        (c"ring", ring::exports()),
        (c"map", map::exports()),
        (c"rangeLock", range_lock::exports()),
    ]
}

/// `configure(callFrame, createError)`: what TypeScript gives the addon, once a thread.
fn configure<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.state.frame.attach(call.js, call.argument(0))?;
    call.state.set_error_factory(call.js, call.argument(1))?;
    Ok(None)
}

/// Adds all of them to what the addon exports.
pub fn install<'s>(js: Js<'s>, exports_object: Local<'s>) -> Result<(), Failure<'s>> {
    let state = State::install(js)?;
    add(js, exports_object, &plain(), state)?;
    for (kind, functions) in kinds() {
        let object = js.object()?;
        add(js, object, &functions, state)?;
        js.set(exports_object, kind, object)?;
    }
    Ok(())
}

fn add<'s>(
    js: Js<'s>,
    object: Local<'s>,
    functions: &[Export],
    state: *const State,
) -> Result<(), Failure<'s>> {
    for (name, callback) in functions {
        let mut function = ptr::null_mut();
        // SAFETY: `js` is of the running registration; the name outlives the call; the callback's
        // data is the state, which lives until the environment is gone.
        let status = unsafe {
            sys::napi_create_function(
                js.raw(),
                name.as_ptr().cast(),
                name.len() as isize,
                Some(*callback),
                state.cast_mut().cast(),
                &mut function,
            )
        };
        if status != sys::Status::napi_ok {
            return Err(Failure::node_api(status));
        }
        let property = js.text(name)?;
        // SAFETY: all three values are of the running registration's scope.
        let status = unsafe { sys::napi_set_property(js.raw(), object.raw(), property.raw(), function) };
        if status != sys::Status::napi_ok {
            return Err(Failure::node_api(status));
        }
    }
    Ok(())
}
