//! Copying from and to mapped memory, and noticing that its file has become shorter.

use super::memory::Memory;
use super::span::{Access, Span};
use super::{guard, page_size};
use std::sync::atomic::Ordering;

/// Why a copy failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The range is not within the memory.
    OutOfRange,
    /// The file has become shorter, or its storage failed.
    Truncated,
    /// The memory is for reading only.
    ReadOnly,
}

impl Memory {
    /// Copies `length` bytes from `offset` to `target`. O(`length`), and one system call for a file.
    ///
    /// # Errors
    /// Says which fault; the target may hold some of the bytes then.
    ///
    /// # Safety
    /// `target` is valid for writes of `length` bytes, and they are no part of this memory.
    pub unsafe fn read(&self, offset: usize, target: *mut u8, length: usize) -> Result<(), Fault> {
        let from = self.place(offset, length)?;
        // SAFETY: `place` has found the source within the mapping; the caller promises the target.
        let left = unsafe { guard::copy(from, target, length) };
        self.judge(left, offset + length)
    }

    /// Copies `length` bytes from `source` to `offset`. O(`length`), and one system call for a file.
    ///
    /// # Errors
    /// Says which fault; some of the bytes may be there then, unless it is one of range or access.
    ///
    /// # Safety
    /// `source` is valid for reads of `length` bytes. They may be shared, and even a view of this memory:
    /// any mixture of old and new bytes will do.
    pub unsafe fn write(&self, offset: usize, source: *const u8, length: usize) -> Result<(), Fault> {
        if self.access == Access::Read {
            return Err(Fault::ReadOnly);
        }
        let to = self.place(offset, length)?;
        // SAFETY: `place` has found the target within the mapping, which is writable; the caller promises
        // the source.
        let left = unsafe { guard::copy(source, to, length) };
        self.judge(left, offset + length)
    }

    /// The address of `offset`, if the range is within the memory.
    pub(super) fn place(&self, offset: usize, length: usize) -> Result<*mut u8, Fault> {
        let end = offset.checked_add(length).ok_or(Fault::OutOfRange)?;
        if end > self.len() {
            return Err(Fault::OutOfRange);
        }
        // SAFETY: `offset` is within the mapping, or its end.
        Ok(unsafe { self.base().add(offset) })
    }

    /// What became of a copy that ended at `end`. A file that ends in the last page of it does not make
    /// itself felt: the bytes behind its end are zeros there, and writes to them are lost.
    fn judge(&self, left: usize, end: usize) -> Result<(), Fault> {
        if left == 0 && (self.is_followed(end) || self.is_in_file(end)) {
            Ok(())
        } else {
            Err(Fault::Truncated)
        }
    }

    /// True if the page behind the one that ends at or after `end` is there: then the file ends later.
    /// A touch costs a hundredth of a system call.
    fn is_followed(&self, end: usize) -> bool {
        let next = end.next_multiple_of(page_size());
        if self.file.is_none() || end == 0 {
            return true;
        }
        // Relaxed: a hint. In random access the next page might have to be fetched just for this.
        let worthwhile = matches!(self.span, Span::Once(_)) && !self.random.load(Ordering::Relaxed);
        let mut byte = 0;
        if !worthwhile || next >= self.len() {
            return false;
        }
        // SAFETY: `next` is within the mapping.
        let from = unsafe { self.base().add(next) };
        // SAFETY: as above; `byte` is a local of ours.
        unsafe { guard::copy(from, &mut byte, 1) == 0 }
    }

    fn is_in_file(&self, end: usize) -> bool {
        let end = match &self.span {
            Span::Once(_) => self.offset + end as u64,
            Span::Mirrored(mirror) => mirror.size() as u64,
        };
        self.file.as_ref().is_none_or(|file| file.metadata().is_ok_and(|data| data.len() >= end))
    }
}
