//! The file system of a directory: its kind and its free space.

#[cfg(any(target_os = "freebsd", target_os = "macos"))]
mod bsd;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(any(target_os = "freebsd", target_os = "macos"))]
use bsd as system;
#[cfg(target_os = "linux")]
use linux as system;
#[cfg(windows)]
use windows as system;

use super::Directory;
use crate::error::Result;

/// The file system of a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileSystem {
    /// Its kind, if other machines may share its files.
    pub remote: Option<&'static str>,
    /// Bytes that an unprivileged process can still allocate; `None` if the system reports no limit.
    pub free_bytes: Option<u64>,
    /// Files that can still be created; `None` if the system reports no limit.
    pub free_files: Option<u64>,
}

impl FileSystem {
    /// Returns the file system of a directory.
    ///
    /// # Errors
    /// Any system error.
    pub fn of(dir: &Directory) -> Result<FileSystem> {
        system::of(dir)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shm::default_directory;

    #[test]
    fn default_directory_is_local_and_has_free_space() {
        let found = FileSystem::of(&Directory::open(&default_directory().unwrap()).unwrap()).unwrap();
        assert_eq!(found.remote, None);
        assert!(found.free_bytes.is_none_or(|free| free > 0));
    }
}
