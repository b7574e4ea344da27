//! The only crate of shmkit that makes system calls.
pub mod clock;
pub mod futex;
