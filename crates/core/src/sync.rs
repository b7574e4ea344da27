//! The only place where atomics are named, so that a model checker can stand in for them.

pub use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering, fence};
