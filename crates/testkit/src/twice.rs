//! Memory that stands in for the part of a file that is mapped twice in a row.

#![expect(unsafe_code, reason = "memory that stands in for a mapped file")]

use shmkit_object::region::Memory;
use shmkit_os::map;
use std::sync::Arc;

/// The same bytes twice in a row.
#[derive(Debug)]
pub struct Twice(map::Memory);

// SAFETY: a mapping starts at a page, keeps its address and length, and is readable and writable.
unsafe impl Memory for Twice {
    fn base(&self) -> *mut u8 {
        self.0.base()
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn is_writable(&self) -> bool {
        true
    }
}

impl Twice {
    /// Maps `size` bytes, a multiple of the page size.
    ///
    /// # Panics
    /// If there is no memory.
    pub fn new(size: usize) -> Arc<Twice> {
        Arc::new(Twice(map::Memory::mirror(None, size, 2).expect("there is memory")))
    }
}
