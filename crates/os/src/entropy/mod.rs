//! Random bytes, for hash seeds, file identities and temporary names.

#[cfg(any(target_os = "freebsd", target_os = "macos"))]
mod bsd;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(any(target_os = "freebsd", target_os = "macos"))]
use bsd::fill;
#[cfg(target_os = "linux")]
use linux::fill;
#[cfg(windows)]
use windows::fill;

use crate::error::Result;

/// Returns `N` unpredictable bytes, at most 256.
///
/// # Errors
/// Any system error; fails only if a sandbox forbids the call.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    const { assert!(N <= 256, "a call for up to 256 bytes returns all of them, or none") };
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::random;

    #[test]
    fn random_returns_different_bytes_each_time() {
        assert_ne!(random::<16>().unwrap(), random::<16>().unwrap());
    }
}
