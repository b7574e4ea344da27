//! Who this process is, and whether it still is who it was before a fork.

mod fork;
mod linux;

pub use fork::{ForkExcluded, exclude_fork, fork_epoch};
pub use linux::{effective_uid, pid, start_time};
