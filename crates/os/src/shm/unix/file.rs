//! An open shared-memory file.

#![allow(unsafe_code, reason = "opens files and reads their status")]

use super::system;
use crate::error::{OsError, Result, code, retry};
#[cfg(target_os = "freebsd")]
use crate::liveness::HeldByte;
use crate::shm::{Access, Identity, Status};
use std::ffi::CString;
use std::fs::File;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
#[cfg(target_os = "freebsd")]
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Returns the flag that opens a file with this access.
pub(crate) fn open_flag(access: Access) -> libc::c_int {
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
            allocated: raw.st_blocks as u64 * 512,
        }
    }
}

/// Makes a call that fills a `stat`, and converts that.
pub(crate) fn status_of(
    call: &'static str,
    mut fill: impl FnMut(*mut libc::stat) -> libc::c_int,
) -> Result<Status> {
    let mut raw = MaybeUninit::<libc::stat>::zeroed();
    retry(call, || fill(raw.as_mut_ptr()))?;
    // SAFETY: `stat` consists of integers, so zeroed memory is a valid value, which the successful call has filled.
    Ok(Status::from_raw(unsafe { raw.assume_init_ref() }))
}

/// Converts a path or name for the system.
pub(crate) fn c_string(text: &Path) -> Result<CString> {
    CString::new(text.as_os_str().as_bytes()).map_err(|_| OsError::new("open", libc::EINVAL).at(text))
}

/// Takes ownership of the new descriptor that a successful call returned.
pub(crate) fn owned(fd: RawFd) -> OwnedFd {
    // SAFETY: every caller passes the result of a successful open, so the descriptor is open, and nothing else owns it.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// An open file. Locks belong to this open file description, not to the file.
#[derive(Debug)]
pub struct ShmFile {
    file: Option<File>,
    access: Access,
    identity: Identity,
    path: PathBuf,
    /// The bytes that this open file has locked.
    #[cfg(target_os = "freebsd")]
    held_bytes: Mutex<Vec<HeldByte>>,
}

impl ShmFile {
    pub(crate) fn new(fd: OwnedFd, access: Access, path: PathBuf) -> Result<Self> {
        let file = File::from(fd);
        // SAFETY: `file` keeps the descriptor open; `status_of` passes a pointer that is valid for a `stat`.
        let status = status_of("fstat", |raw| unsafe { libc::fstat(file.as_raw_fd(), raw) });
        let identity = status.map_err(|error| error.at(&path))?.identity;
        Ok(ShmFile {
            file: Some(file),
            access,
            identity,
            path,
            #[cfg(target_os = "freebsd")]
            held_bytes: Mutex::default(),
        })
    }

    #[cfg(target_os = "freebsd")]
    pub(crate) fn held_bytes(&self) -> MutexGuard<'_, Vec<HeldByte>> {
        self.held_bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self) -> &File {
        self.file.as_ref().expect("only `drop` takes the file")
    }

    pub(crate) fn raw(&self) -> RawFd {
        self.file().as_raw_fd()
    }

    /// Returns its path when it was opened; for an unnamed file, its directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Records the path of the file, which had no name when it was opened.
    pub(crate) fn set_path(&mut self, path: PathBuf) {
        self.path = path;
    }

    /// Returns the access that it was opened with.
    pub fn access(&self) -> Access {
        self.access
    }

    /// Returns the identity of the file.
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Returns its present status.
    ///
    /// # Errors
    /// Any system error.
    pub fn status(&self) -> Result<Status> {
        // SAFETY: fstat takes any number; `status_of` passes a pointer that is valid for a `stat`.
        let status = status_of("fstat", |raw| unsafe { libc::fstat(self.raw(), raw) });
        status.map_err(|error| error.at(&self.path))
    }

    /// Reads bytes at an offset, without mapping them; returns how many there are before the end of the file. What other
    /// processes do to the file meanwhile cannot end this process.
    ///
    /// # Errors
    /// Any system error.
    pub fn read_at(&self, offset: u64, target: &mut [u8]) -> Result<usize> {
        let mut done = 0;
        while done < target.len() {
            match self.file().read_at(&mut target[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(bytes) => done += bytes,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(OsError::from_io("read", &error).at(&self.path)),
            }
        }
        Ok(done)
    }

    /// Returns false if foreign code closed our descriptor; its number may be another file's by now.
    fn is_intact(&self) -> bool {
        self.status().is_ok_and(|status| status.identity == self.identity)
    }

    /// Sets the permission bits, regardless of the umask.
    ///
    /// # Errors
    /// Any system error.
    pub fn set_mode(&self, mode: u32) -> Result<()> {
        // SAFETY: fchmod takes a descriptor and a mode, both numbers.
        retry("fchmod", || unsafe { libc::fchmod(self.raw(), mode as libc::mode_t) })
            .map_err(|error| error.at(&self.path))
            .map(drop)
    }

    /// Opens the same file again, as a new open file description, which can hold its own locks: on Linux through
    /// /proc, on other systems or without /proc by its name.
    ///
    /// # Errors
    /// Stale if the name now leads to another file; other system errors.
    pub fn reopen(&self, access: Access) -> Result<ShmFile> {
        let again = ShmFile::new(system::open_again(self, access)?, access, self.path.clone())?;
        if again.identity == self.identity {
            Ok(again)
        } else {
            Err(OsError::new("reopen", code::STALE).at(&self.path))
        }
    }

    /// Opens the file that now has the path of this one.
    pub(super) fn open_by_name(&self, access: Access) -> Result<OwnedFd> {
        open_path(&self.path, open_flag(access) | libc::O_NOFOLLOW | libc::O_NONBLOCK, &self.path)
    }
}

impl Drop for ShmFile {
    fn drop(&mut self) {
        if !self.is_intact() {
            // The number is not ours any more: closing it would close the file of foreign code.
            let _ = self.file.take().map(IntoRawFd::into_raw_fd);
        }
    }
}

/// Opens a path, close-on-exec. `flags` must not include O_CREAT.
pub(crate) fn open_path(path: &Path, flags: libc::c_int, name_in_errors: &Path) -> Result<OwnedFd> {
    let raw = c_string(path)?;
    // SAFETY: `raw` is NUL-terminated and outlives the call; without O_CREAT there is no mode.
    let fd = retry("open", || unsafe { libc::open(raw.as_ptr(), flags | libc::O_CLOEXEC) });
    fd.map(owned).map_err(|error| error.at(name_in_errors))
}
