//! Parts of a file: taking space for them, and giving it back without making the file shorter.
//!
//! Whoever has mapped the file must be able to touch all of it at any time, so it never gets shorter;
//! what is given back reads as zeros, and takes space again when it is touched.

use super::file::ShmFile;
use super::system;
use crate::error::Result;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

impl AsFd for ShmFile {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: the descriptor is open as long as this value, which the borrow does not outlive.
        unsafe { BorrowedFd::borrow_raw(self.raw()) }
    }
}

impl ShmFile {
    /// The folder it was found in, for messages.
    pub fn folder(&self) -> &Path {
        // Of a file that had no name when it was opened, the folder is all that is known.
        let path = self.path();
        if path.is_dir() { path } else { path.parent().unwrap_or(path) }
    }

    /// Backs the bytes from `from` to `to` by real space, making the file longer if it ends before. What
    /// was there stays, the rest is zero. `step` is called after each part, of some milliseconds at most.
    ///
    /// # Errors
    /// As [`ShmFile::reserve`]. The file may have become longer, and hold some of the space.
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

    /// Makes all bytes from `from` on zero and gives their whole pages back, where the system can do that
    /// for every file: on Linux. The file keeps its length.
    ///
    /// # Errors
    /// Unsupported where the file system cannot; the system's own.
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
    fn a_file_grows_and_gives_space_back_without_getting_shorter() {
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
        // SAFETY: the mapping is that long.
        let byte = unsafe { map.base().add(9000) };
        // SAFETY: as above, and the file was not made shorter.
        assert_eq!(unsafe { byte.read_volatile() }, 0);
        file.punch(1 << 20).unwrap();
    }
}
