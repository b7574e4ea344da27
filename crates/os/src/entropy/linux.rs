//! Linux: `getrandom`.

#![allow(unsafe_code, reason = "calls getrandom")]

use crate::error::{OsError, Result};

pub(super) fn fill(bytes: &mut [u8]) -> Result<()> {
    loop {
        // SAFETY: `bytes` is valid for writes of its length for the whole call.
        let got = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
        if got == bytes.len() as isize {
            return Ok(());
        }
        let error = OsError::last("getrandom");
        if error.errno != libc::EINTR {
            return Err(error);
        }
    }
}
