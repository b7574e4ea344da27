//! Mappings as the memory of a region.

use super::Memory;
use shmkit_os::OsError;
use shmkit_os::shm::{Mapping, Mirrored, SparseMapping};

// SAFETY: a mapping starts at a page, keeps its address and length until it is dropped, and is valid
// for reads, and for writes if `is_writable`. (If a trusted user shortens the file, SIGBUS ends this process;
// that is documented, and not undefined behaviour.)
unsafe impl Memory for Mapping {
    fn base(&self) -> *mut u8 {
        Mapping::base(self)
    }

    fn len(&self) -> usize {
        Mapping::len(self)
    }

    fn is_writable(&self) -> bool {
        Mapping::is_writable(self)
    }

    fn lock(&self) -> Result<(), OsError> {
        Mapping::lock(self)
    }
}

// SAFETY: a mapping starts at a page, keeps its address and length until it is dropped, and is valid for reads, and for
// writes if `is_writable`: parts that are not covered lead to private memory or to holes of the file. Where they can only be
// read, because the system refused more, a store there, which only damage can cause, ends the process. (For a file that is
// shortened, see `Mapping`.)
unsafe impl Memory for SparseMapping {
    fn base(&self) -> *mut u8 {
        SparseMapping::base(self)
    }

    fn len(&self) -> usize {
        SparseMapping::len(self)
    }

    fn is_writable(&self) -> bool {
        SparseMapping::is_writable(self)
    }

    fn cover(&self, from: u64, to: u64) -> bool {
        SparseMapping::cover(self, from, to)
    }

    fn lock(&self) -> Result<(), OsError> {
        SparseMapping::lock(self)
    }

    fn take(&self, from: u64, to: u64) -> Result<(), OsError> {
        SparseMapping::take(self, from, to)
    }

    fn free_bytes(&self) -> Option<u64> {
        SparseMapping::free_bytes(self)
    }
}

// SAFETY: a mapping starts at a page, keeps its address and length until it is dropped, and is valid for
// reads, and for writes if `is_writable`. (For a file that is shortened, see `Mapping`.)
unsafe impl Memory for Mirrored {
    fn base(&self) -> *mut u8 {
        Mirrored::base(self)
    }

    fn len(&self) -> usize {
        Mirrored::len(self)
    }

    fn is_writable(&self) -> bool {
        Mirrored::is_writable(self)
    }

    fn lock(&self) -> Result<(), OsError> {
        Mirrored::lock(self)
    }
}
