//! Memory maps of files, and locks on their bytes.

pub(crate) mod map;
pub(crate) mod mapped;
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(crate) mod range_lock;
