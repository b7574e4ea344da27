//! Makes a file long enough to be mapped.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix::reserve;
#[cfg(windows)]
use windows::reserve;

use crate::descriptor::{BorrowedFile, duplicate};
use crate::error::{OsError, Result};

/// Extends a file to at least `size` bytes. The added bytes are zero, with their space reserved if the file system
/// can do that: an access to unreserved space may fault later. O(bytes added) at worst.
///
/// # Errors
/// No space, too large a file; other system errors. On error the file keeps its length.
pub fn extend(file: BorrowedFile<'_>, size: u64) -> Result<()> {
    let file = duplicate(file)?;
    let failed = |error| OsError::from_io(SET_LENGTH, &error);
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

const SET_LENGTH: &str = if cfg!(windows) { "SetEndOfFile" } else { "ftruncate" };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::borrow_file;
    use crate::shm::testing::TestDirectory;
    use std::fs::File;

    #[test]
    fn extend_adds_zeros_and_never_shortens_the_file() {
        let test = TestDirectory::new();
        std::fs::write(test.path().join("a"), [7; 10]).unwrap();
        let file = File::options().write(true).open(test.path().join("a")).unwrap();
        extend(borrow_file(&file), 20).unwrap();
        extend(borrow_file(&file), 5).unwrap();
        let mut expected = vec![7; 10];
        expected.resize(20, 0);
        assert_eq!(std::fs::read(test.path().join("a")).unwrap(), expected);
    }

    #[test]
    fn extend_leaves_the_length_when_it_fails() {
        let test = TestDirectory::new();
        std::fs::write(test.path().join("a"), [7; 10]).unwrap();
        let file = File::options().write(true).open(test.path().join("a")).unwrap();
        assert!(extend(borrow_file(&file), 1 << 60).unwrap_err().is_no_space());
        assert_eq!(file.metadata().unwrap().len(), 10);
    }
}
