//! Named objects that are no dictionaries: what they share, and one file for each kind.

pub(crate) mod lifecycle;
pub(crate) mod locks;
pub(crate) mod mutex;
pub(crate) mod named;
#[cfg(unix)]
pub(crate) mod ring;
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(crate) mod segment;
pub(crate) mod semaphore;
