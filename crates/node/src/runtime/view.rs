//! Shared memory as an `ArrayBuffer`, without a copy, where the runtime allows that.
//!
//! The buffer keeps the memory mapped until it is detached or collected, and nothing else of the
//! segment: a closed handle's liveness lock and name do not wait for a garbage collection.

use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use napi::sys;
use shmkit_object::region::Region;
use std::ffi::c_void;
use std::ptr;

/// Most bytes that a view shows: its words have numbers of 31 bits, with which engines are quickest.
pub const MOST_BYTES: u64 = 1 << 33;

/// A view that was handed out. The reference is weak: JavaScript alone keeps the buffer alive.
#[derive(Debug)]
pub struct View(sys::napi_ref);

impl View {
    /// Makes a view of a region's beginning; `None` where the runtime refuses memory that is not its own.
    pub fn make<'s>(js: Js<'s>, region: &Region) -> Result<Option<(View, Local<'s>)>, Failure<'s>> {
        let bytes = region.len().min(MOST_BYTES) as usize;
        let keeper = Box::into_raw(Box::new(region.clone())).cast::<c_void>();
        let mut buffer = ptr::null_mut();
        // SAFETY: `js` is of the present callback; `bytes` bytes from the region's start stay mapped
        // until `release` drops the clone of the region.
        let status = unsafe {
            sys::napi_create_external_arraybuffer(
                js.raw(),
                region.start().cast(),
                bytes,
                Some(release),
                keeper,
                &mut buffer,
            )
        };
        if status != sys::Status::napi_ok {
            // SAFETY: a call that failed does not call `release`, so the box is still ours.
            drop(unsafe { Box::from_raw(keeper.cast::<Region>()) });
            let refused = status == sys::Status::napi_no_external_buffers_allowed;
            return if refused { Ok(None) } else { Err(Failure::node_api(status)) };
        }
        let mut reference = ptr::null_mut();
        // SAFETY: both are of the present callback; `reference` is a local of ours.
        let status = unsafe { sys::napi_create_reference(js.raw(), buffer, 0, &mut reference) };
        if status != sys::Status::napi_ok {
            return Err(Failure::node_api(status));
        }
        // SAFETY: the value is of the present callback's scope.
        Ok(Some((View(reference), unsafe { Local::from_raw(buffer) })))
    }

    /// Takes the memory out of JavaScript's hands, if the buffer is still there.
    pub fn detach(self, js: Js<'_>) {
        let mut buffer = ptr::null_mut();
        // SAFETY: `js` is of the present callback, and of the environment that made the reference.
        let status = unsafe { sys::napi_get_reference_value(js.raw(), self.0, &mut buffer) };
        if status == sys::Status::napi_ok && !buffer.is_null() {
            // SAFETY: `buffer` is a value of the present scope. If a runtime cannot detach it, the
            // memory stays mapped until the buffer is collected.
            let _ = unsafe { sys::napi_detach_arraybuffer(js.raw(), buffer) };
        }
        // SAFETY: the reference is ours, and not used any more.
        let _ = unsafe { sys::napi_delete_reference(js.raw(), self.0) };
    }
}

/// Lets go of the memory of a buffer that is gone.
unsafe extern "C" fn release(_env: sys::napi_env, _data: *mut c_void, keeper: *mut c_void) {
    // SAFETY: `make` made it with `Box::into_raw`, for this one call.
    drop(unsafe { Box::from_raw(keeper.cast::<Region>()) });
}
