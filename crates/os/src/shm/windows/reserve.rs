//! Reserves the space of a file when it is created: an access to unreserved space may fail later, with a fatal
//! exception.

#![allow(unsafe_code, reason = "makes files sparse")]

use super::file::ShmFile;
use crate::error::{OsError, Result};
use std::os::windows::fs::FileExt;
use std::ptr;
use windows_sys::Win32::System::IO::DeviceIoControl;

/// `FSCTL_SET_SPARSE`: bytes that were never written take no space.
const SET_SPARSE: u32 = 0x000900C4;

/// Written at a time.
static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

impl ShmFile {
    /// Extends an empty file to `size` zero bytes, with all their space reserved.
    ///
    /// Writes zeros, though NTFS allocates the space when it extends a file: other file systems, and
    /// compressed or sparse directories, do not.
    ///
    /// # Errors
    /// No space; other system errors. The file may then have some of the space reserved.
    pub fn reserve(&self, size: u64) -> Result<()> {
        self.extend(0, size, || ())
    }

    /// Reserves space for the bytes from `from` to `to`, and extends the file if it ends before `to`. Present bytes
    /// stay, new ones are zero. Calls `step` after each part, which takes some milliseconds at most.
    ///
    /// # Errors
    /// Like [`ShmFile::reserve`]. The file may then be longer, with some of the space reserved.
    pub fn extend(&self, from: u64, to: u64, mut step: impl FnMut()) -> Result<()> {
        let end = self.status()?.size;
        // Present bytes already have their space.
        self.fill_in_steps(from.max(end), to, &mut step)
    }

    /// Zeroes all bytes from `from` on. Their space stays allocated, and the file keeps its length.
    ///
    /// # Errors
    /// Any system error.
    pub fn punch(&self, from: u64) -> Result<()> {
        let size = self.status()?.size;
        self.fill_with_zeros(from, size)
    }

    /// Extends an empty file to `size` bytes that take no space yet. Returns false, and leaves the file empty, if its file
    /// system cannot have such bytes.
    ///
    /// # Errors
    /// Any system error.
    pub(in crate::shm) fn extend_sparse(&self, size: u64) -> Result<bool> {
        let mut bytes = 0;
        // SAFETY: `self` keeps the handle open; the call takes no input, gives no output, and `bytes` is valid for writes.
        let done = unsafe {
            let (none, nothing) = (ptr::null(), ptr::null_mut());
            DeviceIoControl(self.raw(), SET_SPARSE, none, 0, nothing, 0, &raw mut bytes, ptr::null_mut())
        };
        if done == 0 {
            return Ok(false);
        }
        let failed = |error: std::io::Error| OsError::from_io("SetEndOfFile", &error).at(self.path());
        self.file().set_len(size).map_err(failed)?;
        Ok(true)
    }

    /// Overwrites the bytes from `from` to `size` with zeros.
    pub(in crate::shm) fn fill_with_zeros(&self, from: u64, size: u64) -> Result<()> {
        self.fill_in_steps(from, size, &mut || ())
    }

    fn fill_in_steps(&self, from: u64, size: u64, step: &mut impl FnMut()) -> Result<()> {
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
