//! What a folder lies on, and how much fits there.

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

/// The file system of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileSystem {
    /// Its kind, if files on it may be shared with other machines.
    pub remote: Option<&'static str>,
    /// Bytes that an unprivileged process can still take; `None` if there is no limit to ask for.
    pub free_bytes: Option<u64>,
    /// Files that can still be made; `None` if there is no limit to ask for.
    pub free_files: Option<u64>,
}

impl FileSystem {
    /// Asks the system about a folder.
    ///
    /// # Errors
    /// The system's own.
    pub fn of(dir: &Directory) -> Result<FileSystem> {
        system::of(dir)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shm::default_directory;

    #[test]
    fn shared_memory_is_local_and_has_room() {
        let found = FileSystem::of(&Directory::open(&default_directory().unwrap()).unwrap()).unwrap();
        assert_eq!(found.remote, None);
        assert!(found.free_bytes.is_none_or(|free| free > 0));
    }
}
