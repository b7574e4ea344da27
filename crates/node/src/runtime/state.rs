//! The addon's state of one copy of the package's JavaScript, and its end.
//!
//! A thread can have several copies: after a cleared module cache, in the realms of a test runner, in two bundles. Each
//! has its own handles, waits and call frame. The state ends with its copy, when that is collected, or with the thread.
//! When a worker ends, or a process exits by itself, the cleanup hook runs: it closes every open handle, so that owners'
//! names are removed and leases released at once. No JavaScript of the thread runs afterwards.

use crate::files::mapped::Mapped;
use crate::objects::handle::AnyHandle;
use crate::runtime::anchor::Anchor;
use crate::runtime::call_frame::CallFrame;
use crate::runtime::exit;
use crate::runtime::failure::{Failure, Subject};
use crate::runtime::js::{Js, Local};
use crate::runtime::slots::Slots;
use crate::runtime::waits::Waits;
use napi::sys;
#[cfg(not(target_os = "freebsd"))]
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

/// The state of one copy of the package's JavaScript.
#[derive(Debug)]
pub struct State {
    /// Open objects, by the numbers that JavaScript has.
    pub handles: RefCell<Slots<AnyHandle>>,
    /// Memory maps, by numbers of their own.
    pub maps: RefCell<Slots<Mapped>>,
    /// Locks on byte ranges of files, by numbers of their own.
    #[cfg(not(target_os = "freebsd"))]
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
    /// The object that owns this.
    pub anchor: Anchor,
    env: sys::napi_env,
    /// Invariant S1: as long as this is false, the environment has not ended, and has the cleanup hook `clean_up` for this
    /// state.
    ended: Cell<bool>,
}

impl State {
    /// Creates the state of a copy. It belongs to its anchor, which is returned too.
    pub fn create<'s>(js: Js<'s>) -> Result<(Rc<State>, Local<'s>), Failure<'s>> {
        let state = Rc::new(State {
            handles: RefCell::default(),
            maps: RefCell::default(),
            #[cfg(not(target_os = "freebsd"))]
            locks: RefCell::default(),
            key: RefCell::new(Scratch::new()),
            value: RefCell::new(Scratch::new()),
            result: RefCell::new(Scratch::new()),
            waits: Waits::default(),
            frame: CallFrame::new(),
            anchor: Anchor::none(),
            env: js.raw(),
            ended: Cell::new(true),
        });
        let argument = Rc::as_ptr(&state).cast_mut().cast();
        // SAFETY: J1; `drop` removes the hook before the argument becomes invalid.
        let status = unsafe { sys::napi_add_env_cleanup_hook(js.raw(), Some(clean_up), argument) };
        if status != sys::Status::napi_ok {
            return Err(Failure::node_api(status));
        }
        state.ended.set(false);
        exit::add_state(&state);
        let anchor = Anchor::make(js, &state)?;
        Ok((state, anchor))
    }

    /// Returns the environment that the state belongs to, which has ended if the state has.
    pub fn env(&self) -> sys::napi_env {
        self.env
    }

    /// Returns whether the environment has ended.
    pub fn has_ended(&self) -> bool {
        self.ended.get()
    }

    /// Returns what errors say of the open object of this number.
    pub fn subject(&self, number: u32) -> Option<Subject> {
        self.handles.try_borrow_mut().ok()?.get_mut(number).map(|handle| handle.events().subject())
    }

    /// Removes the names of all owners among the handles, which stay usable.
    pub fn release_names(&self) {
        self.handles.borrow_mut().iter_mut().for_each(|handle| handle.events().release_name());
    }

    /// Cancels all waits, because the thread's event loop has ended. What was acquired and not delivered is released. Returns
    /// whether there were any.
    pub fn end_waits(&self) -> bool {
        // SAFETY: without an environment it needs nothing.
        unsafe { self.waits.end(None) }
    }

    /// Closes everything, because the thread ends.
    fn end(&self) {
        self.end_waits();
        // Taken out first: closing makes system calls, and nothing of the state may be borrowed meanwhile.
        let mut handles = std::mem::take(&mut *self.handles.borrow_mut());
        handles.iter_mut().for_each(|handle| handle.events().end());
        drop(handles);
        drop(std::mem::take(&mut *self.maps.borrow_mut()));
        #[cfg(not(target_os = "freebsd"))]
        drop(std::mem::take(&mut *self.locks.borrow_mut()));
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if self.ended.get() {
            return;
        }
        let argument = ptr::from_mut(self).cast();
        // SAFETY: S1. The state is dropped on its thread: by the anchor's finalizer, or at the end of a callback.
        let _ = unsafe { sys::napi_remove_env_cleanup_hook(self.env, Some(clean_up), argument) };
        // SAFETY: as above.
        unsafe { self.waits.end(Some(self.env)) };
        // SAFETY: as above.
        unsafe { self.anchor.delete(self.env) };
        // SAFETY: S1, and both finalizers and callbacks have a handle scope.
        let js = unsafe { Js::from_raw(self.env) };
        // The JavaScript is gone that would have closed these.
        self.handles.get_mut().iter_mut().for_each(|handle| handle.events().detach(js));
    }
}

/// Ends the state of an environment that ends.
unsafe extern "C" fn clean_up(argument: *mut c_void) {
    // SAFETY: S1: the hook is removed before the state is dropped.
    let state = unsafe { &*argument.cast_const().cast::<State>() };
    state.ended.set(true);
    // A panic must not cross into C. What it interrupts is cleaned up by the end of the process or by peers.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| state.end()));
}
