//! The directory of shared-memory files.

#![allow(unsafe_code, reason = "queries the path of a directory")]

use super::file::{ShmFile, open_path, rights, status_of, verbatim, wide_length};
use super::replacing;
use crate::entropy;
use crate::error::{OsError, Result, code};
use crate::shm::{Access, Status, TEMPORARY_PREFIX, name_encoding};
use std::fs::File;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::io::{AsRawHandle, RawHandle};
use std::path::{Path, PathBuf};
use std::ptr;
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_DELETE_ON_CLOSE, FILE_READ_ATTRIBUTES, OPEN_EXISTING,
    READ_CONTROL,
};
use windows_sys::Win32::System::Com::CoTaskMemFree;
use windows_sys::Win32::UI::Shell::{FOLDERID_LocalAppData, SHGetKnownFolderPath};

/// The prefix of the names of removed files that may still be mapped.
const REMOVED_PREFIX: &str = ".shmkit.gone.";

/// Returns the directory of shared-memory files that is used by default: one in this user's local application data,
/// created if missing.
///
/// # Errors
/// Any system error.
pub fn default_directory() -> Result<PathBuf> {
    let path = default_path()?;
    own_directory(&path)?;
    Ok(path)
}

/// Returns the path of the default directory.
///
/// # Errors
/// Any system error.
pub fn default_path() -> Result<PathBuf> {
    Ok(local_application_data()?.join("shmkit"))
}

/// Creates a directory if it is missing. Its access list is that of its parent: in this user's local application data,
/// the user, the system and administrators. Returns true.
///
/// # Errors
/// Any system error.
pub fn own_directory(path: &Path) -> Result<bool> {
    match std::fs::create_dir(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(OsError::from_io("create", &error).at(path))
        }
        _ => Ok(true),
    }
}

/// Queries the system, not the environment, which a service may lack.
fn local_application_data() -> Result<PathBuf> {
    let mut text = ptr::null_mut();
    let id = FOLDERID_LocalAppData;
    // SAFETY: the identifier is valid for reads; a null token means this user; `text` is valid for writes.
    let got = unsafe { SHGetKnownFolderPath(&raw const id, 0, ptr::null_mut(), &raw mut text) };
    let path = (got == 0 && !text.is_null()).then(|| {
        // SAFETY: a successful call returns NUL-terminated text.
        let len = unsafe { wide_length(text) };
        // SAFETY: the text has `len` units before its NUL, is aligned, and is not freed before `from_wide` copies it.
        let text = unsafe { std::slice::from_raw_parts(text, len) };
        PathBuf::from(std::ffi::OsString::from_wide(text))
    });
    // SAFETY: SHGetKnownFolderPath allocated the text for this call to free, or it is null; it is not used after this.
    unsafe { CoTaskMemFree(text.cast()) };
    path.ok_or_else(|| OsError::new("find this user's local application data", code::IO))
}

/// Deletes a file, or has it deleted when its last user closes it or dies. A later sweep deletes what stays all the same.
fn delete(path: &Path) {
    // A file that no process has mapped goes at once. Of one that is mapped some systems say so and keep it.
    let _ = std::fs::remove_file(path);
    let close = FILE_FLAG_DELETE_ON_CLOSE;
    // Fails for a file that is gone.
    drop(open_path(path, DELETE, OPEN_EXISTING, close, ptr::null()));
}

/// An open directory. Names are single components; callers validate them.
#[derive(Debug)]
pub struct Directory {
    handle: File,
    path: PathBuf,
}

impl Directory {
    /// Opens a directory.
    ///
    /// # Errors
    /// Any system error, as for every method here.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |error: std::io::Error| OsError::from_io("open", &error).at(path);
        let path = std::path::absolute(path).map_err(failed)?;
        // Links to directories are followed, as on the other systems.
        let target = std::fs::canonicalize(&path).map_err(failed)?;
        if !target.is_dir() {
            return Err(OsError::new("open", code::WRONG_KIND).at(path));
        }
        let flags = FILE_FLAG_BACKUP_SEMANTICS;
        let handle = open_path(&target, FILE_READ_ATTRIBUTES, OPEN_EXISTING, flags, ptr::null())?;
        Ok(Directory { handle, path })
    }

    /// Returns its absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the absolute path of a name in it.
    pub fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(&*name_encoding::encode(name))
    }

    pub(crate) fn raw(&self) -> RawHandle {
        self.handle.as_raw_handle()
    }

    /// Opens the file of that name. Never follows a symbolic link, never creates a file, and waits only for a replacement in
    /// progress.
    pub fn open_file(&self, name: &str, access: Access) -> Result<ShmFile> {
        match self.try_open_file(name, access) {
            Err(error) if error.is_not_found() && replacing::wait(self) => self.try_open_file(name, access),
            outcome => outcome,
        }
    }

    fn try_open_file(&self, name: &str, access: Access) -> Result<ShmFile> {
        let path = self.path_of(name);
        let file = open_path(&path, rights(access), OPEN_EXISTING, 0, ptr::null());
        match file {
            // This call cannot open a directory, and no call can open a deleted file that is still open elsewhere.
            Err(error) if error.is_access_denied() && self.is_irregular(name) => {
                Err(OsError::new("open", code::WRONG_KIND).at(path))
            }
            Err(error) => Err(error),
            Ok(file) if !status_of(&file)?.is_regular => Err(OsError::new("open", code::WRONG_KIND).at(path)),
            Ok(file) => ShmFile::new(file, access, path),
        }
    }

    fn is_irregular(&self, name: &str) -> bool {
        self.status(name).is_ok_and(|status| status.is_some_and(|status| !status.is_regular))
    }

    /// Returns the status of the file of that name, without following links; `None` if there is none.
    pub fn status(&self, name: &str) -> Result<Option<Status>> {
        match self.try_status(name) {
            Ok(None) if replacing::wait(self) => self.try_status(name),
            outcome => outcome,
        }
    }

    fn try_status(&self, name: &str) -> Result<Option<Status>> {
        let path = self.path_of(name);
        let rights = FILE_READ_ATTRIBUTES | READ_CONTROL;
        match open_path(&path, rights, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, ptr::null()) {
            Ok(file) => status_of(&file).map(Some).map_err(|error| error.at(path)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes a name; returns false if there is none. A file that is still mapped may stay until it is unmapped.
    pub fn unlink(&self, name: &str) -> Result<bool> {
        let path = verbatim(&self.path_of(name));
        let removed = verbatim(&self.random_path(REMOVED_PREFIX)?);
        let failed = |error: &std::io::Error| OsError::from_io("delete", error).at(&path);
        let renamed = std::fs::rename(&path, &removed);
        match renamed {
            Ok(()) => {
                delete(&removed);
                Ok(true)
            }
            Err(error) if failed(&error).is_not_found() => Ok(false),
            Err(_) => std::fs::remove_file(&path).map(|()| true).map_err(|error| failed(&error)),
        }
    }

    /// Gives the file at `to` a second name, which some file systems require to replace a file that is mapped, and renames
    /// the file at `from` over its first one. Returns whether that was possible. The caller holds the NAME byte of the file at
    /// `to`: until then other processes do not refuse it for its second name, nor sweep that.
    pub(super) fn rename_over_first_name(&self, from: &Path, to: &Path) -> bool {
        let Ok(second) = self.random_path(TEMPORARY_PREFIX).map(|path| verbatim(&path)) else { return false };
        if std::fs::hard_link(to, &second).is_err() {
            return false;
        }
        let is_replaced = std::fs::rename(from, to).is_ok();
        delete(&second);
        is_replaced
    }

    fn random_path(&self, prefix: &str) -> Result<PathBuf> {
        let random = u128::from_ne_bytes(entropy::random::<16>()?);
        Ok(self.path.join(format!("{prefix}{random:032x}")))
    }

    /// Deletes removed files that no process has mapped any more.
    pub(super) fn sweep_removed(&self) {
        let names = self.names().unwrap_or_default();
        for name in names.iter().filter(|name| name.starts_with(REMOVED_PREFIX)) {
            let _ = std::fs::remove_file(verbatim(&self.path_of(name)));
        }
    }

    /// Returns the names in the directory that are valid text, sorted.
    pub fn names(&self) -> Result<Vec<String>> {
        let failed = |error: std::io::Error| OsError::from_io("list", &error).at(&self.path);
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.path).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name().into_string().ok();
            names.extend(name.as_deref().and_then(name_encoding::decode));
        }
        names.sort_unstable();
        Ok(names)
    }
}
