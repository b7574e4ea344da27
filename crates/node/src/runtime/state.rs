//! The addon's state of one JavaScript thread, and its end.
//!
//! When a worker ends, or a process exits by itself, the cleanup hook runs: it closes every open handle, so that
//! owners' names are removed and leases released at once. No JavaScript of the thread runs afterwards. The memory is
//! freed when the runtime has also dropped the instance data, in either order.

#[cfg(unix)]
use crate::files::mapped::Mapped;
use crate::objects::handle::AnyHandle;
use crate::runtime::call_frame::CallFrame;
use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use crate::runtime::slots::Slots;
use crate::runtime::waits::Waits;
use napi::sys;
#[cfg(any(target_os = "linux", target_os = "macos"))]
use shmkit_os::range_lock::RangeLock;
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr;
use std::rc::Rc;

/// The initial capacity in code units. Longer strings take a second call.
const ROOM: usize = 2048;
/// The code units, or half the bytes, that stay allocated between calls.
const RETAINED: usize = 64 * 1024;

/// Memory for converting a string, reused by every call.
#[derive(Debug)]
pub struct Scratch {
    /// Code units, as in JavaScript.
    pub units: Vec<u16>,
    /// Bytes, as in the engine.
    pub bytes: Vec<u8>,
}

impl Scratch {
    fn new() -> Self {
        Scratch { units: Vec::with_capacity(ROOM), bytes: Vec::with_capacity(ROOM) }
    }

    /// Frees memory after an unusually large string.
    #[inline]
    pub fn trim(&mut self) {
        if self.units.capacity() > RETAINED || self.bytes.capacity() > 2 * RETAINED {
            *self = Scratch::new();
        }
    }
}

/// The state of one environment: the main thread's or a worker's.
#[derive(Debug)]
pub struct State {
    /// Open objects, by the numbers that JavaScript has.
    pub handles: RefCell<Slots<AnyHandle>>,
    /// Memory maps, by numbers of their own.
    #[cfg(unix)]
    pub maps: RefCell<Slots<Mapped>>,
    /// Locks on byte ranges of files, by numbers of their own.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    pub locks: RefCell<Slots<RangeLock>>,
    /// Scratch for a call's key.
    pub key: RefCell<Scratch>,
    /// Scratch for a call's value.
    pub value: RefCell<Scratch>,
    /// Scratch for a result's code units.
    pub result: RefCell<Scratch>,
    /// Pending waits.
    pub waits: Waits,
    /// Values passed besides arguments and results.
    pub frame: CallFrame,
    error_factory: Cell<sys::napi_ref>,
}

impl State {
    /// Creates the state of an environment. Callbacks get its address as their data.
    pub fn install(js: Js<'_>) -> Result<*const State, Failure<'_>> {
        let state = Rc::new(State {
            handles: RefCell::default(),
            #[cfg(unix)]
            maps: RefCell::default(),
            #[cfg(any(target_os = "linux", target_os = "macos"))]
            locks: RefCell::default(),
            key: RefCell::new(Scratch::new()),
            value: RefCell::new(Scratch::new()),
            result: RefCell::new(Scratch::new()),
            waits: Waits::default(),
            frame: CallFrame::new(),
            error_factory: Cell::new(ptr::null_mut()),
        });
        let data = Rc::into_raw(Rc::clone(&state)).cast_mut().cast::<c_void>();
        // SAFETY: J1; `data` stays valid until `drop_data`, which is called at most once.
        let status = unsafe { sys::napi_set_instance_data(js.raw(), data, Some(drop_data), ptr::null_mut()) };
        if status != sys::Status::napi_ok {
            return Err(Failure::node_api(status));
        }
        let argument = Rc::into_raw(state);
        // SAFETY: as above; `argument` stays valid until `clean_up`, which is called at most once.
        let status =
            unsafe { sys::napi_add_env_cleanup_hook(js.raw(), Some(clean_up), argument.cast_mut().cast()) };
        if status == sys::Status::napi_ok { Ok(argument) } else { Err(Failure::node_api(status)) }
    }

    /// Makes errors through this function from now on.
    pub fn set_error_factory<'s>(&self, js: Js<'s>, factory: Local<'s>) -> Result<(), Failure<'s>> {
        let mut reference = ptr::null_mut();
        // SAFETY: J1 and J2; `reference` is a local variable.
        let status = unsafe { sys::napi_create_reference(js.raw(), factory.raw(), 1, &mut reference) };
        if status != sys::Status::napi_ok {
            return Err(Failure::node_api(status));
        }
        self.error_factory.set(reference);
        Ok(())
    }

    /// Returns the function that makes errors, if TypeScript has passed one.
    pub fn error_factory<'s>(&self, js: Js<'s>) -> Result<Option<Local<'s>>, Failure<'s>> {
        let reference = self.error_factory.get();
        if reference.is_null() {
            return Ok(None);
        }
        let mut factory = ptr::null_mut();
        // SAFETY: J1; the strong reference is never deleted.
        let status = unsafe { sys::napi_get_reference_value(js.raw(), reference, &mut factory) };
        if status != sys::Status::napi_ok {
            return Err(Failure::node_api(status));
        }
        // SAFETY: the call put a value of the present scope there.
        Ok(Some(unsafe { Local::from_raw(factory) }))
    }

    fn close_all(&self) {
        self.waits.end();
        // Taken out first: closing makes system calls, and nothing of the state may be borrowed meanwhile.
        let mut handles = std::mem::take(&mut *self.handles.borrow_mut());
        handles.iter_mut().for_each(|handle| handle.events().end());
        drop(handles);
        #[cfg(unix)]
        drop(std::mem::take(&mut *self.maps.borrow_mut()));
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        drop(std::mem::take(&mut *self.locks.borrow_mut()));
    }
}

/// Closes everything, and drops the hook's share of the state.
unsafe extern "C" fn clean_up(argument: *mut c_void) {
    // SAFETY: `install` made it with `Rc::into_raw`, for this one call.
    let state = unsafe { Rc::from_raw(argument.cast_const().cast::<State>()) };
    // A panic must not cross into C. What it interrupts is cleaned up by the end of the process or by peers.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| state.close_all()));
}

/// Drops the instance data's share of the state.
unsafe extern "C" fn drop_data(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: `install` made it with `Rc::into_raw`, for this one call.
    drop(unsafe { Rc::from_raw(data.cast_const().cast::<State>()) });
}
