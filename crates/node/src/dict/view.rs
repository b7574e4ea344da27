//! A dictionary's memory as an `ArrayBuffer`, for the local cache.
//!
//! The buffer keeps the memory mapped until it is detached or collected, and nothing else of the dictionary: a closed
//! handle's liveness lock and name do not wait for a garbage collection.

#![expect(unsafe_code, reason = "lends the memory of a dictionary to JavaScript")]

use crate::runtime::call_frame::MOST_VIEWED;
use crate::runtime::external_buffer::external_buffer;
use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use napi::sys;
use shmkit_object::region::Region;
use std::ptr;

/// A view that JavaScript has. The reference is weak: JavaScript alone keeps the buffer alive.
#[derive(Debug)]
pub struct View(sys::napi_ref);

impl View {
    /// Returns a view of a region's beginning; `None` where the runtime makes none.
    pub fn make<'s>(js: Js<'s>, region: &Region) -> Result<Option<(View, Local<'s>)>, Failure<'s>> {
        let bytes = region.len().min(MOST_VIEWED) as usize;
        // SAFETY: the region's bytes stay mapped as long as a clone of it lives. The only stores are those of reference
        // bits by the local cache, which makes none through a read-only handle (src/dict/handle.ts).
        let made = unsafe { external_buffer(js, region.start(), bytes, region.clone()) }?;
        let Some(buffer) = made else { return Ok(None) };
        let mut reference = ptr::null_mut();
        // SAFETY: J1 and J2; `reference` is a local variable.
        let status = unsafe { sys::napi_create_reference(js.raw(), buffer.raw(), 0, &mut reference) };
        if status != sys::Status::napi_ok {
            return Err(Failure::node_api(status));
        }
        Ok(Some((View(reference), buffer)))
    }

    /// Takes the memory away from JavaScript, if the buffer still exists.
    pub fn detach(self, js: Js<'_>) {
        let mut buffer = ptr::null_mut();
        // SAFETY: J1; the reference belongs to the environment that made it, as do all calls of a handle.
        let status = unsafe { sys::napi_get_reference_value(js.raw(), self.0, &mut buffer) };
        if status == sys::Status::napi_ok && !buffer.is_null() {
            // SAFETY: `buffer` is a value of the present scope. If a runtime cannot detach it, the memory stays mapped
            // until the buffer is collected.
            let _ = unsafe { sys::napi_detach_arraybuffer(js.raw(), buffer) };
        }
        // SAFETY: the reference is owned by this view, and not used any more.
        let _ = unsafe { sys::napi_delete_reference(js.raw(), self.0) };
    }
}
