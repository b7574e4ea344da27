//! shmkit's addon: conversion between JavaScript and the engine, and no rule of its own.
//!
//! | module | idea |
//! |---|---|
//! | [`ops`] | what JavaScript can call, one function each |
//! | [`call`] | one call: its arguments, its outcome, panics |
//! | [`js`] | JavaScript values behind safe functions |
//! | [`text`] | strings as the engine stores them |
//! | [`failure`] | why a call failed, and how JavaScript learns of it |
//! | [`register`] | what a call returns beside its value |
//! | [`open`] | an open dictionary, as one thread holds it |
//! | [`state`] | what the addon keeps for one thread, and when it lets go |
//! | [`view`] | shared memory as an `ArrayBuffer` |
//! | [`slots`] | things that JavaScript knows by number |
//!
//! The operations are plain Node-API functions, not `#[napi]` ones: those cost some 300 ns a call more.
//! TypeScript in `src/` makes the public class of them.

mod call;
mod failure;
mod js;
mod open;
mod ops;
mod register;
mod slots;
mod state;
mod text;
mod view;

use crate::call::{Call, Outcome};
use crate::failure::Failure;
use crate::js::Js;
use crate::ops::{inspect, lease, lifecycle, list, read, scan, write};
use crate::state::State;
use napi::bindgen_prelude::{JsValue, Object};
use napi::{Env, sys};
use napi_derive::napi;
use std::ptr;

/// A name and what it calls.
type Export = (&'static str, unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value);

/// Everything that JavaScript can call.
fn exports() -> [Export; 40] {
    [
        ("configure", callback!(configure)),
        ("create", callback!(lifecycle::create)),
        ("open", callback!(lifecycle::open)),
        ("openOrCreate", callback!(lifecycle::open_or_create)),
        ("close", callback!(lifecycle::close)),
        ("view", callback!(lifecycle::view)),
        ("releaseNames", callback!(lifecycle::release_names)),
        ("unlink", callback!(lifecycle::unlink)),
        ("prune", callback!(lifecycle::prune)),
        ("list", callback!(lifecycle::list)),
        ("get", callback!(read::get)),
        ("getWitnessed", callback!(read::get_witnessed)),
        ("countHits", callback!(read::count_hits)),
        ("has", callback!(read::has)),
        ("ttl", callback!(read::ttl)),
        ("getEntry", callback!(read::get_entry)),
        ("getStale", callback!(read::get_stale)),
        ("getInto", callback!(read::get_into)),
        ("set", callback!(write::set)),
        ("swap", callback!(write::swap)),
        ("delete", callback!(write::delete)),
        ("take", callback!(write::take)),
        ("expire", callback!(write::expire)),
        ("incr", callback!(write::incr)),
        ("clear", callback!(write::clear)),
        ("flushExpired", callback!(write::flush_expired)),
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

/// The version of this binary, to be compared with the package's.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// `configure(register, createError)`: what TypeScript gives the addon, once a thread.
fn configure<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.state.register.attach(call.js, call.argument(0))?;
    call.state.set_error_factory(call.js, call.argument(1))?;
    Ok(None)
}

/// Adds the operations to what the addon exports.
#[napi(module_exports)]
pub fn register(exports_object: Object, env: Env) -> napi::Result<()> {
    // SAFETY: registration runs in a live environment, on its thread, in a handle scope.
    let js = unsafe { Js::from_raw(env.raw()) };
    install(js, exports_object.raw()).map_err(|failure| napi::Error::from_reason(format!("{failure:?}")))
}

fn install(js: Js<'_>, exports_object: sys::napi_value) -> Result<(), Failure<'_>> {
    let state = State::install(js)?;
    for (name, callback) in exports() {
        let mut function = ptr::null_mut();
        // SAFETY: `js` is of the running registration; the name outlives the call; the callback's
        // data is the state, which lives until the environment is gone.
        let status = unsafe {
            sys::napi_create_function(
                js.raw(),
                name.as_ptr().cast(),
                name.len() as isize,
                Some(callback),
                state.cast_mut().cast(),
                &mut function,
            )
        };
        if status != sys::Status::napi_ok {
            return Err(Failure::NodeApi(status));
        }
        let property = js.text(name)?;
        // SAFETY: all three values are of the running registration's scope.
        let status = unsafe { sys::napi_set_property(js.raw(), exports_object, property.raw(), function) };
        if status != sys::Status::napi_ok {
            return Err(Failure::NodeApi(status));
        }
    }
    Ok(())
}
