//! Space for a file, all of it and now: what is only promised faults later, with a deadly signal.

use super::file::ShmFile;
use super::system;
use crate::error::{OsError, Result};
use std::mem::MaybeUninit;

/// Some kernels refuse one huge reservation that they grant in parts.
const LARGEST_CHUNK: u64 = 1 << 30;
/// A signal makes the kernel give back the whole chunk, so under a storm of signals only chunks that
/// fit between two of them make progress: this one takes well under a millisecond.
const SMALLEST_CHUNK: u64 = 256 << 10;
/// Written at a time where the file system cannot reserve.
static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

impl ShmFile {
    /// Makes the file `size` bytes long, every one of them zero and backed by real space. The file must
    /// be empty.
    ///
    /// # Errors
    /// `EFBIG` beyond the process's file size limit (asked for first: the kernel would send SIGXFSZ);
    /// `ENOSPC`, `EDQUOT`, `ENOMEM`; the system's own. The file then holds some of the space.
    pub fn reserve(&self, size: u64) -> Result<()> {
        self.reserve_range(0, size)
    }

    /// As `reserve`, of the bytes from `from` to `size`; what is there already stays.
    pub(super) fn reserve_range(&self, from: u64, size: u64) -> Result<()> {
        let failed = |errno| OsError::new("reserve space for", errno).at(self.path());
        if size > file_size_limit() || libc::off_t::try_from(size).is_err() {
            return Err(failed(libc::EFBIG));
        }
        let mut chunk = LARGEST_CHUNK;
        let mut done = from;
        while done < size {
            let step = chunk.min(size - done);
            match system::allocate(self.raw(), done, step) {
                0 => done += step,
                libc::EINTR => chunk = (chunk / 2).max(SMALLEST_CHUNK),
                errno if is_missing(errno) => {
                    // What is there already stays, and has its space.
                    return self.fill_with_zeros(done.max(self.status()?.size), size);
                }
                errno => return Err(failed(errno)),
            }
        }
        Ok(())
    }

    /// Overwrites a range.
    pub(super) fn fill_with_zeros(&self, from: u64, size: u64) -> Result<()> {
        let mut done = from;
        while done < size {
            let step = ZEROS.len().min((size - done) as usize);
            // SAFETY: the descriptor is open, ZEROS is valid for reads of `step` bytes.
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

/// The file system has no way to reserve.
fn is_missing(errno: libc::c_int) -> bool {
    OsError::new("reserve", errno).is_unsupported()
}

/// How large a file this process may make.
#[allow(clippy::unnecessary_cast, reason = "the field's type differs between systems")]
fn file_size_limit() -> u64 {
    let mut limit = MaybeUninit::<libc::rlimit>::zeroed();
    // SAFETY: the pointer is valid for an `rlimit`.
    if unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, limit.as_mut_ptr()) } != 0 {
        return u64::MAX;
    }
    // SAFETY: zeroed memory is a valid `rlimit`, and the successful call has filled it.
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
    fn reserved_space_is_really_taken() {
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
    fn zeros_are_written_where_the_file_system_cannot_reserve() {
        let test = TestDirectory::new();
        let dir = test.open();
        let fork = exclude_fork().unwrap();
        let mut new = NewFile::create(&fork, &dir).unwrap();
        new.file().fill_with_zeros(0, 100_000).unwrap();
        new.link(&fork, "a").unwrap();
        assert_eq!(std::fs::read(test.path().join("a")).unwrap(), vec![0; 100_000]);
    }
}
