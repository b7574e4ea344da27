//! Systems without sparse files: all memory is reserved when the file is created, and all of it is mapped.

use crate::error::Result;
use crate::shm::{Mapping, ShmFile};

/// The mapping of a whole file, all of which has memory.
#[derive(Debug)]
pub struct SparseMapping(Mapping);

impl SparseMapping {
    /// Extends an empty file to `len` bytes and reserves memory for all of them.
    ///
    /// # Errors
    /// Those of [`ShmFile::reserve`].
    pub fn extend(file: &ShmFile, len: u64) -> Result<()> {
        file.reserve(len)
    }

    /// Maps the first `len` bytes of a file.
    ///
    /// # Errors
    /// Those of [`Mapping::of`].
    pub fn of(file: ShmFile, len: usize) -> Result<SparseMapping> {
        Mapping::of(&file, len).map(SparseMapping)
    }

    /// Returns true: all bytes have memory.
    pub fn cover(&self, _from: u64, _to: u64) -> bool {
        true
    }

    /// Does nothing: all bytes have memory.
    ///
    /// # Errors
    /// None.
    pub fn take(&self, _from: u64, _to: u64) -> Result<()> {
        Ok(())
    }

    /// Does nothing: all bytes have memory.
    ///
    /// # Errors
    /// None.
    pub fn take_all(&self) -> Result<()> {
        Ok(())
    }

    /// Keeps all pages in memory, never in swap, until they are unmapped.
    ///
    /// # Errors
    /// Those of [`Mapping::lock`].
    pub fn lock(&self) -> Result<()> {
        self.0.lock()
    }

    /// Returns `None`: no memory is ever asked for.
    pub fn free_bytes(&self) -> Option<u64> {
        None
    }

    /// Returns the address of the first byte, at the start of a page.
    pub fn base(&self) -> *mut u8 {
        self.0.base()
    }

    /// Returns the bytes mapped.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns false: an empty mapping cannot exist.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Returns whether the memory is writable.
    pub fn is_writable(&self) -> bool {
        self.0.is_writable()
    }
}
