//! Copies from and to mapped memory, and detects that its file was shortened.

#![allow(unsafe_code, reason = "copies between pointers")]

use super::guard;
use super::memory::Memory;
use super::span::MapAccess;

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
}
