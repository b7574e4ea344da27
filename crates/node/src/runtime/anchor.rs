//! The anchor: the JavaScript object that owns the state of one copy of the package's JavaScript.
//!
//! Every function of a copy has the anchor as a property, and the anchor has as properties what the copy passed: the
//! call frame, and the functions that the addon calls. None of these properties can be changed. So all of them live as
//! long as any function of the copy, and JavaScript alone decides how long that is: the addon holds the anchor only while
//! a wait is pending, whose promise must be settled. When a copy is collected, so is its anchor, and the state is freed.

use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use crate::runtime::state::State;
use napi::sys;
use std::cell::Cell;
use std::ffi::{CStr, c_void};
use std::ptr;
use std::rc::Rc;

/// A reference to the anchor, weak at first.
#[derive(Debug)]
pub struct Anchor(Cell<sys::napi_ref>);

impl Anchor {
    /// Creates a reference to no anchor.
    pub fn none() -> Self {
        Anchor(Cell::new(ptr::null_mut()))
    }

    /// Makes the anchor of a state, which it keeps alive.
    pub fn make<'s>(js: Js<'s>, state: &Rc<State>) -> Result<Local<'s>, Failure<'s>> {
        let object = js.object()?;
        let share = Rc::into_raw(Rc::clone(state)).cast_mut().cast::<c_void>();
        // SAFETY: J1 and J2; `share` stays valid until `collected`, which is called at most once.
        let status = unsafe {
            sys::napi_wrap(js.raw(), object.raw(), share, Some(collected), ptr::null_mut(), ptr::null_mut())
        };
        if status != sys::Status::napi_ok {
            // SAFETY: made with `into_raw` above, and not taken over by the failed call.
            drop(unsafe { Rc::from_raw(share.cast_const().cast::<State>()) });
            return Err(Failure::node_api(status));
        }
        state.anchor.0.set(js.weak_reference(object)?);
        Ok(object)
    }

    /// Returns what the copy passed under this name; `None` if its JavaScript is gone.
    pub fn property<'s>(&self, js: Js<'s>, name: &CStr) -> Result<Option<Local<'s>>, Failure<'s>> {
        match js.referenced(self.0.get())? {
            Some(anchor) => js.property(anchor, name).map(Some),
            None => Ok(None),
        }
    }

    /// Holds the anchor, or stops holding it. The calls alternate.
    pub fn hold(&self, js: Js<'_>, on: bool) {
        let change = if on { sys::napi_reference_ref } else { sys::napi_reference_unref };
        // SAFETY: J1; the reference was made in this environment, and is deleted with the state.
        let status = unsafe { change(js.raw(), self.0.get(), ptr::null_mut()) };
        debug_assert_eq!(status, sys::Status::napi_ok);
    }

    /// Deletes the reference.
    ///
    /// # Safety
    /// The environment is the one that it was made in, on its thread, and has not ended.
    pub unsafe fn delete(&self, env: sys::napi_env) {
        let reference = self.0.replace(ptr::null_mut());
        if !reference.is_null() {
            // SAFETY: the caller's promise; the reference is not used any more.
            let _ = unsafe { sys::napi_delete_reference(env, reference) };
        }
    }
}

/// Drops the anchor's share of the state. Called once, when the anchor was collected or its environment ends.
unsafe extern "C" fn collected(_env: sys::napi_env, share: *mut c_void, _hint: *mut c_void) {
    // SAFETY: `make` made it with `Rc::into_raw`, for this one call.
    let state = unsafe { Rc::from_raw(share.cast_const().cast::<State>()) };
    // A panic must not cross into C. What it interrupts is cleaned up by the end of the process or by peers.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || drop(state)));
}
