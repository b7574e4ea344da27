//! Mappings as the memory of a region.

use super::Memory;
use shmkit_os::OsError;
use shmkit_os::shm::Mapping;
use shmkit_os::shm::Mirrored;

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
