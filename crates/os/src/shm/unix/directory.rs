//! The directory of shared-memory files. Opened once, so that renaming it changes nothing.

#![allow(unsafe_code, reason = "opens, renames and unlinks files")]

use super::file::{ShmFile, c_string, open_flag, open_path, owned, status_of};
use super::system;
use crate::error::{OsError, Result, retry};
use crate::shm::{Access, Status, name_encoding};
use std::ffi::CString;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};

/// Encodes a name for the file system.
pub(super) fn raw_name(name: &str) -> Result<CString> {
    c_string(name_encoding::encode(name).as_ref().as_ref())
}

/// An open directory. Names are single components; callers validate them.
#[derive(Debug)]
pub struct Directory {
    fd: OwnedFd,
    path: PathBuf,
}

impl Directory {
    /// Opens a directory.
    ///
    /// # Errors
    /// Any system error, as for every method here.
    pub fn open(path: &Path) -> Result<Self> {
        let path = std::path::absolute(path).map_err(|error| OsError::from_io("open", &error).at(path))?;
        let fd = open_path(&path, system::DIRECTORY_FLAGS, &path)?;
        Ok(Directory { fd, path })
    }

    /// Returns its absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the absolute path of a name in it.
    pub fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(&*name_encoding::encode(name))
    }

    pub(crate) fn raw(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// Opens the file of that name. Never follows a symbolic link, never creates a file, never blocks.
    pub fn open_file(&self, name: &str, access: Access) -> Result<ShmFile> {
        let path = self.path_of(name);
        let flags =
            open_flag(access) | libc::O_NOFOLLOW | libc::O_CLOEXEC | libc::O_NONBLOCK | libc::O_NOCTTY;
        let raw = raw_name(name)?;
        // SAFETY: `self` keeps the descriptor open; `raw` is NUL-terminated and outlives the call; without O_CREAT
        // there is no mode.
        let fd = retry("open", || unsafe { libc::openat(self.raw(), raw.as_ptr(), flags) });
        ShmFile::new(owned(fd.map_err(|error| error.at(&path))?), access, path)
    }

    /// Returns the status of the file of that name, without following links; `None` if there is none.
    pub fn status(&self, name: &str) -> Result<Option<Status>> {
        let raw = raw_name(name)?;
        let found = status_of("stat", |status| {
            // SAFETY: `self` keeps the descriptor open; `raw` is NUL-terminated and outlives the call; `status` is
            // valid for writes of a `stat`.
            unsafe { libc::fstatat(self.raw(), raw.as_ptr(), status, libc::AT_SYMLINK_NOFOLLOW) }
        });
        match found {
            Ok(status) => Ok(Some(status)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.at(self.path_of(name))),
        }
    }

    /// Removes a name; returns false if there is none.
    pub fn unlink(&self, name: &str) -> Result<bool> {
        let raw = raw_name(name)?;
        // SAFETY: `self` keeps the descriptor open; `raw` is NUL-terminated and outlives the call.
        match retry("unlink", || unsafe { libc::unlinkat(self.raw(), raw.as_ptr(), 0) }) {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error.at(self.path_of(name))),
        }
    }

    /// Renames a file, replacing the file that has the new name.
    pub(crate) fn rename(&self, from: &str, to: &str) -> Result<()> {
        let (raw_from, raw_to) = (raw_name(from)?, raw_name(to)?);
        let rename = || {
            // SAFETY: `self` keeps the descriptor open; both names are NUL-terminated and outlive the call.
            unsafe { libc::renameat(self.raw(), raw_from.as_ptr(), self.raw(), raw_to.as_ptr()) }
        };
        retry("rename", rename).map_err(|error| error.at(self.path_of(to))).map(drop)
    }

    /// Returns the names in the directory that are valid text, sorted.
    pub fn names(&self) -> Result<Vec<String>> {
        let failed = |error: std::io::Error| OsError::from_io("readdir", &error).at(&self.path);
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.path).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name().into_string().ok();
            names.extend(name.as_deref().and_then(name_encoding::decode));
        }
        names.sort_unstable();
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shm::testing::TestDirectory;
    use std::os::unix::fs::symlink;

    #[test]
    fn open_file_rejects_links_and_directories_and_never_blocks_on_a_fifo() {
        let test = TestDirectory::new();
        let dir = test.open();
        symlink("/etc/passwd", test.path().join("link")).unwrap();
        std::fs::create_dir(test.path().join("folder")).unwrap();
        test.make_fifo("fifo");
        for access in [Access::ReadOnly, Access::ReadWrite] {
            assert!(dir.open_file("link", access).unwrap_err().is_wrong_kind());
        }
        assert!(dir.open_file("folder", Access::ReadWrite).unwrap_err().is_wrong_kind());
        for name in ["link", "folder", "fifo"] {
            assert!(!dir.status(name).unwrap().unwrap().is_regular, "{name}");
        }
        let fifo = dir.open_file("fifo", Access::ReadWrite).unwrap();
        assert!(!fifo.status().unwrap().is_regular);
    }

    #[test]
    fn missing_names_are_not_errors_of_status_and_unlink() {
        let test = TestDirectory::new();
        let dir = test.open();
        assert_eq!(dir.status("none").unwrap(), None);
        assert!(!dir.unlink("none").unwrap());
        assert!(dir.open_file("none", Access::ReadOnly).unwrap_err().is_not_found());
        assert!(Directory::open(&test.path().join("none")).unwrap_err().is_not_found());
    }

    #[test]
    fn names_are_listed_renamed_and_removed() {
        let test = TestDirectory::new();
        let dir = test.open();
        for name in ["b", "a"] {
            std::fs::write(test.path().join(name), name).unwrap();
        }
        assert_eq!(dir.names().unwrap(), ["a", "b"]);
        dir.rename("a", "b").unwrap();
        assert_eq!(dir.names().unwrap(), ["b"]);
        assert!(dir.unlink("b").unwrap());
        assert!(dir.names().unwrap().is_empty());
    }
}
