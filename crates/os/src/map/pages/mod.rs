//! What the system can do with the pages of a mapping.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::{advise, allow_execution, flush, lock};
#[cfg(windows)]
pub(crate) use windows::{advise, allow_execution, flush, lock, prefetch};

/// The expected use of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// From start to end.
    Sequential,
    /// In no order.
    Random,
    /// Soon.
    WillNeed,
    /// Not soon.
    DontNeed,
}
