//! What the addon keeps for one JavaScript thread, and when it lets go of it.
//!
//! A worker that ends, and a process that exits by itself, run the cleanup hook: every handle still
//! open is closed, so that an owner's name goes and leases are free at once. No JavaScript of the
//! thread runs afterwards. The memory itself is freed when the runtime drops the instance data too,
//! whichever of the two comes last.

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

/// Code units for which there is room from the start: longer strings are asked for twice.
const ROOM: usize = 2048;
/// Code units, and bytes, that stay reserved between calls.
const RETAINED: usize = 64 * 1024;

/// Where a string or its stored bytes are built; used again by every call.
#[derive(Debug)]
pub struct Scratch {
    /// Code units as JavaScript has them.
    pub units: Vec<u16>,
    /// Bytes as the segment has them.
    pub bytes: Vec<u8>,
}

impl Scratch {
    fn new() -> Self {
        Scratch { units: Vec::with_capacity(ROOM), bytes: Vec::with_capacity(ROOM) }
    }

    /// Gives memory back after an unusually large string.
    #[inline]
    pub fn trim(&mut self) {
        if self.units.capacity() > RETAINED || self.bytes.capacity() > 2 * RETAINED {
            *self = Scratch::new();
        }
    }
}

/// One per environment: the main thread's or a worker's.
#[derive(Debug)]
pub struct State {
    /// What is open, by the numbers that JavaScript holds.
    pub handles: RefCell<Slots<AnyHandle>>,
    /// Memory maps, likewise.
    #[cfg(unix)]
    pub maps: RefCell<Slots<Mapped>>,
    /// Byte ranges of files that are held, likewise.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    pub locks: RefCell<Slots<RangeLock>>,
    /// Scratch for a call's key.
    pub key: RefCell<Scratch>,
    /// Scratch for a call's value.
    pub value: RefCell<Scratch>,
    /// Scratch for a result's code units.
    pub result: RefCell<Scratch>,
    /// What is waited for.
    pub waits: Waits,
    /// What calls return beside their value.
    pub frame: CallFrame,
    error_factory: Cell<sys::napi_ref>,
}

impl State {
    /// Makes the state of an environment; its address is good for the callbacks' data.
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
        // SAFETY: `js` is of the running registration; `data` stays valid until `drop_data`, which
        // is called at most once.
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

    /// Uses this function from now on to make errors.
    pub fn set_error_factory<'s>(&self, js: Js<'s>, factory: Local<'s>) -> Result<(), Failure<'s>> {
        let mut reference = ptr::null_mut();
        // SAFETY: both are of the present callback; `reference` is a local of ours.
        let status = unsafe { sys::napi_create_reference(js.raw(), factory.raw(), 1, &mut reference) };
        if status != sys::Status::napi_ok {
            return Err(Failure::node_api(status));
        }
        self.error_factory.set(reference);
        Ok(())
    }

    /// The function that makes errors, if TypeScript gave one.
    pub fn error_factory<'s>(&self, js: Js<'s>) -> Result<Option<Local<'s>>, Failure<'s>> {
        let reference = self.error_factory.get();
        if reference.is_null() {
            return Ok(None);
        }
        let mut factory = ptr::null_mut();
        // SAFETY: `js` is of the present callback; the strong reference is never deleted.
        let status = unsafe { sys::napi_get_reference_value(js.raw(), reference, &mut factory) };
        if status != sys::Status::napi_ok {
            return Err(Failure::node_api(status));
        }
        // SAFETY: the call put a value of the present scope there.
        Ok(Some(unsafe { Local::from_raw(factory) }))
    }

    fn close_all(&self) {
        self.waits.end();
        // Taken out first: closing talks to the system, and nothing of ours may stay borrowed meanwhile.
        let mut handles = std::mem::take(&mut *self.handles.borrow_mut());
        handles.iter_mut().for_each(|handle| handle.events().end());
        drop(handles);
        #[cfg(unix)]
        drop(std::mem::take(&mut *self.maps.borrow_mut()));
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        drop(std::mem::take(&mut *self.locks.borrow_mut()));
    }
}

/// Gives back the hook's share of the state, with everything closed.
unsafe extern "C" fn clean_up(argument: *mut c_void) {
    // SAFETY: `install` made it with `Rc::into_raw`, for this one call.
    let state = unsafe { Rc::from_raw(argument.cast_const().cast::<State>()) };
    // A panic must not cross into C; what it interrupted is dropped with the process or by its peers.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| state.close_all()));
}

/// Gives back the instance data's share of the state.
unsafe extern "C" fn drop_data(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: `install` made it with `Rc::into_raw`, for this one call.
    drop(unsafe { Rc::from_raw(data.cast_const().cast::<State>()) });
}
