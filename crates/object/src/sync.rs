//! The only place where atomics are named, so that a model checker can stand in for them (`--cfg loom`).

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

/// Atomics that no model stands in for: those of this process alone, and those that the kernel looks at.
pub mod plain {
    pub use std::sync::atomic::{AtomicU32, AtomicU64};
}
