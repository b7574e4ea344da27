//! Creation of a file, with a temporary name.
//!
//! The temporary name may outlive its creator, so the creator holds the file's NAME byte exclusively: a temporary
//! file whose NAME byte is free is garbage.

#![allow(unsafe_code, reason = "renames files")]

use super::directory::Directory;
use super::file::{ShmFile, open_path, rights, verbatim};
use super::{replacing, security};
use crate::entropy;
use crate::error::{OsError, Result, code};
use crate::liveness::{lock_name, unlock_name};
use crate::process::ForkExcluded;
use crate::shm::{Access, TEMPORARY_PREFIX};
use std::path::Path;
use windows_sys::Win32::Storage::FileSystem::{
    CREATE_NEW, FILE_ATTRIBUTE_NOT_CONTENT_INDEXED, FILE_ATTRIBUTE_TEMPORARY, MoveFileExW, WRITE_DAC,
};

/// Attributes of a file that is written to disk only if memory runs short.
const IN_MEMORY: u32 = FILE_ATTRIBUTE_TEMPORARY | FILE_ATTRIBUTE_NOT_CONTENT_INDEXED;
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
        // A name that cannot be removed now is garbage, which a later sweep removes.
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
    /// Creates an empty file in `dir`, which only this user may open, and locks its NAME byte.
    ///
    /// # Errors
    /// Any system error.
    pub fn create(fork: &ForkExcluded, dir: &'d Directory) -> Result<Self> {
        dir.sweep_removed();
        Self::named(fork, dir)
    }

    /// Like `create`, without sweeping removed files first.
    ///
    /// # Errors
    /// Busy if sweeps keep removing the temporary name; other system errors.
    pub fn named(fork: &ForkExcluded, dir: &'d Directory) -> Result<Self> {
        for _ in 0..ATTEMPTS {
            let random = u128::from_ne_bytes(entropy::random::<16>()?);
            let name = format!("{TEMPORARY_PREFIX}{random:032x}");
            let path = dir.path_of(&name);
            let rights = rights(Access::ReadWrite) | WRITE_DAC;
            let file =
                security::with_private(|security| open_path(&path, rights, CREATE_NEW, IN_MEMORY, security))?;
            let temporary = TemporaryName { dir, name };
            let file = ShmFile::new(file, Access::ReadWrite, path)?;
            // A garbage sweep may have removed the name before the byte was locked.
            if lock_name(fork, &file).is_ok() && dir.status(&temporary.name)?.is_some() {
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
    /// Exists if the name is taken; other system errors. The caller may then try again.
    pub fn link(&mut self, _fork: &ForkExcluded, name: &str) -> Result<()> {
        let Some(temporary) = &self.temporary else {
            return Err(OsError::new("link a second name to", code::INVALID).at(self.dir.path_of(name)));
        };
        let (from, to) = (self.dir.path_of(&temporary.name), self.dir.path_of(name));
        match rename_to_free(&from, &to) {
            Ok(()) => self.forget_temporary(),
            Err(error) if error.is_already_exists() => return Err(error),
            // Some file systems cannot rename a mapped file. A second name serves as well.
            Err(_) => {
                std::fs::hard_link(verbatim(&from), verbatim(&to))
                    .map_err(|error| OsError::from_io("link", &error).at(&to))?;
                self.temporary = None;
            }
        }
        unlock_name(&self.file);
        Ok(())
    }

    /// Links the file to `name`, replacing the file that has it, and unlocks the NAME byte. Calls `retire`
    /// immediately before the rename that replaces. A mapped file that the system cannot replace, even when that is not
    /// its last name, is renamed first, and for a moment no file has the name, for which readers wait (`replacing`).
    ///
    /// # Errors
    /// Any system error.
    pub fn link_over(&mut self, fork: &ForkExcluded, name: &str, retire: impl FnOnce()) -> Result<()> {
        let Some(temporary) = &self.temporary else {
            return Err(OsError::new("link a second name to", code::INVALID).at(self.dir.path_of(name)));
        };
        let (from, to) = (verbatim(&self.dir.path_of(&temporary.name)), verbatim(&self.dir.path_of(name)));
        retire();
        if std::fs::rename(&from, &to).is_ok() || self.dir.rename_over_first_name(&from, &to) {
            self.forget_temporary();
            unlock_name(&self.file);
            return Ok(());
        }
        let _no_reader_misses_it = replacing::begin(self.dir, &temporary.name, name);
        self.dir.unlink(name)?;
        self.link(fork, name)
    }

    /// Drops the temporary name without removing it, after the file was renamed.
    fn forget_temporary(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            std::mem::forget(temporary);
        }
    }
}

/// Renames a file to a name that must be free; `std::fs::rename` would replace the file that has it.
pub(super) fn rename_to_free(from: &Path, to: &Path) -> Result<()> {
    let (wide_from, wide_to) = (super::file::wide(from), super::file::wide(to));
    // SAFETY: both paths are NUL-terminated and outlive the call; the flags are a number.
    match unsafe { MoveFileExW(wide_from.as_ptr(), wide_to.as_ptr(), 0) } {
        0 => Err(OsError::last("MoveFileEx").at(to)),
        _ => Ok(()),
    }
}
