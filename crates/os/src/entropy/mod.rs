//! Random bytes: hash seeds, segment identities, temporary names.

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

/// `N` bytes nobody can predict.
///
/// # Errors
/// The system's own: this fails only where the call is forbidden.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    const { assert!(N <= 256, "up to 256 bytes come whole, or not at all") };
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::random;

    #[test]
    fn two_draws_differ() {
        assert_ne!(random::<16>().unwrap(), random::<16>().unwrap());
    }
}
