//! The mapping of a file that is longer than the memory it takes.
//!
//! Only parts that have memory are mapped. Elsewhere the addresses lead to private zeros, so that an access there, which only
//! damage can cause, neither takes memory of the file nor ends the process when there is none left.
//!
//! | system | memory is taken |
//! |---|---|
//! | Linux | part by part, with `fallocate`; all at once where the file system does not know that |
//! | others | all at once |
//!
//! `whole-files` selects the implementation of the others on Linux, for tests.

#[cfg(all(target_os = "linux", not(feature = "whole-files")))]
mod linux;
#[cfg(any(not(target_os = "linux"), feature = "whole-files"))]
mod whole;

#[cfg(all(target_os = "linux", not(feature = "whole-files")))]
pub use linux::SparseMapping;
#[cfg(any(not(target_os = "linux"), feature = "whole-files"))]
pub use whole::SparseMapping;

/// Whether files can be longer than the memory they take.
pub const CAN_BE_SPARSE: bool = cfg!(all(target_os = "linux", not(feature = "whole-files")));
