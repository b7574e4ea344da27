//! What a beacon's lock hangs on, so that the kernel lets go of it when, and only when, its process is gone.
//!
//! | system | what | if somebody closes all descriptors of the process |
//! |---|---|---|
//! | Linux | a mapping that no child inherits | no effect |
//! | macOS, FreeBSD | a descriptor, which a forked child closes before anything else | its locks can be taken over |
//! | Windows | a handle, which no child inherits | its locks can be taken over |
//!
//! A process whose locks were taken over notices at its next unlock and stops writing. The feature
//! `kept-descriptors` makes Linux do as macOS does, for tests.

#[cfg(all(unix, any(not(target_os = "linux"), feature = "kept-descriptors")))]
mod descriptor;
#[cfg(windows)]
mod handle;
#[cfg(all(target_os = "linux", not(feature = "kept-descriptors")))]
mod page;

#[cfg(all(unix, any(not(target_os = "linux"), feature = "kept-descriptors")))]
pub(super) use descriptor::Anchor;
#[cfg(windows)]
pub(super) use handle::Anchor;
#[cfg(all(target_os = "linux", not(feature = "kept-descriptors")))]
pub(super) use page::Anchor;
