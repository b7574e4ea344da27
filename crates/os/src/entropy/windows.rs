//! Windows: the system-preferred random number generator.

#![allow(unsafe_code, reason = "calls BCryptGenRandom")]

use crate::error::{OsError, Result, code};
use windows_sys::Win32::Security::Cryptography::{BCRYPT_USE_SYSTEM_PREFERRED_RNG, BCryptGenRandom};

pub(super) fn fill(bytes: &mut [u8]) -> Result<()> {
    let (at, len) = (bytes.as_mut_ptr(), bytes.len() as u32);
    // SAFETY: this flag requires a null algorithm handle, and `bytes` is valid for writes of `len` bytes.
    match unsafe { BCryptGenRandom(std::ptr::null_mut(), at, len, BCRYPT_USE_SYSTEM_PREFERRED_RNG) } {
        0 => Ok(()),
        _ => Err(OsError::new("BCryptGenRandom", code::IO)),
    }
}
