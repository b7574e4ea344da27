//! The list of all functions that JavaScript can call.

#![allow(unsafe_code, reason = "makes functions through Node-API")]

#[cfg(windows)]
use crate::absent::{map, ring};
#[cfg(any(windows, target_os = "freebsd"))]
use crate::absent::{range_lock, segment};
use crate::callback;
use crate::dict::{self, fast_calls};
#[cfg(unix)]
use crate::files::map::exports as map;
#[cfg(any(target_os = "linux", target_os = "macos"))]
use crate::files::range_lock::exports as range_lock;
#[cfg(unix)]
use crate::objects::ring::exports as ring;
#[cfg(any(target_os = "linux", target_os = "macos"))]
use crate::objects::segment::exports as segment;
use crate::objects::{lifecycle, locks, mutex, semaphore, wait};
use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use crate::runtime::state::State;
use napi::sys;
use std::ffi::CStr;
use std::ptr;

/// A name and its function.
pub type Export =
    (&'static str, unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value);

/// Lists the functions that belong to no kind.
fn plain() -> Vec<Export> {
    vec![
        ("configure", callback!(configure)),
        ("releaseNames", callback!(lifecycle::release_names)),
        ("configureWaits", callback!(wait::configure)),
        ("cancelWait", callback!(wait::cancel)),
        ("keepAliveForWaits", callback!(wait::keep_alive)),
        ("confirmWaits", callback!(wait::confirm)),
        ("yieldProcessor", callback!(wait::yield_processor, 0)),
    ]
}

/// Lists the objects of functions: one for each kind of named objects, and those of files.
fn kinds() -> Vec<(&'static CStr, Vec<Export>)> {
    vec![
        (c"dict", dict::exports()),
        (c"fast", fast_calls::exports()),
        (c"semaphore", semaphore::exports()),
        (c"mutex", mutex::exports()),
        (c"segment", segment()),
        (c"locks", locks::exports()),
        (c"ring", ring()),
        (c"map", map()),
        (c"rangeLock", range_lock()),
    ]
}

/// `configure(callFrame, createError)`: sets what TypeScript passes once per thread.
fn configure<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.state.frame.attach(call.js, call.argument(0))?;
    call.state.set_error_factory(call.js, call.argument(1))?;
    Ok(None)
}

/// Adds all functions to the addon's exports.
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
        // SAFETY: J1; the name outlives the call; the callback's data is the state, which lives until the environment
        // is gone.
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
        // SAFETY: J1 and J2.
        let status = unsafe { sys::napi_set_property(js.raw(), object.raw(), property.raw(), function) };
        if status != sys::Status::napi_ok {
            return Err(Failure::node_api(status));
        }
    }
    Ok(())
}
