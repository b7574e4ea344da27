//! The result register: what a callback returns beside its value.
//!
//! An object per call would cost more than most calls themselves. So TypeScript hands over one
//! `ArrayBuffer` per thread, keeps views of it, and reads the fields right after the call.

use crate::failure::Failure;
use crate::js::{Js, Local};
use napi::sys;
use std::cell::Cell;
use std::ptr;

/// Bytes of the register.
pub const SIZE: usize = 24;

/// A version, a `u64`.
const VERSION: usize = 0;
/// Seconds left, an `f64`.
const SECONDS: usize = 8;
/// The kind of the returned value, a `u32`.
const KIND: usize = 16;
/// 1 if there is more to fetch, a `u32`.
const MORE: usize = 20;

/// The register of one thread. Null until TypeScript gives it one.
#[derive(Debug)]
pub struct Register {
    /// Invariant R1: null, or the start of `SIZE` bytes of an `ArrayBuffer` that a strong reference
    /// keeps alive until the environment is gone, and that TypeScript never detaches.
    start: Cell<*mut u8>,
}

impl Register {
    /// Without memory: what is written is dropped.
    pub fn new() -> Self {
        Register { start: Cell::new(ptr::null_mut()) }
    }

    /// Uses this `ArrayBuffer` from now on.
    pub fn attach<'s>(&self, js: Js<'s>, buffer: Local<'s>) -> Result<(), Failure<'s>> {
        let (start, length) = js
            .to_memory(buffer)
            .filter(|(_, length)| *length == SIZE)
            .ok_or_else(|| Failure::argument_type("register", "an ArrayBuffer of 24 bytes", buffer))?;
        let mut reference = ptr::null_mut();
        // SAFETY: `js` and `buffer` are of the present callback; `reference` is a local of ours. The
        // reference is never given back, which makes R1 true.
        let status = unsafe { sys::napi_create_reference(js.raw(), buffer.raw(), 1, &mut reference) };
        if status != sys::Status::napi_ok {
            return Err(Failure::NodeApi(status));
        }
        debug_assert_eq!(length, SIZE);
        self.start.set(start);
        Ok(())
    }

    /// Of an entry: its version, and its seconds left (0: no expiry).
    pub fn entry(&self, version: u64, seconds: f64) {
        self.write(VERSION, version.to_ne_bytes());
        self.write(SECONDS, seconds.to_ne_bytes());
    }

    /// Of a value that is returned as a `Buffer`: what its bytes mean.
    #[inline]
    pub fn kind(&self, kind: u32) {
        self.write(KIND, kind.to_ne_bytes());
    }

    /// Whether the caller should come again.
    pub fn more(&self, more: bool) {
        self.write(MORE, u32::from(more).to_ne_bytes());
    }

    #[inline]
    fn write<const N: usize>(&self, at: usize, bytes: [u8; N]) {
        debug_assert!(at + N <= SIZE);
        let start = self.start.get();
        if start.is_null() {
            return;
        }
        // SAFETY: R1, and every field lies within `SIZE`.
        let place = unsafe { start.add(at) };
        // SAFETY: R1; an array of bytes needs no alignment.
        unsafe { place.cast::<[u8; N]>().write(bytes) };
    }
}
