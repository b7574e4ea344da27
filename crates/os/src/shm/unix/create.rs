//! A file in the making: without a name, or with a temporary one where the system has no unnamed files.
//!
//! An unnamed file vanishes with its maker. A temporary name may outlive it, so its maker holds the
//! file's NAME byte exclusively: a temporary file whose byte is free is garbage.

use super::directory::{Directory, raw_name};
use super::file::{ShmFile, c_string, owned};
use super::system;
use crate::beacon::{hold_name, release_name};
use crate::entropy;
use crate::error::{OsError, Result, code, retry};
use crate::process::ForkExcluded;
use crate::shm::{Access, TEMPORARY_PREFIX};
use std::ffi::CStr;
use std::os::fd::OwnedFd;

/// Only the maker may look at a file in the making.
const PRIVATE: libc::c_uint = 0o600;
/// Sixteen random bytes collide never; a sweep of garbage may take a new name away.
const ATTEMPTS: u32 = 16;

/// A name that goes when it is dropped, unless the file was renamed away from it.
#[derive(Debug)]
struct TemporaryName<'d> {
    dir: &'d Directory,
    name: String,
}

impl Drop for TemporaryName<'_> {
    fn drop(&mut self) {
        // A name that cannot be removed now is garbage, and swept later.
        let _ = self.dir.unlink(&self.name);
    }
}

/// A file that has no final name yet. Dropping it gives it up.
#[derive(Debug)]
pub struct NewFile<'d> {
    file: ShmFile,
    dir: &'d Directory,
    temporary: Option<TemporaryName<'d>>,
}

impl<'d> NewFile<'d> {
    /// An empty file of mode 0600 in `dir`, unnamed if the system can do that; its NAME byte is held.
    ///
    /// # Errors
    /// The system's own.
    pub fn create(fork: &ForkExcluded, dir: &'d Directory) -> Result<Self> {
        let Some(file) = system::open_unnamed(dir)? else { return Self::named(fork, dir) };
        hold_name(fork, &file)?;
        Ok(NewFile { file, dir, temporary: None })
    }

    /// As `create`, always with a temporary name.
    ///
    /// # Errors
    /// The system's own.
    pub fn named(fork: &ForkExcluded, dir: &'d Directory) -> Result<Self> {
        #[cfg(target_os = "freebsd")]
        crate::beacon::sweep(dir);
        for _ in 0..ATTEMPTS {
            let name = random_name()?;
            let raw = raw_name(&name)?;
            let fd = open_new(dir, &raw, libc::O_CREAT | libc::O_EXCL | libc::O_NOFOLLOW)?;
            let temporary = TemporaryName { dir, name };
            let file = ShmFile::new(fd, Access::ReadWrite, dir.path_of(&temporary.name))?;
            // Somebody who sweeps garbage may come in before the byte is held.
            if hold_name(fork, &file).is_ok() && file.status()?.links > 0 {
                return Ok(NewFile { file, dir, temporary: Some(temporary) });
            }
        }
        Err(OsError::new("create a temporary file", code::BUSY).at(dir.path()))
    }

    /// The file.
    pub fn file(&self) -> &ShmFile {
        &self.file
    }

    /// Gives the file its name, which must be free, and lets go of the NAME byte.
    ///
    /// # Errors
    /// `EEXIST` if the name is taken; the system's own. The file can then be tried again.
    pub fn link(&mut self, _fork: &ForkExcluded, name: &str) -> Result<()> {
        self.link_to(name)?;
        self.temporary = None;
        release_name(&self.file);
        Ok(())
    }

    /// Puts the file in the place of whatever has `name`, and lets go of the NAME byte. `retire` runs
    /// when nothing but the renaming is left to be done.
    ///
    /// # Errors
    /// The system's own.
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
        release_name(&self.file);
        Ok(())
    }

    fn link_to(&self, name: &str) -> Result<()> {
        let to = raw_name(name)?;
        let (from, flags) = match &self.temporary {
            Some(temporary) => (raw_name(&temporary.name)?, 0),
            None => (c_string(&system::path_of_unnamed(&self.file))?, libc::AT_SYMLINK_FOLLOW),
        };
        let dir = self.dir.raw();
        // SAFETY: the folder is open, both names are NUL-terminated and outlive the call.
        let link = || unsafe { libc::linkat(dir, from.as_ptr(), dir, to.as_ptr(), flags) };
        retry("link", link).map_err(|error| error.at(self.dir.path_of(name))).map(drop)
    }
}

fn random_name() -> Result<String> {
    let random = u128::from_ne_bytes(entropy::random::<16>()?);
    Ok(format!("{TEMPORARY_PREFIX}{random:032x}"))
}

const CREATE: &str = "create a file in";

pub(super) fn open_new(dir: &Directory, name: &CStr, flags: libc::c_int) -> Result<OwnedFd> {
    let flags = flags | libc::O_RDWR | libc::O_CLOEXEC;
    // SAFETY: the folder is open, `name` is NUL-terminated; the mode is passed as the flags demand.
    let fd = retry(CREATE, || unsafe { libc::openat(dir.raw(), name.as_ptr(), flags, PRIVATE) });
    fd.map(owned).map_err(|error| {
        // The folder is there, it is open: of such as /proc this means that there can be no files of ours.
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
    fn an_unnamed_file_is_seen_only_once_it_is_linked() {
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
    fn a_taken_name_is_refused_and_can_be_taken_over() {
        let test = TestDirectory::new();
        let dir = test.open();
        let fork = exclude_fork().unwrap();
        for make in [NewFile::create, NewFile::named] {
            std::fs::write(test.path().join("a"), "old").unwrap();
            let mut new = make(&fork, &dir).unwrap();
            assert!(new.link(&fork, "a").unwrap_err().is_exists());
            let mut retired = false;
            new.link_over(&fork, "a", || retired = true).unwrap();
            assert!(retired);
            assert_eq!(dir.status("a").unwrap().unwrap().identity, new.file().identity());
            assert_eq!(dir.names().unwrap(), ["a"]);
        }
    }

    #[test]
    fn giving_up_leaves_nothing_behind() {
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
    fn the_umask_and_the_mode_have_nothing_to_do_with_each_other() {
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
