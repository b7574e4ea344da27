//! Making a file long enough to be mapped.

use crate::error::{OsError, Result};
use std::fs::File;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Makes a file at least `size` bytes long; what is added is zero, and backed by real space where the
/// file system can do that: what is only promised faults later. O(the bytes added) at worst.
///
/// # Errors
/// `ENOSPC`, `EFBIG`; the system's own. The file is as long as before then.
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
            // Some file systems keep the part that they could give.
            file.set_len(present).map_err(failed)?;
            Err(error)
        }
    }
}

fn reserve(file: &File, from: u64, bytes: u64) -> Result<()> {
    let number = |value| libc::off_t::try_from(value).map_err(|_| OsError::new("fallocate", libc::EFBIG));
    let (from, bytes) = (number(from)?, number(bytes)?);
    loop {
        match allocate(file, from, bytes) {
            Err(error) if error.errno == libc::EINTR => {}
            outcome => return outcome,
        }
    }
}

#[cfg(target_os = "linux")]
fn allocate(file: &File, from: libc::off_t, bytes: libc::off_t) -> Result<()> {
    // SAFETY: the call takes a descriptor, which is open, and numbers.
    match unsafe { libc::fallocate(file.as_raw_fd(), 0, from, bytes) } {
        0 => Ok(()),
        _ => Err(OsError::last("fallocate")),
    }
}

#[cfg(target_os = "freebsd")]
fn allocate(file: &File, from: libc::off_t, bytes: libc::off_t) -> Result<()> {
    // SAFETY: the call takes a descriptor, which is open, and numbers; it returns an errno.
    match unsafe { libc::posix_fallocate(file.as_raw_fd(), from, bytes) } {
        0 => Ok(()),
        // What file systems without it say.
        libc::EINVAL => Err(OsError::new("posix_fallocate", libc::EOPNOTSUPP)),
        errno => Err(OsError::new("posix_fallocate", errno)),
    }
}

/// Takes the blocks, which does not make the file longer, and then the length.
#[cfg(target_os = "macos")]
fn allocate(file: &File, from: libc::off_t, bytes: libc::off_t) -> Result<()> {
    let mut request = libc::fstore_t {
        fst_flags: libc::F_ALLOCATEALL,
        fst_posmode: libc::F_PEOFPOSMODE,
        fst_offset: 0,
        fst_length: bytes,
        fst_bytesalloc: 0,
    };
    // SAFETY: the descriptor is open; the command takes a pointer to an `fstore_t`, which `request` is.
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
    fn a_file_grows_with_zeros_and_is_never_cut() {
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
    fn a_file_that_cannot_grow_is_as_long_as_before() {
        let test = TestDirectory::new();
        std::fs::write(test.path().join("a"), [7; 10]).unwrap();
        let file = File::options().write(true).open(test.path().join("a")).unwrap();
        assert!(extend(file.as_fd(), 1 << 60).unwrap_err().is_no_space());
        assert_eq!(file.metadata().unwrap().len(), 10);
    }
}
