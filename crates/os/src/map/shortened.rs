//! Whether a copy was affected by a file that was shortened.

#![allow(unsafe_code, reason = "touches the page after a copy, and queries file systems")]

use super::copy::Fault;
use super::memory::Memory;
#[cfg(unix)]
use super::span::Span;
#[cfg(unix)]
use super::{guard, page_size};
#[cfg(unix)]
use std::fs::Metadata;
#[cfg(unix)]
use std::mem::MaybeUninit;
#[cfg(unix)]
use std::os::fd::AsRawFd;
#[cfg(unix)]
use std::os::unix::fs::MetadataExt;
#[cfg(unix)]
use std::sync::atomic::Ordering;

/// The unit in which a file's storage is counted, whatever the file system's blocks.
#[cfg(unix)]
const BLOCK_BYTES: u64 = 512;

#[cfg(windows)]
impl Memory {
    /// Checks a copy that left `left` bytes. Windows shortens no file that is mapped; a fault means that its device is
    /// gone, or that another machine shortened it.
    pub(super) fn check_copy(&self, left: usize, _end: usize) -> Result<(), Fault> {
        if left == 0 { Ok(()) } else { Err(Fault::Truncated) }
    }
}

#[cfg(unix)]
impl Memory {
    /// Checks a copy that ended at `end` and left `left` bytes. A file that ends within the last page of the copy
    /// raises no signal: bytes past its end read as zeros there, and writes to them are lost.
    pub(super) fn check_copy(&self, left: usize, end: usize) -> Result<(), Fault> {
        if left == 0 && (self.is_next_page_present(end) || self.is_covered_by_file(end)) {
            Ok(())
        } else if left > 0 && self.is_covered_by_file(end) && self.has_holes() && self.is_out_of_space() {
            // Access to a hole makes the file system allocate it, and raises the same signal if it cannot. A file that was
            // truncated and has grown again can look the same; the space that it released tells them apart.
            Err(Fault::NoSpace)
        } else {
            Err(Fault::Truncated)
        }
    }

    /// Returns whether parts of the file have no storage.
    fn has_holes(&self) -> bool {
        let allocated = |data: Metadata| data.blocks() * BLOCK_BYTES < data.len();
        self.file.as_ref().is_some_and(|file| file.metadata().is_ok_and(allocated))
    }

    /// Returns whether the file's file system has no space left.
    fn is_out_of_space(&self) -> bool {
        let Some(file) = self.file.as_ref() else { return false };
        let mut raw = MaybeUninit::<libc::statvfs>::zeroed();
        // SAFETY: `file` keeps the descriptor open; the pointer is valid for writes of a `statvfs`.
        let failed = unsafe { libc::fstatvfs(file.as_raw_fd(), raw.as_mut_ptr()) } != 0;
        // SAFETY: `statvfs` consists of integers, so zeroed memory is a valid value.
        !failed && unsafe { raw.assume_init() }.f_bavail == 0
    }

    /// Returns whether the page after the one that contains the last byte before `end` is present; if so, the file
    /// ends past `end`. Touching a page costs a hundredth of a system call.
    fn is_next_page_present(&self, end: usize) -> bool {
        let next = end.next_multiple_of(page_size());
        if self.file.is_none() || end == 0 {
            return true;
        }
        // Relaxed: a hint. With random access the next page might have to be fetched only for this check.
        let is_cheap = matches!(self.span, Span::Single(_)) && !self.random.load(Ordering::Relaxed);
        let mut byte = 0;
        if !is_cheap || next >= self.len() {
            return false;
        }
        // SAFETY: `next` is below `len`, so it is within the mapping.
        let from = unsafe { self.base().add(next) };
        // SAFETY: one byte at `from` is within the mapping, which `self` keeps; `byte` is a local variable.
        unsafe { guard::copy(from, &mut byte, 1) == 0 }
    }

    /// Returns whether the file is long enough for a copy that ended at `end`.
    fn is_covered_by_file(&self, end: usize) -> bool {
        let end = match &self.span {
            Span::Single(_) => self.offset + end as u64,
            Span::Mirrored(mirror) => mirror.size() as u64,
        };
        self.file.as_ref().is_none_or(|file| file.metadata().is_ok_and(|data| data.len() >= end))
    }
}
