//! An `ArrayBuffer` of memory that JavaScript does not own, without a copy, where the runtime makes one.
//!
//! Runtimes differ in whether they call the finalizer of a buffer that they refuse to make: most never do, Node 18 and
//! 20 call it before they return the failure if they are asked for more bytes than they allow, and others might call it
//! later. So the owner of the memory is in a keeper with two shares: the runtime's, which the finalizer drops, and
//! ours, which is dropped at the end of the call. Whichever side learns that there is no buffer takes out the owner.

use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use napi::sys;
use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

/// Owns the memory of a buffer; `None` once there is no buffer, or it is detached.
#[derive(Debug)]
struct Keeper<T>(Mutex<Option<T>>);

impl<T> Keeper<T> {
    fn let_go(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// The memory of a buffer that was made.
#[derive(Debug)]
pub struct Loan<T>(Arc<Keeper<T>>);

impl<T> Loan<T> {
    /// Drops the owner of the memory now. The runtime finalizes even a detached buffer only after the program has returned
    /// to the event loop.
    ///
    /// # Safety
    /// The buffer is detached.
    pub unsafe fn end(self) {
        self.0.let_go();
    }
}

/// Returns an `ArrayBuffer` of the `length` bytes at `start`, and what it borrows; `None` where the runtime makes none, because it allows no
/// external memory or not this much. `owner` is dropped when the buffer is collected, or its thread ends.
///
/// # Safety
/// As long as `owner` lives, the bytes are mapped, and writable unless JavaScript never stores to the buffer.
pub unsafe fn external_buffer<'s, T: Send + 'static>(
    js: Js<'s>,
    start: *mut u8,
    length: usize,
    owner: T,
) -> Result<Option<(Local<'s>, Loan<T>)>, Failure<'s>> {
    let keeper = Arc::new(Keeper(Mutex::new(Some(owner))));
    let share = Arc::into_raw(Arc::clone(&keeper)).cast_mut();
    let mut raw = ptr::null_mut();
    // SAFETY: J1. While JavaScript can access the bytes, the keeper has the owner, so they are as the caller promises:
    // the owner is taken out by the finalizer or by `Loan::end`, when the buffer is gone or detached, or below, when there
    // is none. The runtime calls
    // the finalizer at most once, so only that call drops `share`.
    let status = unsafe {
        sys::napi_create_external_arraybuffer(
            js.raw(),
            start.cast(),
            length,
            Some(finalize::<T>),
            share.cast(),
            &mut raw,
        )
    };
    if status == sys::Status::napi_ok {
        // SAFETY: the call put a value of the present scope there.
        return Ok(Some((unsafe { Local::from_raw(raw) }, Loan(keeper))));
    }
    // The runtime's share may be dropped already, later or never; in the last case some bytes are lost.
    keeper.let_go();
    js.clear_exception()?;
    Ok(None)
}

/// Drops the runtime's share. Called at most once, when the buffer is gone or was not made.
unsafe extern "C" fn finalize<T>(_env: sys::napi_env, _data: *mut c_void, share: *mut c_void) {
    // SAFETY: `external_buffer` made it by `into_raw`, for this one call.
    let keeper = unsafe { Arc::from_raw(share.cast_const().cast::<Keeper<T>>()) };
    // A panic must not cross into C.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| keeper.let_go()));
}
