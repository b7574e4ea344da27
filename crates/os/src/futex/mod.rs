//! Waiting for a word in shared memory to change, and waking those who wait, across processes.
//!
//! Neither call fails: a wait may end early for any reason, and its caller looks at the word again.

mod linux;

pub use linux::{wait, wake};
