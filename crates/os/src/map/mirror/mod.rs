//! The same memory mapped several times in a row, so that an access past its end continues at its start.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::Mirror;
#[cfg(windows)]
pub(crate) use windows::Mirror;

/// An open file, as this system numbers it.
#[cfg(unix)]
pub(crate) type RawFile = std::os::fd::RawFd;
/// An open file, as this system numbers it.
#[cfg(windows)]
pub(crate) type RawFile = std::os::windows::io::RawHandle;

/// The part of a file to map; both numbers are multiples of [`super::granularity`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) offset: u64,
    pub(crate) size: usize,
    pub(crate) is_writable: bool,
}
