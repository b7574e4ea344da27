//! Reserves the space of a file when it is created: an access to unreserved space may fail later, with a fatal signal.

#![allow(unsafe_code, reason = "writes zeros and reads limits")]

use super::file::ShmFile;
use super::system;
use crate::error::{OsError, Result, retry};
use std::mem::MaybeUninit;

/// Some kernels reject one huge reservation but accept it in parts.
const LARGEST_CHUNK: u64 = 1 << 30;
/// A signal makes the kernel free the whole chunk, so during a storm of signals only chunks that
/// fit between two signals make progress: one of this size takes well under a millisecond.
const SMALLEST_CHUNK: u64 = 256 << 10;
/// Written at a time on file systems that cannot reserve space.
static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

impl ShmFile {
    /// Extends an empty file to `size` zero bytes, with all their space reserved.
    ///
    /// # Errors
    /// `EFBIG` above the file size limit of the process (checked first, as the kernel would send SIGXFSZ);
    /// `ENOSPC`, `EDQUOT`, `ENOMEM`; other system errors. The file may then have some of the space reserved.
    pub fn reserve(&self, size: u64) -> Result<()> {
        self.reserve_range(0, size)
    }

    /// Extends an empty file to `size` bytes that take no space yet. Returns true: holes are possible, or the system fills
    /// them itself.
    ///
    /// # Errors
    /// `EFBIG` above the file size limit of the process; other system errors.
    pub(in crate::shm) fn extend_sparse(&self, size: u64) -> Result<bool> {
        self.check_size_limit(size)?;
        // SAFETY: ftruncate takes a descriptor, which `self` keeps open, and a number, which fits (`check_size_limit`).
        retry("ftruncate", || unsafe { libc::ftruncate(self.raw(), size as libc::off_t) })
            .map_err(|error| error.at(self.path()))
            .map(|_| true)
    }

    /// Like `reserve`, for the bytes from `from` to `size`; present bytes stay.
    pub(super) fn reserve_range(&self, from: u64, size: u64) -> Result<()> {
        match self.allocate_exactly(from, size) {
            // Present bytes stay, and already have their space.
            Err(error) if error.is_unsupported() => self.fill_with_zeros(from.max(self.status()?.size), size),
            outcome => outcome,
        }
    }

    /// Reserves space for the bytes from `from` to `to`, all of them, also those that the file has without space. Present
    /// bytes stay.
    ///
    /// # Errors
    /// Those of `reserve`; unsupported if the file system cannot do it.
    pub(in crate::shm) fn allocate_exactly(&self, from: u64, to: u64) -> Result<()> {
        self.check_size_limit(to)?;
        let mut chunk = LARGEST_CHUNK;
        let mut done = from;
        while done < to {
            let step = chunk.min(to - done);
            match system::allocate(self.raw(), done, step) {
                0 => done += step,
                libc::EINTR => chunk = (chunk / 2).max(SMALLEST_CHUNK),
                errno => return Err(OsError::new("reserve space for", errno).at(self.path())),
            }
        }
        Ok(())
    }

    /// Checks that this process may make files of `size` bytes: the kernel would send SIGXFSZ.
    ///
    /// # Errors
    /// `EFBIG`.
    fn check_size_limit(&self, size: u64) -> Result<()> {
        if size > file_size_limit() || libc::off_t::try_from(size).is_err() {
            return Err(OsError::new("reserve space for", libc::EFBIG).at(self.path()));
        }
        Ok(())
    }

    /// Overwrites the bytes from `from` to `size` with zeros.
    pub(in crate::shm) fn fill_with_zeros(&self, from: u64, size: u64) -> Result<()> {
        let mut done = from;
        while done < size {
            let step = ZEROS.len().min((size - done) as usize);
            // SAFETY: pwrite takes a descriptor, which `self` keeps open; ZEROS is valid for reads of `step` bytes.
            let wrote = unsafe { libc::pwrite(self.raw(), ZEROS.as_ptr().cast(), step, done as libc::off_t) };
            if wrote >= 0 {
                done += wrote as u64;
                continue;
            }
            let error = OsError::last("reserve space for").at(self.path());
            if error.errno != libc::EINTR {
                return Err(error);
            }
        }
        Ok(())
    }
}

/// Returns the largest file size that this process may create.
#[allow(clippy::unnecessary_cast, reason = "the field's type differs between systems")]
fn file_size_limit() -> u64 {
    let mut limit = MaybeUninit::<libc::rlimit>::zeroed();
    // SAFETY: the pointer is valid for writes of an `rlimit`.
    if unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, limit.as_mut_ptr()) } != 0 {
        return u64::MAX;
    }
    // SAFETY: `rlimit` consists of integers, so zeroed memory is a valid value, which the successful call has filled.
    let limit = unsafe { limit.assume_init() };
    if limit.rlim_cur == libc::RLIM_INFINITY { u64::MAX } else { limit.rlim_cur as u64 }
}

#[cfg(test)]
mod tests {
    use crate::process::exclude_fork;
    use crate::shm::NewFile;
    use crate::shm::testing::TestDirectory;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn reserve_allocates_the_blocks_of_the_file() {
        let test = TestDirectory::new();
        let dir = test.open();
        let fork = exclude_fork().unwrap();
        let mut new = NewFile::create(&fork, &dir).unwrap();
        new.file().reserve(3 << 20).unwrap();
        new.link(&fork, "a").unwrap();
        let status = std::fs::metadata(test.path().join("a")).unwrap();
        assert_eq!(status.len(), 3 << 20);
        assert!(status.blocks() * 512 >= 3 << 20);
    }

    #[test]
    fn fill_with_zeros_extends_an_empty_file() {
        let test = TestDirectory::new();
        let dir = test.open();
        let fork = exclude_fork().unwrap();
        let mut new = NewFile::create(&fork, &dir).unwrap();
        new.file().fill_with_zeros(0, 100_000).unwrap();
        new.link(&fork, "a").unwrap();
        assert_eq!(std::fs::read(test.path().join("a")).unwrap(), vec![0; 100_000]);
    }
}
