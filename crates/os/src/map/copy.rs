//! Copies from and to mapped memory, and detects that its file was shortened.

#![allow(unsafe_code, reason = "copies between pointers")]

use super::memory::Memory;
use super::span::{MapAccess, Span};
use super::{guard, page_size};
use std::fs::Metadata;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::Ordering;

/// The unit in which a file's storage is counted, whatever the file system's blocks.
const BLOCK_BYTES: u64 = 512;

/// Why a copy failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The range exceeds the mapped memory.
    OutOfRange,
    /// The file was shortened, or its storage failed.
    Truncated,
    /// The memory is mapped read-only.
    ReadOnly,
    /// The file system has no space for bytes of the file that were never written.
    NoSpace,
}

impl Memory {
    /// Copies `length` bytes from `offset` to `target`. O(`length`), plus at most one system call.
    ///
    /// # Errors
    /// The [`Fault`]; the target may then hold some of the bytes.
    ///
    /// # Safety
    /// `target` must be valid for writes of `length` bytes, which must not overlap this memory.
    pub unsafe fn read(&self, offset: usize, target: *mut u8, length: usize) -> Result<(), Fault> {
        let from = self.address_of(offset, length)?;
        // SAFETY: `address_of` has checked that the source is within the mapping, which `self` keeps; the caller
        // promises that the target is valid and does not overlap it.
        let left = unsafe { guard::copy(from, target, length) };
        self.check_copy(left, offset + length)
    }

    /// Copies `length` bytes from `source` to `offset`. O(`length`), plus at most one system call.
    ///
    /// # Errors
    /// The [`Fault`]; after [`Fault::Truncated`] some of the bytes may have been written.
    ///
    /// # Safety
    /// `source` must be valid for reads of `length` bytes. Other threads may change them, and they may even be a view
    /// of this memory: any mixture of old and new bytes is acceptable.
    pub unsafe fn write(&self, offset: usize, source: *const u8, length: usize) -> Result<(), Fault> {
        if self.access == MapAccess::Read {
            return Err(Fault::ReadOnly);
        }
        let to = self.address_of(offset, length)?;
        // SAFETY: `address_of` has checked that the target is within the mapping, which `self` keeps and which is
        // writable; the caller promises that the source is valid.
        let left = unsafe { guard::copy(source, to, length) };
        self.check_copy(left, offset + length)
    }

    /// Returns the address of `offset`, if the range is within the memory.
    pub(super) fn address_of(&self, offset: usize, length: usize) -> Result<*mut u8, Fault> {
        let end = offset.checked_add(length).ok_or(Fault::OutOfRange)?;
        if end > self.len() {
            return Err(Fault::OutOfRange);
        }
        // SAFETY: `offset` is at most `len`, so the result is within the mapping or at its end.
        Ok(unsafe { self.base().add(offset) })
    }

    /// Checks a copy that ended at `end` and left `left` bytes. A file that ends within the last page of the copy
    /// raises no signal: bytes past its end read as zeros there, and writes to them are lost.
    fn check_copy(&self, left: usize, end: usize) -> Result<(), Fault> {
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
