//! Creation of a file: without a name, or with a temporary one on systems without unnamed files.
//!
//! An unnamed file vanishes when its creator dies. A temporary name may outlive its creator, so the creator holds
//! the file's NAME byte exclusively: a temporary file whose NAME byte is free is garbage.

#![allow(unsafe_code, reason = "opens and links files")]

use super::directory::{Directory, raw_name};
use super::file::{ShmFile, c_string, owned};
use super::system;
use crate::entropy;
use crate::error::{OsError, Result, code, retry};
use crate::liveness::{lock_name, unlock_name};
use crate::process::ForkExcluded;
use crate::shm::{Access, TEMPORARY_PREFIX};
use std::ffi::CStr;
use std::os::fd::OwnedFd;

/// The mode of a new file: only its creator may open it before it is published. Set again after the file was created: a
/// umask may have removed what reopening the file needs.
const PRIVATE: u32 = 0o600;
/// Sixteen random bytes never collide, but a garbage sweep may remove a new name.
const ATTEMPTS: u32 = 16;

/// A temporary name, removed when this is dropped.
#[derive(Debug)]
struct TemporaryName<'d> {
    dir: &'d Directory,
    name: String,
}

impl Drop for TemporaryName<'_> {
    fn drop(&mut self) {
        // A name that cannot be removed now is garbage, which a later sweep removes. After a rename there is none.
        let _ = self.dir.unlink(&self.name);
    }
}

/// A file without its final name. Dropping it before `link` or `link_over` discards the file.
#[derive(Debug)]
pub struct NewFile<'d> {
    file: ShmFile,
    dir: &'d Directory,
    temporary: Option<TemporaryName<'d>>,
}

impl<'d> NewFile<'d> {
    /// Creates an empty file of mode 0600 in `dir`, unnamed if the system supports that, and locks its NAME byte.
    ///
    /// # Errors
    /// Any system error.
    pub fn create(fork: &ForkExcluded, dir: &'d Directory) -> Result<Self> {
        let Some(file) = system::open_unnamed(dir)? else { return Self::named(fork, dir) };
        file.set_mode(PRIVATE)?;
        lock_name(fork, &file)?;
        Ok(NewFile { file, dir, temporary: None })
    }

    /// Like `create`, but always with a temporary name.
    ///
    /// # Errors
    /// Busy if sweeps keep removing the temporary name; other system errors.
    pub fn named(fork: &ForkExcluded, dir: &'d Directory) -> Result<Self> {
        #[cfg(target_os = "freebsd")]
        crate::liveness::sweep_lock_files(dir);
        for _ in 0..ATTEMPTS {
            let name = random_name()?;
            let raw = raw_name(&name)?;
            let fd = open_new(dir, &raw, libc::O_CREAT | libc::O_EXCL | libc::O_NOFOLLOW)?;
            let temporary = TemporaryName { dir, name };
            let file = ShmFile::new(fd, Access::ReadWrite, dir.path_of(&temporary.name))?;
            file.set_mode(PRIVATE)?;
            // A garbage sweep may have removed the name before the byte was locked.
            if lock_name(fork, &file).is_ok() && file.status()?.links > 0 {
                return Ok(NewFile { file, dir, temporary: Some(temporary) });
            }
        }
        Err(OsError::new("create a temporary file", code::BUSY).at(dir.path()))
    }

    /// Returns the file.
    pub fn file(&self) -> &ShmFile {
        &self.file
    }

    /// Links the file to its final name, which must be free, and unlocks the NAME byte.
    ///
    /// # Errors
    /// `EEXIST` if the name is taken; other system errors. The caller may then try again.
    pub fn link(&mut self, _fork: &ForkExcluded, name: &str) -> Result<()> {
        self.link_to(name)?;
        self.temporary = None;
        unlock_name(&self.file);
        Ok(())
    }

    /// Links the file to `name`, replacing the file that has it, and unlocks the NAME byte. Calls `retire`
    /// immediately before the rename that replaces.
    ///
    /// # Errors
    /// Any system error.
    pub fn link_over(&mut self, _fork: &ForkExcluded, name: &str, retire: impl FnOnce()) -> Result<()> {
        if self.temporary.is_none() {
            let temporary = random_name()?;
            self.link_to(&temporary)?;
            self.temporary = Some(TemporaryName { dir: self.dir, name: temporary });
        }
        let from = self.temporary.as_ref().map(|temporary| temporary.name.clone()).unwrap_or_default();
        retire();
        self.dir.rename(&from, name)?;
        self.temporary = None;
        unlock_name(&self.file);
        Ok(())
    }

    fn link_to(&self, name: &str) -> Result<()> {
        let to = raw_name(name)?;
        let (from, flags) = match &self.temporary {
            Some(temporary) => (raw_name(&temporary.name)?, 0),
            None => (c_string(&system::path_of_unnamed(&self.file))?, libc::AT_SYMLINK_FOLLOW),
        };
        let dir = self.dir.raw();
        // SAFETY: `self.dir` keeps the descriptor open; both names are NUL-terminated and outlive the call.
        let link = || unsafe { libc::linkat(dir, from.as_ptr(), dir, to.as_ptr(), flags) };
        retry("link", link).map_err(|error| error.at(self.dir.path_of(name))).map(drop)
    }
}

fn random_name() -> Result<String> {
    let random = u128::from_ne_bytes(entropy::random::<16>()?);
    Ok(format!("{TEMPORARY_PREFIX}{random:032x}"))
}

const CREATE: &str = "create a file in";

/// Opens a new file of mode 0600 for reading and writing; `flags` say how it is created.
pub(super) fn open_new(dir: &Directory, name: &CStr, flags: libc::c_int) -> Result<OwnedFd> {
    let flags = flags | libc::O_RDWR | libc::O_CLOEXEC;
    // SAFETY: `dir` keeps the descriptor open; `name` is NUL-terminated and outlives the call; a mode is passed, as
    // O_CREAT and O_TMPFILE require.
    let fd = retry(CREATE, || unsafe { libc::openat(dir.raw(), name.as_ptr(), flags, PRIVATE) });
    fd.map(owned).map_err(|error| {
        // The directory exists, as it is open. So "not found" means one like /proc, where no files can be created.
        let error = if error.is_not_found() { OsError::new(CREATE, libc::EOPNOTSUPP) } else { error };
        error.at(dir.path())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::exclude_fork;
    use crate::shm::testing::TestDirectory;

    #[test]
    fn a_new_file_is_listed_only_after_it_is_linked() {
        let test = TestDirectory::new();
        let dir = test.open();
        let fork = exclude_fork().unwrap();
        let mut new = NewFile::create(&fork, &dir).unwrap();
        assert!(dir.names().unwrap().is_empty());
        new.link(&fork, "a").unwrap();
        assert_eq!(dir.names().unwrap(), ["a"]);
        assert_eq!(dir.status("a").unwrap().unwrap().identity, new.file().identity());
    }

    #[test]
    fn link_fails_and_link_over_replaces_when_the_name_is_taken() {
        let test = TestDirectory::new();
        let dir = test.open();
        let fork = exclude_fork().unwrap();
        for make in [NewFile::create, NewFile::named] {
            std::fs::write(test.path().join("a"), "old").unwrap();
            let mut new = make(&fork, &dir).unwrap();
            assert!(new.link(&fork, "a").unwrap_err().is_already_exists());
            let mut retired = false;
            new.link_over(&fork, "a", || retired = true).unwrap();
            assert!(retired);
            assert_eq!(dir.status("a").unwrap().unwrap().identity, new.file().identity());
            assert_eq!(dir.names().unwrap(), ["a"]);
        }
    }

    #[test]
    fn dropping_a_new_file_leaves_nothing() {
        let test = TestDirectory::new();
        let dir = test.open();
        let fork = exclude_fork().unwrap();
        let new = NewFile::named(&fork, &dir).unwrap();
        assert!(dir.names().unwrap()[0].starts_with(TEMPORARY_PREFIX));
        drop(new);
        drop(NewFile::create(&fork, &dir).unwrap());
        assert!(dir.names().unwrap().is_empty());
    }

    #[test]
    fn set_mode_ignores_the_umask() {
        let test = TestDirectory::new();
        let dir = test.open();
        let fork = exclude_fork().unwrap();
        for mode in [0o600, 0o666, 0o640] {
            let mut new = NewFile::named(&fork, &dir).unwrap();
            assert_eq!(new.file().status().unwrap().mode, 0o600);
            new.file().set_mode(mode).unwrap();
            new.link(&fork, "a").unwrap();
            assert_eq!(dir.status("a").unwrap().unwrap().mode, mode);
            dir.unlink("a").unwrap();
        }
    }
}
