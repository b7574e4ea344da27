//! Memory that stands in for the part of a file that is mapped twice in a row.

#![expect(unsafe_code, reason = "memory that stands in for a mapped file")]

use crate::Heap;
use shmkit_object::region::{Memory, Region};
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
    /// Maps `size` bytes, a multiple of the granularity of mirrors.
    ///
    /// # Panics
    /// If there is no memory.
    pub fn new(size: usize) -> Arc<Twice> {
        Arc::new(Twice(map::Memory::mirror(None, size, 2).expect("there is memory")))
    }
}

/// Memory that stands in for a file as `shmkit_object::mirrored` maps it: a head, and the fewest bytes past it, twice in a row.
#[derive(Debug)]
pub struct MirroredFile {
    head: Arc<Heap>,
    page: Arc<Twice>,
}

/// All bytes of such a file.
#[derive(Debug, Clone, PartialEq)]
pub struct MirroredImage {
    head: Vec<u8>,
    /// Those past the head.
    pub data: Vec<u8>,
}

impl MirroredFile {
    /// Allocates a file whose head has `head` bytes, all 0.
    ///
    /// # Panics
    /// If there is no memory.
    pub fn new(head: u64) -> MirroredFile {
        MirroredFile { head: Heap::new(head as usize), page: Twice::new(map::granularity()) }
    }

    /// Returns the number of bytes past the head.
    pub fn size(&self) -> u64 {
        self.page.len() as u64 / 2
    }

    /// Returns the head.
    pub fn region(&self) -> Region {
        Region::new(self.head.clone())
    }

    /// Returns the bytes past the head, twice in a row.
    pub fn data(&self) -> Region {
        Region::new(self.page.clone())
    }

    /// Returns a copy of all bytes. No thread may write meanwhile.
    pub fn image(&self) -> MirroredImage {
        let mut data = Vec::new();
        self.data().copy_out(0, self.size() as usize, &mut data);
        MirroredImage { head: self.head.image(), data }
    }

    /// Puts an image back. No thread may use the memory meanwhile, and this one must not have died.
    ///
    /// # Panics
    /// If the image has another length.
    pub fn restore(&self, image: &MirroredImage) {
        self.head.restore(&image.head);
        self.data().copy_in(0, &image.data);
    }
}
