//! A clock that all processes of one boot agree on, and the identity of that boot.
//!
//! The wall clock jumps and the monotonic clock stops while the machine is suspended; deadlines need
//! neither. Only processes of the same time namespace see the same boot clock, so its identity is
//! part of a segment.

mod linux;

pub use linux::{boot_id, boot_ns, monotonic_ns, pause, time_namespace};
