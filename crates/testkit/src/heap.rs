//! Memory that stands in for a mapped file.

#![expect(unsafe_code, reason = "memory that stands in for a mapped file")]

use shmkit_object::region::Memory;
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::sync::Arc;

/// Zeroed, cache-line aligned memory of an allocation of its own, whose ends AddressSanitizer guards.
#[derive(Debug)]
pub struct Heap {
    base: *mut u8,
    layout: Layout,
}

// SAFETY: the memory is owned by the value and only accessed through a `Region`, or while no thread uses it.
unsafe impl Send for Heap {}
// SAFETY: as for Send.
unsafe impl Sync for Heap {}

// SAFETY: `base` is aligned to 64, zeroed, and lives as long as the value.
unsafe impl Memory for Heap {
    fn base(&self) -> *mut u8 {
        self.base
    }

    fn len(&self) -> usize {
        self.layout.size()
    }

    fn is_writable(&self) -> bool {
        true
    }
}

impl Heap {
    /// Allocates `size` bytes.
    ///
    /// # Panics
    /// If `size` is 0, or there is no memory.
    pub fn new(size: usize) -> Arc<Heap> {
        assert!(size > 0);
        let layout = Layout::from_size_align(size, 64).expect("a size that fits into memory");
        // SAFETY: the layout's size is not 0.
        let base = unsafe { alloc_zeroed(layout) };
        assert!(!base.is_null());
        Arc::new(Heap { base, layout })
    }

    /// Returns a copy of all bytes. No thread may write meanwhile.
    pub fn image(&self) -> Vec<u8> {
        // SAFETY: `base` is valid for the whole size, and no thread of the test writes now.
        unsafe { std::slice::from_raw_parts(self.base, self.layout.size()) }.to_vec()
    }

    /// Puts an image back. No thread may use the memory meanwhile.
    ///
    /// # Panics
    /// If the image has another length.
    pub fn restore(&self, image: &[u8]) {
        assert_eq!(image.len(), self.layout.size());
        // SAFETY: both are valid for the size, and no thread of the test uses the memory now.
        unsafe { std::ptr::copy_nonoverlapping(image.as_ptr(), self.base, image.len()) };
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout in `new`.
        unsafe { dealloc(self.base, self.layout) };
    }
}
