//! Random bytes: hash seeds, segment identities, temporary names.

use crate::error::{OsError, Result};

/// `N` bytes nobody can predict.
///
/// # Errors
/// The system's own: this fails only where the call is forbidden.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    const { assert!(N <= 256, "up to 256 bytes come whole, or not at all") };
    let mut bytes = [0; N];
    loop {
        // SAFETY: `bytes` is valid for writes of N bytes for the whole call.
        let got = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), N, 0) };
        if got == N as isize {
            return Ok(bytes);
        }
        let error = OsError::last("getrandom");
        if error.errno != libc::EINTR {
            return Err(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::random;

    #[test]
    fn two_draws_differ() {
        assert_ne!(random::<16>().unwrap(), random::<16>().unwrap());
    }
}
