//! An open file of a segment, and what the system knows about it.

use super::system;
#[cfg(target_os = "freebsd")]
use crate::beacon::Taken;
use crate::error::{OsError, Result, code, retry};
use crate::shm::{Access, Identity, Status};
use std::ffi::CString;
use std::fs::File;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
#[cfg(target_os = "freebsd")]
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The flag that opens a file so.
pub(crate) fn flag(access: Access) -> libc::c_int {
    match access {
        Access::ReadOnly => libc::O_RDONLY,
        Access::ReadWrite => libc::O_RDWR,
    }
}

impl Status {
    #[allow(clippy::unnecessary_cast, reason = "the fields' types differ between systems")]
    fn from_raw(raw: &libc::stat) -> Self {
        Status {
            identity: Identity { device: raw.st_dev as u64, inode: raw.st_ino as u64 },
            is_regular: raw.st_mode & libc::S_IFMT == libc::S_IFREG,
            uid: raw.st_uid,
            mode: raw.st_mode as u32 & 0o7777,
            links: raw.st_nlink as u64,
            size: raw.st_size as u64,
        }
    }
}

/// Makes a call that fills a `stat`.
pub(crate) fn status_of(
    call: &'static str,
    mut fill: impl FnMut(*mut libc::stat) -> libc::c_int,
) -> Result<Status> {
    let mut raw = MaybeUninit::<libc::stat>::zeroed();
    retry(call, || fill(raw.as_mut_ptr()))?;
    // SAFETY: zeroed memory is a valid `stat`, and a successful call has filled it.
    Ok(Status::from_raw(unsafe { raw.assume_init_ref() }))
}

/// A path or name for the system.
pub(crate) fn c_string(text: &Path) -> Result<CString> {
    CString::new(text.as_os_str().as_bytes()).map_err(|_| OsError::new("open", libc::EINVAL).at(text))
}

/// The new descriptor that a successful call returned.
pub(crate) fn owned(fd: RawFd) -> OwnedFd {
    // SAFETY: every caller passes the result of a successful open, which nobody else has.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// An open file. Locks and mappings belong to this opening of it, not to the file as such.
#[derive(Debug)]
pub struct ShmFile {
    file: Option<File>,
    access: Access,
    identity: Identity,
    path: PathBuf,
    /// The bytes that this opening holds.
    #[cfg(target_os = "freebsd")]
    taken: Mutex<Vec<Taken>>,
}

impl ShmFile {
    pub(crate) fn new(fd: OwnedFd, access: Access, path: PathBuf) -> Result<Self> {
        let file = File::from(fd);
        // SAFETY: the descriptor is open, the pointer is valid for a `stat`.
        let status = status_of("fstat", |raw| unsafe { libc::fstat(file.as_raw_fd(), raw) });
        let identity = status.map_err(|error| error.at(&path))?.identity;
        Ok(ShmFile {
            file: Some(file),
            access,
            identity,
            path,
            #[cfg(target_os = "freebsd")]
            taken: Mutex::default(),
        })
    }

    #[cfg(target_os = "freebsd")]
    pub(crate) fn taken(&self) -> MutexGuard<'_, Vec<Taken>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self) -> &File {
        self.file.as_ref().expect("only `drop` takes the file")
    }

    pub(crate) fn raw(&self) -> RawFd {
        self.file().as_raw_fd()
    }

    /// The number of its descriptor.
    pub fn number(&self) -> RawFd {
        self.raw()
    }

    /// Where it was when it was opened; for an unnamed file, its folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Says where the file, which had no name yet, is found from now on.
    pub(crate) fn found_at(&mut self, path: PathBuf) {
        self.path = path;
    }

    /// How it was opened.
    pub fn access(&self) -> Access {
        self.access
    }

    /// Which file it is.
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// What the system knows about it now.
    ///
    /// # Errors
    /// The system's own.
    pub fn status(&self) -> Result<Status> {
        // SAFETY: the descriptor is open, the pointer is valid for a `stat`.
        let status = status_of("fstat", |raw| unsafe { libc::fstat(self.raw(), raw) });
        status.map_err(|error| error.at(&self.path))
    }

    /// False if somebody closed our descriptor behind our back; its number may be another file's now.
    pub fn is_intact(&self) -> bool {
        self.status().is_ok_and(|status| status.identity == self.identity)
    }

    /// Sets the permission bits, whatever the umask.
    ///
    /// # Errors
    /// The system's own.
    pub fn set_mode(&self, mode: u32) -> Result<()> {
        // SAFETY: fchmod takes a descriptor, which is open, and a number.
        retry("fchmod", || unsafe { libc::fchmod(self.raw(), mode as libc::mode_t) })
            .map_err(|error| error.at(&self.path))
            .map(drop)
    }

    /// Opens the same file again, so that the new opening can hold locks of its own: on Linux through
    /// /proc, elsewhere or without /proc by its name.
    ///
    /// # Errors
    /// The system's own; stale if the name leads to another file by now.
    pub fn reopen(&self, access: Access) -> Result<ShmFile> {
        let again = ShmFile::new(system::open_again(self, access)?, access, self.path.clone())?;
        if again.identity == self.identity {
            Ok(again)
        } else {
            Err(OsError::new("reopen", code::STALE).at(&self.path))
        }
    }

    /// Opens what has the name of the file by now.
    pub(super) fn open_by_name(&self, access: Access) -> Result<OwnedFd> {
        open_path(&self.path, flag(access) | libc::O_NOFOLLOW | libc::O_NONBLOCK, &self.path)
    }
}

impl Drop for ShmFile {
    fn drop(&mut self) {
        if !self.is_intact() {
            // The number is not ours any more: closing it would close somebody else's file.
            let _ = self.file.take().map(IntoRawFd::into_raw_fd);
        }
    }
}

pub(crate) fn open_path(path: &Path, flags: libc::c_int, name_in_errors: &Path) -> Result<OwnedFd> {
    let raw = c_string(path)?;
    // SAFETY: `raw` is NUL-terminated and outlives the call; without O_CREAT there is no mode.
    let fd = retry("open", || unsafe { libc::open(raw.as_ptr(), flags | libc::O_CLOEXEC) });
    fd.map(owned).map_err(|error| error.at(name_in_errors))
}
