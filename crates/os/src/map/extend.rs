//! Makes a file long enough to be mapped.

#![allow(unsafe_code, reason = "reserves space of files")]

use crate::error::{OsError, Result};
use std::fs::File;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Extends a file to at least `size` bytes. The added bytes are zero, with their space reserved if the file system
/// can do that: an access to unreserved space may fault later. O(bytes added) at worst.
///
/// # Errors
/// `ENOSPC`, `EFBIG`; other system errors. On error the file keeps its length.
pub fn extend(file: BorrowedFd<'_>, size: u64) -> Result<()> {
    let file = file.try_clone_to_owned().map(File::from).map_err(|error| OsError::from_io("dup", &error))?;
    let failed = |error| OsError::from_io("ftruncate", &error);
    let present = file.metadata().map_err(|error| OsError::from_io("fstat", &error))?.len();
    if present >= size {
        return Ok(());
    }
    match reserve(&file, present, size - present) {
        Ok(()) => Ok(()),
        Err(error) if error.is_unsupported() => file.set_len(size).map_err(failed),
        Err(error) => {
            // Some file systems keep the part that they could allocate.
            file.set_len(present).map_err(failed)?;
            Err(error)
        }
    }
}

fn reserve(file: &File, from: u64, bytes: u64) -> Result<()> {
    let to_off_t = |value| libc::off_t::try_from(value).map_err(|_| OsError::new("fallocate", libc::EFBIG));
    let (from, bytes) = (to_off_t(from)?, to_off_t(bytes)?);
    loop {
        match allocate(file, from, bytes) {
            Err(error) if error.errno == libc::EINTR => {}
            outcome => return outcome,
        }
    }
}

#[cfg(target_os = "linux")]
fn allocate(file: &File, from: libc::off_t, bytes: libc::off_t) -> Result<()> {
    // SAFETY: fallocate takes a descriptor, which `file` keeps open, and numbers.
    match unsafe { libc::fallocate(file.as_raw_fd(), 0, from, bytes) } {
        0 => Ok(()),
        _ => Err(OsError::last("fallocate")),
    }
}

#[cfg(target_os = "freebsd")]
fn allocate(file: &File, from: libc::off_t, bytes: libc::off_t) -> Result<()> {
    // SAFETY: posix_fallocate takes a descriptor, which `file` keeps open, and numbers; it returns an errno.
    match unsafe { libc::posix_fallocate(file.as_raw_fd(), from, bytes) } {
        0 => Ok(()),
        // The answer of file systems without it.
        libc::EINVAL => Err(OsError::new("posix_fallocate", libc::EOPNOTSUPP)),
        errno => Err(OsError::new("posix_fallocate", errno)),
    }
}

/// Allocates the blocks, which does not change the length, and then sets the length.
#[cfg(target_os = "macos")]
fn allocate(file: &File, from: libc::off_t, bytes: libc::off_t) -> Result<()> {
    let mut request = libc::fstore_t {
        fst_flags: libc::F_ALLOCATEALL,
        fst_posmode: libc::F_PEOFPOSMODE,
        fst_offset: 0,
        fst_length: bytes,
        fst_bytesalloc: 0,
    };
    // SAFETY: `file` keeps the descriptor open; the command takes a pointer to an `fstore_t`, valid for reads and
    // writes, which `request` is for the whole call.
    if unsafe { libc::fcntl(file.as_raw_fd(), libc::F_PREALLOCATE, &raw mut request) } == -1 {
        return Err(OsError::last("fcntl"));
    }
    let end = from.checked_add(bytes).ok_or(OsError::new("ftruncate", libc::EFBIG))?;
    file.set_len(end as u64).map_err(|error| OsError::from_io("ftruncate", &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shm::testing::TestDirectory;
    use std::os::fd::AsFd;

    #[test]
    fn extend_adds_zeros_and_never_shortens_the_file() {
        let test = TestDirectory::new();
        std::fs::write(test.path().join("a"), [7; 10]).unwrap();
        let file = File::options().write(true).open(test.path().join("a")).unwrap();
        extend(file.as_fd(), 20).unwrap();
        extend(file.as_fd(), 5).unwrap();
        let mut expected = vec![7; 10];
        expected.resize(20, 0);
        assert_eq!(std::fs::read(test.path().join("a")).unwrap(), expected);
    }

    #[test]
    fn extend_leaves_the_length_when_it_fails() {
        let test = TestDirectory::new();
        std::fs::write(test.path().join("a"), [7; 10]).unwrap();
        let file = File::options().write(true).open(test.path().join("a")).unwrap();
        assert!(extend(file.as_fd(), 1 << 60).unwrap_err().is_no_space());
        assert_eq!(file.metadata().unwrap().len(), 10);
    }
}
