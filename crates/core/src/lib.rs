//! A crash-safe dictionary in shared memory.
pub mod dict;
pub mod error;
pub mod lifecycle;
pub mod value;
