//! A part of a segment's file, mapped twice in a row: what runs over its end goes on at its start.

use super::{Access, ShmFile};
use crate::error::Result;
use crate::map::mirror::{Mirror, Part};

/// Two shared mappings of the same bytes, unmapped when it is dropped. Its memory is to be touched as that
/// of a [`super::Mapping`].
#[derive(Debug)]
pub struct Mirrored {
    mirror: Mirror,
    access: Access,
}

impl Mirrored {
    /// Maps `size` bytes of `file` from `offset` on, both multiples of the page size, for writing too if it
    /// was opened for that.
    ///
    /// # Errors
    /// `EINVAL` for numbers that are no such multiples, `ENOMEM` at a limit on address space; the system's own.
    pub fn of(file: &ShmFile, offset: u64, size: usize) -> Result<Mirrored> {
        let access = file.access();
        let part = Part { offset, size, is_writable: access == Access::ReadWrite };
        let mirror = Mirror::of(file.raw(), part, 2).map_err(|error| error.at(file.path()))?;
        Ok(Mirrored { mirror, access })
    }

    /// The first byte, at the start of a page.
    pub fn base(&self) -> *mut u8 {
        self.mirror.base()
    }

    /// Bytes mapped, both copies counted.
    pub fn len(&self) -> usize {
        self.mirror.len()
    }

    /// Never: an empty mapping cannot be made.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// True if writing is allowed; elsewise a store dies of SIGSEGV.
    pub fn is_writable(&self) -> bool {
        self.access == Access::ReadWrite
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::page_size;
    use crate::shm::testing::TestDirectory;

    #[test]
    fn what_is_written_behind_the_end_is_at_the_start() {
        let test = TestDirectory::new();
        let page = page_size();
        std::fs::write(test.path().join("a"), vec![0; 3 * page]).unwrap();
        let file = test.open().open_file("a", Access::ReadWrite).unwrap();
        let mirrored = Mirrored::of(&file, page as u64, 2 * page).unwrap();
        assert_eq!((mirrored.len(), mirrored.is_writable(), mirrored.is_empty()), (4 * page, true, false));
        // SAFETY: the offset is below `len`.
        let behind = unsafe { mirrored.base().add(2 * page + 7) };
        // SAFETY: as above; this thread is the only one to touch it.
        unsafe { behind.write_volatile(9) };
        assert_eq!(std::fs::read(test.path().join("a")).unwrap()[page + 7], 9);
    }

    #[test]
    fn a_part_that_is_not_of_whole_pages_is_refused() {
        let test = TestDirectory::new();
        std::fs::write(test.path().join("a"), vec![0; 3 * page_size()]).unwrap();
        let file = test.open().open_file("a", Access::ReadOnly).unwrap();
        assert_eq!(Mirrored::of(&file, 8, page_size()).unwrap_err().errno, libc::EINVAL);
        assert!(!Mirrored::of(&file, 0, page_size()).unwrap().is_writable());
    }
}
