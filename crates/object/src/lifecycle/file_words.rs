//! The words of a file that is not mapped.
//!
//! A process that may write a file can truncate it, and an access to a mapping past its end then ends the process. A
//! read past the end does not.

use crate::error::Result;
use crate::superblock::{BYTES, CREATED, EPOCH, EpochWord, Format, Superblock};
use shmkit_os::shm::ShmFile;

/// The words of a file, read one by one with system calls. What cannot be read counts as zeros.
#[derive(Debug)]
pub struct FileWords<'f> {
    file: &'f ShmFile,
}

impl<'f> FileWords<'f> {
    pub(super) fn of(file: &'f ShmFile) -> Self {
        FileWords { file }
    }

    /// Reads bytes.
    pub fn read(&self, offset: u64, target: &mut [u8]) {
        target.fill(0);
        // Bytes that cannot be read stay zero.
        let _ = self.file.read_at(offset, target);
    }

    /// Reads a word.
    pub fn load(&self, offset: u64) -> u64 {
        let mut bytes = [0; 8];
        self.read(offset, &mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// Reads a half word.
    pub fn load32(&self, offset: u64) -> u32 {
        let mut bytes = [0; 4];
        self.read(offset, &mut bytes);
        u32::from_le_bytes(bytes)
    }

    /// Reads the epoch word.
    pub fn epoch(&self) -> EpochWord {
        EpochWord(self.load(EPOCH))
    }

    /// Reads when an object of this kind was created, whatever the version of its layout; `None` for any other file.
    pub(super) fn created(&self, format: &Format) -> Option<u64> {
        (self.load(0) == format.magic).then(|| self.load(CREATED))
    }

    /// Reads and checks the superblock.
    ///
    /// # Errors
    /// Those of [`Superblock::read`]; [`crate::error::Error::System`].
    pub(super) fn superblock(&self, format: &Format) -> Result<Superblock> {
        let mut start = [0; BYTES as usize];
        let len = self.file.status()?.size;
        self.file.read_at(0, &mut start)?;
        Superblock::of_file(&start, len, format)
    }
}
