//! Keeping this library loaded. Node unloads an addon when the thread that loaded it ends, but handlers that were
//! registered with the system, and threads, still run its code.
//!
//! On Linux with glibc and on FreeBSD the linker marks the library (`-z nodelete`, which napi-build passes); musl never
//! unloads a library.

#[cfg(any(target_os = "linux", target_os = "freebsd"))]
use crate::error::Result;

#[cfg(target_os = "macos")]
pub use super::macos::pin_library;
#[cfg(windows)]
pub use super::windows::pin_library;

/// Makes the system keep the library that contains this code until the process ends.
///
/// # Errors
/// Never fails here.
#[cfg(any(target_os = "linux", target_os = "freebsd"))]
pub fn pin_library() -> Result<()> {
    Ok(())
}
