//! Calls of memory maps and of locks on byte ranges of files.

pub(crate) mod map;
pub(crate) mod mapped;
#[cfg(not(target_os = "freebsd"))]
pub(crate) mod range_lock;
