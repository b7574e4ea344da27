//! Calls of memory maps and of locks on byte ranges of files.

pub(crate) mod map;
pub(crate) mod mapped;
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(crate) mod range_lock;
