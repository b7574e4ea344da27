//! A memory map, as one JavaScript thread holds it, and views of its memory.

#![allow(unsafe_code, reason = "lends mapped memory to JavaScript")]

use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use napi::sys;
use shmkit_os::map::{MapAccess, Memory};
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

/// A map and the memory that its views show. Each view holds a share of the memory, so that closing
/// the map takes nothing away from under it.
#[derive(Debug)]
pub struct Mapped {
    /// What the methods copy from and to.
    pub memory: Arc<Memory>,
    /// What views show, if that is other memory: a store through a view of a file that is mapped for
    /// reading would end the process, so such views get private memory of the same file.
    private_view: Option<Arc<Memory>>,
}

impl Mapped {
    /// Takes charge of a map.
    pub fn new(memory: Memory) -> Self {
        Mapped { memory: Arc::new(memory), private_view: None }
    }

    /// The memory for views.
    pub fn for_views<'s>(&mut self) -> Result<Arc<Memory>, Failure<'s>> {
        if self.memory.access() != MapAccess::Read {
            return Ok(Arc::clone(&self.memory));
        }
        if let Some(private_view) = &self.private_view {
            return Ok(Arc::clone(private_view));
        }
        let private_view = Arc::new(self.memory.private_view()?);
        self.private_view = Some(Arc::clone(&private_view));
        Ok(private_view)
    }
}

/// An `ArrayBuffer` of the `length` bytes at `start`; `None` where the runtime does not allow memory of
/// others. `owner` is dropped when the buffer is collected, or its thread ends.
///
/// # Safety
/// As long as `owner` lives, the bytes are mapped and writable.
pub unsafe fn array_buffer<'s, T: Send + Sync>(
    js: Js<'s>,
    start: *mut u8,
    length: usize,
    owner: Arc<T>,
) -> Result<Option<Local<'s>>, Failure<'s>> {
    let hint = Arc::into_raw(owner).cast_mut().cast::<c_void>();
    let mut raw = ptr::null_mut();
    // SAFETY: J1; the memory is as the caller promises until the finalizer, which runs at most once,
    // gives the owner back.
    let status = unsafe {
        sys::napi_create_external_arraybuffer(
            js.raw(),
            start.cast(),
            length,
            Some(drop_owner::<T>),
            hint,
            &mut raw,
        )
    };
    match status {
        sys::Status::napi_ok => {
            // SAFETY: the call put a value of the present scope there.
            Ok(Some(unsafe { Local::from_raw(raw) }))
        }
        sys::Status::napi_no_external_buffers_allowed => {
            // SAFETY: the runtime refused before it took the hint, which `into_raw` made above.
            drop(unsafe { Arc::from_raw(hint.cast_const().cast::<T>()) });
            Ok(None)
        }
        // The runtime may or may not call the finalizer now: rather lose memory than free it twice.
        other => Err(Failure::node_api(other)),
    }
}

/// Gives back what a buffer kept alive.
unsafe extern "C" fn drop_owner<T>(_env: sys::napi_env, _data: *mut c_void, hint: *mut c_void) {
    // SAFETY: `array_buffer` made it with `Arc::into_raw`, for this one call.
    let owner = unsafe { Arc::from_raw(hint.cast_const().cast::<T>()) };
    // A panic must not cross into C.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(owner)));
}
