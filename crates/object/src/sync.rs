//! The only module that names atomics, so that a model checker can replace them (`--cfg loom`).

#![allow(clippy::disallowed_types, reason = "gives the other modules the atomics that they may use")]

#[cfg(loom)]
pub use loom::{
    hint::spin_loop,
    sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering, fence},
};
#[cfg(not(loom))]
pub use std::{
    hint::spin_loop,
    sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering, fence},
};

/// Atomics that the model checker does not replace: those that only this process uses, and those that the kernel
/// reads.
pub mod plain {
    pub use std::sync::atomic::{AtomicU32, AtomicU64};
}
