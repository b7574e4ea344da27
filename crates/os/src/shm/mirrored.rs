//! A part of a shared-memory file, mapped twice in a row: an access past its end continues at its start.

#![allow(unsafe_code, reason = "locks pages in memory")]

use super::{Access, ShmFile};
use crate::error::Result;
use crate::map::mirror::{Mirror, Part};
use crate::map::pages;

/// Two consecutive shared mappings of the same bytes, unmapped when this is dropped. Access the memory like that
/// of a [`super::Mapping`].
#[derive(Debug)]
pub struct Mirrored {
    mirror: Mirror,
    access: Access,
}

impl Mirrored {
    /// Maps `size` bytes of `file` at `offset`, both multiples of [`crate::map::granularity`], writable if the file was opened for
    /// writing.
    ///
    /// # Errors
    /// Invalid for numbers that are not such multiples, out of memory at a limit on address space; other system errors.
    pub fn of(file: &ShmFile, offset: u64, size: usize) -> Result<Mirrored> {
        let access = file.access();
        let part = Part { offset, size, is_writable: access == Access::ReadWrite };
        let mirror = Mirror::of(file.raw(), part, 2).map_err(|error| error.at(file.path()))?;
        mirror.keep_out_of_dumps();
        Ok(Mirrored { mirror, access })
    }

    /// Returns the address of the first byte, at the start of a page.
    pub fn base(&self) -> *mut u8 {
        self.mirror.base()
    }

    /// Returns the bytes mapped, counting both copies.
    pub fn len(&self) -> usize {
        self.mirror.len()
    }

    /// Keeps all pages in memory, never in swap, until they are unmapped.
    ///
    /// # Errors
    /// `ENOMEM`, `EPERM`, `EAGAIN` at the limit of the user (`ulimit -l`); other system errors.
    pub fn lock(&self) -> Result<()> {
        // SAFETY: the range is the whole mapping, which `self` keeps.
        unsafe { pages::lock(self.base(), self.len()) }
    }

    /// Returns false: an empty mapping cannot exist.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Returns whether the memory is writable; otherwise a store ends the process with SIGSEGV.
    pub fn is_writable(&self) -> bool {
        self.access == Access::ReadWrite
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::code;
    use crate::map::granularity;
    use crate::shm::testing::TestDirectory;

    #[test]
    fn a_write_past_the_end_appears_at_the_start() {
        let test = TestDirectory::new();
        let unit = granularity();
        std::fs::write(test.path().join("a"), vec![0; 3 * unit]).unwrap();
        let file = test.open().open_file("a", Access::ReadWrite).unwrap();
        let mirrored = Mirrored::of(&file, unit as u64, 2 * unit).unwrap();
        assert_eq!((mirrored.len(), mirrored.is_writable(), mirrored.is_empty()), (4 * unit, true, false));
        // SAFETY: the offset is below `len`.
        let past_end = unsafe { mirrored.base().add(2 * unit + 7) };
        // SAFETY: the address is within the mapping, which is writable; no other thread accesses it.
        unsafe { past_end.write_volatile(9) };
        assert_eq!(std::fs::read(test.path().join("a")).unwrap()[unit + 7], 9);
    }

    #[test]
    fn mapping_fails_when_the_part_is_not_whole_pages() {
        let test = TestDirectory::new();
        std::fs::write(test.path().join("a"), vec![0; 3 * granularity()]).unwrap();
        let file = test.open().open_file("a", Access::ReadOnly).unwrap();
        assert_eq!(Mirrored::of(&file, 8, granularity()).unwrap_err().errno, code::INVALID);
        assert!(!Mirrored::of(&file, 0, granularity()).unwrap().is_writable());
    }
}
