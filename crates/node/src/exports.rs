//! The list of all functions that JavaScript can call.

#![allow(unsafe_code, reason = "makes functions through Node-API")]

#[cfg(target_os = "freebsd")]
use crate::absent::range_lock;
use crate::callback;
use crate::dict::{self, fast_calls};
use crate::files::map::exports as map;
#[cfg(not(target_os = "freebsd"))]
use crate::files::range_lock::exports as range_lock;
use crate::objects::channel::exports as channel;
use crate::objects::ring::exports as ring;
use crate::objects::segment::exports as segment;
use crate::objects::{lifecycle, locks, mutex, queue, semaphore, wait};
use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local, NativeFunction};
use crate::runtime::state::State;
use napi::sys;
use std::ffi::CStr;
use std::ptr;
use std::rc::Rc;

/// A name and its function.
pub type Export = (&'static str, NativeFunction);

/// Lists the functions that belong to no kind.
fn plain() -> Vec<Export> {
    vec![
        ("cancelWait", callback!(wait::cancel)),
        ("keepAliveForWaits", callback!(wait::keep_alive)),
        ("confirmWaits", callback!(wait::confirm)),
        ("yieldProcessor", callback!(wait::yield_processor, 0)),
        ("isLinked", callback!(lifecycle::is_linked)),
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
        (c"channel", channel()),
        (c"queue", queue::exports()),
        (c"map", map()),
        (c"rangeLock", range_lock()),
    ]
}

/// Adds the function that makes copies to the addon's exports.
pub fn install<'s>(js: Js<'s>, exports_object: Local<'s>) -> Result<(), Failure<'s>> {
    js.set(exports_object, c"instantiate", js.function("instantiate", instantiate, ptr::null_mut())?)
}

/// `instantiate(callFrame, createError, receive)`: returns all functions, with a state of their own, for one copy of the
/// package's JavaScript. `createError` makes errors; `receive` takes the results of waits, in an array of ticket, whether
/// the wait failed, and value or error in turn. The copy must not let go of any of the three before the functions.
unsafe extern "C" fn instantiate(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: Node-API calls it with a live environment.
    let js = unsafe { Js::from_raw(env) };
    let (mut raw, mut count) = ([ptr::null_mut(); 3], 3);
    // SAFETY: `raw` has space for `count` values, and missing ones are filled with `undefined`.
    let status = unsafe {
        sys::napi_get_cb_info(env, info, &mut count, raw.as_mut_ptr(), ptr::null_mut(), ptr::null_mut())
    };
    if status != sys::Status::napi_ok {
        return ptr::null_mut();
    }
    // SAFETY: the values are of the callback's own scope.
    let [frame, create_error, receive] = raw.map(|raw| unsafe { Local::from_raw(raw) });
    match copy(js, frame, create_error, receive) {
        Ok(functions) => functions.raw(),
        Err(failure) => {
            failure.throw_plain(js);
            ptr::null_mut()
        }
    }
}

/// Makes the functions of a copy.
fn copy<'s>(
    js: Js<'s>,
    frame: Local<'s>,
    create_error: Local<'s>,
    receive: Local<'s>,
) -> Result<Local<'s>, Failure<'s>> {
    let (state, anchor) = State::create(js)?;
    js.fix(anchor, js.text("callFrame")?, frame)?;
    js.fix(anchor, js.text("createError")?, create_error)?;
    js.fix(anchor, js.text("receive")?, receive)?;
    state.frame.attach(js, frame)?;
    let makes = Makes { js, state: Rc::as_ptr(&state), anchor, property: js.symbol(js.text("anchor")?)? };
    let functions = js.object()?;
    makes.add(functions, &plain())?;
    for (kind, exports) in kinds() {
        let object = js.object()?;
        makes.add(object, &exports)?;
        js.set(functions, kind, object)?;
    }
    Ok(functions)
}

/// Makes the functions of one state.
struct Makes<'s> {
    js: Js<'s>,
    state: *const State,
    anchor: Local<'s>,
    /// The name of the property of each function that is the anchor.
    property: Local<'s>,
}

impl<'s> Makes<'s> {
    fn add(&self, object: Local<'s>, functions: &[Export]) -> Result<(), Failure<'s>> {
        let js = self.js;
        for (name, callback) in functions {
            // Its data is the state, which the anchor keeps alive, and the function keeps that.
            let function = js.function(name, *callback, self.state.cast_mut().cast())?;
            js.fix(function, self.property, self.anchor)?;
            let name = js.text(name)?;
            // SAFETY: J1 and J2.
            let status =
                unsafe { sys::napi_set_property(js.raw(), object.raw(), name.raw(), function.raw()) };
            if status != sys::Status::napi_ok {
                return Err(Failure::node_api(status));
            }
        }
        Ok(())
    }
}
