//! A file in the making, with a temporary name.
//!
//! The name may outlive its maker, so that one holds the file's NAME byte exclusively: a temporary file
//! whose byte is free is garbage.

use super::directory::Directory;
use super::file::{ShmFile, open_path, rights, verbatim};
use super::security;
use crate::beacon::{hold_name, release_name};
use crate::entropy;
use crate::error::{OsError, Result, code};
use crate::process::ForkExcluded;
use crate::shm::{Access, TEMPORARY_PREFIX};
use std::path::Path;
use windows_sys::Win32::Storage::FileSystem::{
    CREATE_NEW, FILE_ATTRIBUTE_NOT_CONTENT_INDEXED, FILE_ATTRIBUTE_TEMPORARY, MoveFileExW, WRITE_DAC,
};

/// Written to the disk only if memory runs short.
const IN_MEMORY: u32 = FILE_ATTRIBUTE_TEMPORARY | FILE_ATTRIBUTE_NOT_CONTENT_INDEXED;
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
    /// An empty file for this user alone in `dir`; its NAME byte is held.
    ///
    /// # Errors
    /// The system's own.
    pub fn create(fork: &ForkExcluded, dir: &'d Directory) -> Result<Self> {
        dir.sweep_gone();
        Self::named(fork, dir)
    }

    /// As `create`.
    ///
    /// # Errors
    /// The system's own.
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
            // Somebody who sweeps garbage may come in before the byte is held.
            if hold_name(fork, &file).is_ok() && dir.status(&temporary.name)?.is_some() {
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
    /// Exists if the name is taken; the system's own. The file can then be tried again.
    pub fn link(&mut self, _fork: &ForkExcluded, name: &str) -> Result<()> {
        let Some(temporary) = &self.temporary else {
            return Err(OsError::new("name a file twice", code::INVALID).at(self.dir.path_of(name)));
        };
        let (from, to) = (self.dir.path_of(&temporary.name), self.dir.path_of(name));
        match rename_to_free(&from, &to) {
            Ok(()) => self.forget_temporary(),
            Err(error) if error.is_exists() => return Err(error),
            // A file that is mapped may not be renamed everywhere. A second name is as good.
            Err(_) => {
                std::fs::hard_link(verbatim(&from), verbatim(&to))
                    .map_err(|error| OsError::from_io("link", &error).at(&to))?;
                self.temporary = None;
            }
        }
        release_name(&self.file);
        Ok(())
    }

    /// Puts the file in the place of whatever has `name`, and lets go of the NAME byte. `retire` runs
    /// when nothing but the renaming is left to be done. Where a mapped file cannot be replaced, it is
    /// renamed first, and for a moment nothing has the name.
    ///
    /// # Errors
    /// The system's own.
    pub fn link_over(&mut self, fork: &ForkExcluded, name: &str, retire: impl FnOnce()) -> Result<()> {
        let Some(temporary) = &self.temporary else {
            return Err(OsError::new("name a file twice", code::INVALID).at(self.dir.path_of(name)));
        };
        let (from, to) = (verbatim(&self.dir.path_of(&temporary.name)), verbatim(&self.dir.path_of(name)));
        retire();
        if std::fs::rename(&from, &to).is_ok() {
            self.forget_temporary();
            release_name(&self.file);
            return Ok(());
        }
        self.dir.unlink(name)?;
        self.link(fork, name)
    }

    /// The file was renamed away from its temporary name.
    fn forget_temporary(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            std::mem::forget(temporary);
        }
    }
}

/// Renames, but not over anything. `std::fs::rename` would replace it.
fn rename_to_free(from: &Path, to: &Path) -> Result<()> {
    let (wide_from, wide_to) = (super::file::wide(from), super::file::wide(to));
    // SAFETY: both paths are NUL-terminated and outlive the call.
    match unsafe { MoveFileExW(wide_from.as_ptr(), wide_to.as_ptr(), 0) } {
        0 => Err(OsError::last("MoveFileEx").at(to)),
        _ => Ok(()),
    }
}
