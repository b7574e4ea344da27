//! Space for a file, all of it and now: what is only promised faults later, with a deadly exception.

use super::file::ShmFile;
use crate::error::{OsError, Result};
use std::os::windows::fs::FileExt;

/// Written at a time.
static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

impl ShmFile {
    /// Makes the file `size` bytes long, every one of them zero and backed by real space. The file must
    /// be empty.
    ///
    /// Zeros are written, though NTFS takes the space when a file is made longer: other file systems, and
    /// compressed or sparse folders, do not.
    ///
    /// # Errors
    /// No space; the system's own. The file then holds some of the space.
    pub fn reserve(&self, size: u64) -> Result<()> {
        self.extend(0, size, || ())
    }

    /// Backs the bytes from `from` to `to` by real space, making the file longer if it ends before. What
    /// was there stays, the rest is zero. `step` is called after each part, of some milliseconds at most.
    ///
    /// # Errors
    /// As [`ShmFile::reserve`]. The file may have become longer, and hold some of the space.
    pub fn extend(&self, from: u64, to: u64, mut step: impl FnMut()) -> Result<()> {
        let end = self.status()?.size;
        // What is there already has its space.
        self.fill_with_zeros(from.max(end), to, &mut step)
    }

    /// Makes all bytes from `from` on zero. Their space stays taken, and the file keeps its length.
    ///
    /// # Errors
    /// The system's own.
    pub fn punch(&self, from: u64) -> Result<()> {
        let size = self.status()?.size;
        self.fill_with_zeros(from, size, &mut || ())
    }

    fn fill_with_zeros(&self, from: u64, size: u64, step: &mut impl FnMut()) -> Result<()> {
        let failed = |error: std::io::Error| OsError::from_io("reserve space for", &error).at(self.path());
        let mut done = from;
        while done < size {
            let part = ZEROS.len().min((size - done) as usize);
            done += self.file().seek_write(&ZEROS[..part], done).map_err(failed)? as u64;
            step();
        }
        Ok(())
    }
}
