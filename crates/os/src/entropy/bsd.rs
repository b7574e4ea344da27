//! macOS and FreeBSD: `getentropy`, which returns up to 256 bytes at once and is never interrupted.

#![allow(unsafe_code, reason = "calls getentropy")]

use crate::error::{OsError, Result};

pub(super) fn fill(bytes: &mut [u8]) -> Result<()> {
    // SAFETY: `bytes` is valid for writes of its length for the whole call.
    match unsafe { libc::getentropy(bytes.as_mut_ptr().cast(), bytes.len()) } {
        0 => Ok(()),
        _ => Err(OsError::last("getentropy")),
    }
}
