//! The kernel object that keeps a liveness lock held, so that the lock is released exactly when the process exits.
//!
//! | system | object | when foreign code closes all descriptors of the process |
//! |---|---|---|
//! | Linux | a mapping that no child inherits | no effect |
//! | macOS, FreeBSD | a descriptor, which a forked child closes first | other processes can take over its locks |
//! | Windows | a handle that no child inherits | other processes can take over its locks |
//!
//! A process whose locks were taken over notices at its next unlock and stops writing. The feature
//! `kept-descriptors` selects the macOS implementation on Linux, for tests.

#[cfg(all(unix, any(not(target_os = "linux"), feature = "kept-descriptors")))]
mod descriptor;
#[cfg(windows)]
mod handle;
#[cfg(all(target_os = "linux", not(feature = "kept-descriptors")))]
mod mapping;

#[cfg(all(unix, any(not(target_os = "linux"), feature = "kept-descriptors")))]
pub(super) use descriptor::LockHolder;
#[cfg(windows)]
pub(super) use handle::LockHolder;
#[cfg(all(target_os = "linux", not(feature = "kept-descriptors")))]
pub(super) use mapping::LockHolder;
