//! Space for parts of a file: reserves it, and frees it without shortening the file.
//!
//! A process that has mapped the file must be able to access all of it at any time, so the file never gets shorter.
//! A freed part reads as zeros, and takes space again when it is accessed.

#![allow(unsafe_code, reason = "borrows the descriptor of a file")]

use super::file::ShmFile;
use super::system;
use crate::error::Result;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

impl AsFd for ShmFile {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: the descriptor is open and not -1 while this value exists, and the borrow does not outlive it.
        unsafe { BorrowedFd::borrow_raw(self.raw()) }
    }
}

impl ShmFile {
    /// Returns the directory that it was opened in, for messages.
    pub fn directory(&self) -> &Path {
        // For a file that had no name when it was opened, only the directory is known.
        let path = self.path();
        if path.is_dir() { path } else { path.parent().unwrap_or(path) }
    }

    /// Reserves space for the bytes from `from` to `to`, and extends the file if it ends before `to`. Present bytes
    /// stay, new ones are zero. Calls `step` after each part, which takes some milliseconds at most.
    ///
    /// # Errors
    /// Like [`ShmFile::reserve`]. The file may then be longer, with some of the space reserved.
    pub fn extend(&self, from: u64, to: u64, mut step: impl FnMut()) -> Result<()> {
        const PART: u64 = 64 << 20;
        let mut done = from;
        while done < to {
            let end = to.min((done / PART + 1) * PART);
            self.reserve_range(done, end)?;
            step();
            done = end;
        }
        Ok(())
    }

    /// Zeroes all bytes from `from` on, and on Linux frees their whole pages. The file keeps its length.
    ///
    /// # Errors
    /// Unsupported if the file system cannot free space; other system errors.
    pub fn punch(&self, from: u64) -> Result<()> {
        let size = self.status()?.size;
        if from >= size {
            return Ok(());
        }
        system::punch(self, from, size - from)
    }
}

#[cfg(test)]
mod tests {
    use crate::shm::testing::TestDirectory;
    use crate::shm::{Access, Mapping};
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn extend_and_punch_never_shorten_the_file() {
        let test = TestDirectory::new();
        let path = test.path().join("a");
        std::fs::write(&path, [7; 10_000]).unwrap();
        let file = test.open().open_file("a", Access::ReadWrite).unwrap();
        let map = Mapping::of(&file, 10_000).unwrap();
        let mut steps = 0;
        file.extend(10_000, 1 << 20, || steps += 1).unwrap();
        assert_eq!(steps, 1);
        assert_eq!(std::fs::metadata(&path).unwrap().blocks() * 512, 1 << 20);
        file.punch(5000).unwrap();
        let status = std::fs::metadata(&path).unwrap();
        assert_eq!(status.len(), 1 << 20);
        if cfg!(target_os = "linux") {
            assert_eq!(status.blocks() * 512, 8192);
        }
        let mut expected = vec![7; 5000];
        expected.resize(1 << 20, 0);
        assert!(std::fs::read(&path).unwrap() == expected);
        // SAFETY: the offset is below the length of the mapping.
        let byte = unsafe { map.base().add(9000) };
        // SAFETY: the address is within the mapping, and the file was not shortened.
        assert_eq!(unsafe { byte.read_volatile() }, 0);
        file.punch(1 << 20).unwrap();
    }
}
