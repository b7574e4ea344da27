//! The folder that segments of one kind share. Opened once, so that renaming it changes nothing.

use super::file::{ShmFile, c_string, flag, open_path, owned, status_of};
use super::system;
use crate::error::{OsError, Result, retry};
use crate::shm::{Access, Status, spelling};
use std::ffi::CString;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};

/// A name, spelled as the file system has it.
pub(super) fn raw_name(name: &str) -> Result<CString> {
    c_string(spelling::on_disk(name).as_ref().as_ref())
}

/// An open folder. Names are single components; callers have checked them.
#[derive(Debug)]
pub struct Directory {
    fd: OwnedFd,
    path: PathBuf,
}

impl Directory {
    /// Opens a folder.
    ///
    /// # Errors
    /// The system's own, as for every method here.
    pub fn open(path: &Path) -> Result<Self> {
        let path = std::path::absolute(path).map_err(|error| OsError::from_io("open", &error).at(path))?;
        let fd = open_path(&path, system::FOLDER, &path)?;
        Ok(Directory { fd, path })
    }

    /// Its absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The absolute path of a name in it.
    pub fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(&*spelling::on_disk(name))
    }

    pub(crate) fn raw(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// Opens the regular file of that name. Never follows a link, never makes a file, never waits.
    pub fn open_file(&self, name: &str, access: Access) -> Result<ShmFile> {
        let path = self.path_of(name);
        let flags = flag(access) | libc::O_NOFOLLOW | libc::O_CLOEXEC | libc::O_NONBLOCK | libc::O_NOCTTY;
        let raw = raw_name(name)?;
        // SAFETY: the folder is open, `raw` is NUL-terminated and outlives the call.
        let fd = retry("open", || unsafe { libc::openat(self.raw(), raw.as_ptr(), flags) });
        ShmFile::new(owned(fd.map_err(|error| error.at(&path))?), access, path)
    }

    /// What has that name, links not followed; `None` if nothing has.
    pub fn status(&self, name: &str) -> Result<Option<Status>> {
        let raw = raw_name(name)?;
        let found = status_of("stat", |status| {
            // SAFETY: the folder is open, `raw` is NUL-terminated, `status` is valid for a `stat`.
            unsafe { libc::fstatat(self.raw(), raw.as_ptr(), status, libc::AT_SYMLINK_NOFOLLOW) }
        });
        match found {
            Ok(status) => Ok(Some(status)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.at(self.path_of(name))),
        }
    }

    /// Removes a name; false if there is none.
    pub fn unlink(&self, name: &str) -> Result<bool> {
        let raw = raw_name(name)?;
        // SAFETY: the folder is open, `raw` is NUL-terminated and outlives the call.
        match retry("unlink", || unsafe { libc::unlinkat(self.raw(), raw.as_ptr(), 0) }) {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error.at(self.path_of(name))),
        }
    }

    /// Renames a file, over whatever has the new name.
    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        let (raw_from, raw_to) = (raw_name(from)?, raw_name(to)?);
        let rename = || {
            // SAFETY: the folder is open, both names are NUL-terminated and outlive the call.
            unsafe { libc::renameat(self.raw(), raw_from.as_ptr(), self.raw(), raw_to.as_ptr()) }
        };
        retry("rename", rename).map_err(|error| error.at(self.path_of(to))).map(drop)
    }

    /// The names in the folder that are text, sorted.
    pub fn names(&self) -> Result<Vec<String>> {
        let failed = |error: std::io::Error| OsError::from_io("readdir", &error).at(&self.path);
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.path).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name().into_string().ok();
            names.extend(name.as_deref().and_then(spelling::from_disk));
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
    fn links_and_folders_and_fifos_are_no_files_and_nothing_hangs() {
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
    fn missing_names_are_told_apart_from_failures() {
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
