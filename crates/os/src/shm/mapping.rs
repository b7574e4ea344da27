//! The mapping of a shared-memory file.

#![allow(unsafe_code, reason = "locks pages in memory")]

use super::{Access, ShmFile};
use crate::error::{OsError, Result, code};
#[cfg(windows)]
use crate::futex::doorbell::Registration;
use crate::map::pages;
use memmap2::{MmapOptions, MmapRaw};

/// A shared mapping of a whole file, unmapped when this is dropped.
///
/// Other processes change the memory at any time, so access it only by atomics or race-tolerant
/// copies. If the file is shortened, an access past its end ends the process with SIGBUS: map only files of
/// trusted users, and never shorten one.
#[derive(Debug)]
pub struct Mapping {
    /// Dropped before the memory is unmapped.
    #[cfg(windows)]
    _registration: Registration,
    raw: MmapRaw,
    access: Access,
}

impl Mapping {
    /// Maps the first `len` bytes of `file`, writable if it was opened for writing.
    ///
    /// # Errors
    /// Invalid if `len` is 0, out of memory at a limit on address space; other system errors.
    pub fn of(file: &ShmFile, len: usize) -> Result<Mapping> {
        let failed = |error: &std::io::Error| OsError::from_io("mmap", error).at(file.path());
        if len == 0 {
            return Err(OsError::new("mmap", code::INVALID).at(file.path()));
        }
        let mut options = MmapOptions::new();
        options.len(len);
        let raw = match file.access() {
            Access::ReadWrite => options.map_raw(file.raw()),
            Access::ReadOnly => options.map_raw_read_only(file.raw()),
        };
        let raw = raw.map_err(|error| failed(&error))?;
        // Core dumps travel further than shared memory. The mapping is as good if the system does not know the hint.
        #[cfg(target_os = "linux")]
        let _ = raw.advise(memmap2::Advice::DontDump);
        Ok(Mapping {
            #[cfg(windows)]
            _registration: Registration::of(file, raw.as_mut_ptr(), len),
            raw,
            access: file.access(),
        })
    }

    /// Returns the address of the first byte, at the start of a page.
    pub fn base(&self) -> *mut u8 {
        self.raw.as_mut_ptr()
    }

    /// Returns the bytes mapped.
    pub fn len(&self) -> usize {
        self.raw.len()
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
    use crate::shm::testing::TestDirectory;

    #[test]
    fn two_mappings_of_a_file_share_memory() {
        let test = TestDirectory::new();
        std::fs::write(test.path().join("a"), [0; 8192]).unwrap();
        let dir = test.open();
        let writer = Mapping::of(&dir.open_file("a", Access::ReadWrite).unwrap(), 8192).unwrap();
        let reader = Mapping::of(&dir.open_file("a", Access::ReadOnly).unwrap(), 8192).unwrap();
        assert!(writer.is_writable() && !reader.is_writable());
        assert_eq!((reader.len(), reader.is_empty()), (8192, false));
        // SAFETY: the mapping is 8192 bytes long.
        let last = unsafe { writer.base().add(8191) };
        // SAFETY: `last` is within the mapping, which is writable; no other thread accesses it.
        unsafe { last.write_volatile(7) };
        // SAFETY: the mapping is 8192 bytes long.
        let seen = unsafe { reader.base().add(8191) };
        // SAFETY: `seen` is within the mapping; no other thread accesses it.
        assert_eq!(unsafe { seen.read_volatile() }, 7);
    }

    #[test]
    fn mapping_zero_bytes_is_an_error() {
        let test = TestDirectory::new();
        std::fs::write(test.path().join("a"), []).unwrap();
        let file = test.open().open_file("a", Access::ReadWrite).unwrap();
        assert_eq!(Mapping::of(&file, 0).unwrap_err().errno, code::INVALID);
    }
}
