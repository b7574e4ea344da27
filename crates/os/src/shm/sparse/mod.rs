//! The mapping of a file that is longer than the memory it takes.
//!
//! | system | memory is taken | parts without memory |
//! |---|---|---|
//! | Linux | with `fallocate`; all at once where the file system does not know that | are not mapped: their addresses lead to private zeros, so that an access there, which only damage can cause, neither takes memory of the file nor ends the process when there is none left |
//! | others | by writing zeros, once | are holes of the file |
//!
//! `written-files` selects the implementation of the others on Linux, for tests.

#[cfg(all(target_os = "linux", not(feature = "written-files")))]
mod linux;
#[cfg(any(not(target_os = "linux"), feature = "written-files"))]
mod record;
#[cfg(any(not(target_os = "linux"), feature = "written-files"))]
mod written;

#[cfg(all(target_os = "linux", not(feature = "written-files")))]
pub use linux::SparseMapping;
#[cfg(any(not(target_os = "linux"), feature = "written-files"))]
pub use written::SparseMapping;
