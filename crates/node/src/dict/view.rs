//! A dictionary's memory as an `ArrayBuffer`, for the local cache.
//!
//! The buffer keeps the memory mapped until it is detached or collected, and nothing else of the dictionary: a closed
//! handle's liveness lock and name do not wait for a garbage collection. Closing the handle detaches it and unmaps the
//! memory.

#![expect(unsafe_code, reason = "lends the memory of a dictionary to JavaScript")]

use crate::runtime::call_frame::MOST_VIEWED;
use crate::runtime::external_buffer::{Loan, external_buffer};
use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use napi::sys;
use shmkit_object::region::Region;
use std::ptr;

/// A view that JavaScript has.
#[derive(Debug)]
pub struct View {
    /// Weak: JavaScript alone keeps the buffer alive.
    buffer: sys::napi_ref,
    loan: Loan<Region>,
}

impl View {
    /// Returns a view of a region's beginning; `None` where the runtime makes none.
    pub fn make<'s>(js: Js<'s>, region: &Region) -> Result<Option<(View, Local<'s>)>, Failure<'s>> {
        let bytes = region.len().min(MOST_VIEWED) as usize;
        // SAFETY: the region's bytes stay mapped as long as a clone of it lives. The only stores are those of reference
        // bits by the local cache, which makes none through a read-only handle (src/dict/handle.ts).
        let made = unsafe { external_buffer(js, region.start(), bytes, region.clone()) }?;
        let Some((buffer, loan)) = made else { return Ok(None) };
        let mut reference = ptr::null_mut();
        // SAFETY: J1 and J2; `reference` is a local variable.
        let status = unsafe { sys::napi_create_reference(js.raw(), buffer.raw(), 0, &mut reference) };
        if status != sys::Status::napi_ok {
            return Err(Failure::node_api(status));
        }
        Ok(Some((View { buffer: reference, loan }, buffer)))
    }

    /// Takes the memory away from JavaScript, if the buffer still exists.
    pub fn detach(self, js: Js<'_>) {
        let mut buffer = ptr::null_mut();
        // SAFETY: J1; the reference belongs to the environment that made it, as do all calls of a handle.
        let status = unsafe { sys::napi_get_reference_value(js.raw(), self.buffer, &mut buffer) };
        if status == sys::Status::napi_ok && !buffer.is_null() {
            // SAFETY: `buffer` is a value of the present scope.
            let status = unsafe { sys::napi_detach_arraybuffer(js.raw(), buffer) };
            let mut is_detached = false;
            // SAFETY: as above; `is_detached` is a local variable.
            let asked = unsafe { sys::napi_is_detached_arraybuffer(js.raw(), buffer, &mut is_detached) };
            // If a runtime cannot detach it, the memory stays mapped until the buffer is collected.
            if status == sys::Status::napi_ok && asked == sys::Status::napi_ok && is_detached {
                // SAFETY: the buffer is detached.
                unsafe { self.loan.end() };
            }
        }
        // SAFETY: the reference is owned by this view, and not used any more.
        let _ = unsafe { sys::napi_delete_reference(js.raw(), self.buffer) };
    }
}
