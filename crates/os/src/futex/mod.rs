//! Waiting for a word in shared memory to change, and waking those who wait, across processes.
//!
//! No call fails: a wait may end early for any reason, and its caller looks at the word again.

mod any;
mod linux;
#[cfg(target_os = "linux")]
mod waitv;

pub use any::{MOST_WORDS, wait_any};
pub use linux::{wait, wake};
