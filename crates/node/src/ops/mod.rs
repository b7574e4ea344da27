//! What JavaScript can call. Argument 0 is a handle's number and argument 1 a key, where there are
//! such; the rest is listed with each operation. TypeScript checks options and numbers before; keys
//! and values are checked here.

#[cfg(any(windows, target_os = "freebsd"))]
pub(crate) mod absent;
pub(crate) mod inspect;
pub(crate) mod lease;
pub(crate) mod lifecycle;
pub(crate) mod list;
pub(crate) mod locks;
pub(crate) mod many;
#[cfg(unix)]
pub(crate) mod map;
pub(crate) mod mutex;
pub(crate) mod named;
pub(crate) mod options;
pub(crate) mod quick;
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(crate) mod range_lock;
pub(crate) mod read;
#[cfg(unix)]
pub(crate) mod ring;
pub(crate) mod scan;
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(crate) mod segment;
pub(crate) mod semaphore;
pub(crate) mod wait;
pub(crate) mod write;
