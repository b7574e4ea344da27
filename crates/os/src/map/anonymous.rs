//! Windows: private memory without a file.

#![allow(unsafe_code, reason = "allocates pages")]

use crate::error::{OsError, Result};
use std::ptr;
use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_READWRITE, VirtualAlloc, VirtualFree,
};

/// Pages of zeros, freed when this is dropped.
#[derive(Debug)]
pub(super) struct Anonymous {
    base: *mut u8,
    len: usize,
}

// SAFETY: it owns its addresses, which any thread may free; code that accesses the memory through `base` does its own
// synchronisation.
unsafe impl Send for Anonymous {}
// SAFETY: the methods that take a shared reference only read plain fields.
unsafe impl Sync for Anonymous {}

impl Anonymous {
    pub(super) fn new(len: usize) -> Result<Anonymous> {
        // SAFETY: without an address the call picks unused ones.
        let base = unsafe { VirtualAlloc(ptr::null(), len, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE) };
        if base.is_null() {
            return Err(OsError::last("VirtualAlloc"));
        }
        Ok(Anonymous { base: base.cast(), len })
    }

    pub(super) fn base(&self) -> *mut u8 {
        self.base
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }
}

impl Drop for Anonymous {
    fn drop(&mut self) {
        // SAFETY: `new` allocated the pages; this value alone owns them, and it is being dropped.
        unsafe { VirtualFree(self.base.cast(), 0, MEM_RELEASE) };
    }
}
