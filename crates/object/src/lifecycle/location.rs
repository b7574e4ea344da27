//! The location of an object: a directory and a name in it. And the users whose files are accepted there.

use super::name::Name;
use super::options::{HandleOptions, TrustedUsers};
use crate::error::{Error, Result};
use crate::superblock::Format;
use shmkit_os::OsError;
use shmkit_os::process::{effective_uid, is_unmapped_uid};
use shmkit_os::shm::{Access, Directory, FileSystem, ShmFile, Status, default_path, own_directory};
use std::cell::Cell;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The users whose files are accepted: this one, and those that the caller trusts. Root is no exception.
#[derive(Debug)]
pub(super) struct Trust<'a> {
    me: u32,
    others: &'a TrustedUsers,
    /// The last user that was looked up, and whether its id may stand for any user: a list opens many files of one user.
    last: Cell<Option<(u32, bool)>>,
}

impl<'a> Trust<'a> {
    pub fn of(options: &'a HandleOptions) -> Self {
        Trust { me: effective_uid(), others: &options.trusted, last: Cell::default() }
    }

    /// Returns whether files of this user are accepted. An id that may stand for any user is trusted by no list.
    pub fn accepts(&self, uid: u32) -> bool {
        match self.others {
            TrustedUsers::Any => true,
            TrustedUsers::Only(uids) => (uid == self.me || uids.contains(&uid)) && !self.is_unmapped(uid),
        }
    }

    fn is_unmapped(&self, uid: u32) -> bool {
        match self.last.get() {
            Some((last, is_unmapped)) if last == uid => is_unmapped,
            _ => {
                let is_unmapped = is_unmapped_uid(uid);
                self.last.set(Some((uid, is_unmapped)));
                is_unmapped
            }
        }
    }

    /// Checks the type and owner of a file.
    ///
    /// # Errors
    /// [`Error::Untrusted`].
    fn check(&self, status: &Status, path: &Path) -> Result<()> {
        let (path, uid, me) = (path.display(), status.uid, self.me);
        if !status.is_regular {
            return Err(Error::Untrusted(format!("{path} is not a regular file")));
        }
        if self.accepts(uid) {
            return Ok(());
        }
        Err(Error::Untrusted(if is_unmapped_uid(uid) {
            format!("{path} belongs to a user without an id in this user namespace")
        } else {
            format!("{path} belongs to user {uid}, this is user {me}; see trustUids")
        }))
    }
}

/// Opens a directory that can hold objects.
///
/// # Errors
/// [`Error::Unsupported`] if there is no such directory, or if other machines may share it; [`Error::Untrusted`] if
/// another user has created this user's default directory.
pub(super) fn open_dir(path: Option<&Path>) -> Result<Arc<Directory>> {
    let is_default = path.is_none();
    let path = match path {
        Some(path) => path.to_owned(),
        None => default_path()?,
    };
    let missing = |error: OsError| {
        if error.is_not_found() || error.is_wrong_kind() {
            let is_file = path.exists();
            let what = if is_file { "is not a directory" } else { "does not exist" };
            let remedy = if is_file { "" } else { "create it (mkdir -p), or " };
            let text = format!("the directory {} {what}; {remedy}pass another `dir`", path.display());
            return Error::Unsupported(text);
        }
        error.into()
    };
    if is_default && !own_directory(&path).map_err(missing)? {
        return Err(Error::Untrusted(format!(
            "{} is not a directory of this user; have it removed, or pass `dir`",
            path.display()
        )));
    }
    let dir = Directory::open(&path).map_err(missing)?;
    if let Some(kind) = FileSystem::of(&dir)?.remote {
        return Err(Error::Unsupported(format!(
            "{} is on {kind}, which other machines may share; pass a local `dir`, preferably on tmpfs",
            path.display()
        )));
    }
    Ok(Arc::new(dir))
}

/// A directory, and the name of an object of some kind in it.
#[derive(Debug, Clone)]
pub(super) struct Location {
    pub dir: Arc<Directory>,
    pub name: Name,
    pub format: &'static Format,
    pub file_name: String,
}

impl Location {
    /// Finds the location of `name`. The name is validated before any system call.
    ///
    /// # Errors
    /// [`Error::InvalidName`], and those of `open_dir`.
    pub fn find(format: &'static Format, name: &str, dir: Option<&Path>) -> Result<Location> {
        let name = Name::parse(name)?;
        Ok(Location::of(format, open_dir(dir)?, name))
    }

    pub fn of(format: &'static Format, dir: Arc<Directory>, name: Name) -> Location {
        Location { file_name: name.file_name(format.kind), dir, name, format }
    }

    pub fn path(&self) -> PathBuf {
        self.dir.path_of(&self.file_name)
    }

    pub fn path_text(&self) -> String {
        self.path().display().to_string()
    }

    /// Opens the file that has the name; returns `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Untrusted`], [`Error::Access`], [`Error::System`].
    pub fn open(&self, access: Access, trust: &Trust<'_>) -> Result<Option<ShmFile>> {
        let Some(status) = self.dir.status(&self.file_name)? else { return Ok(None) };
        // Checked before it is opened, because opening a device can have effects.
        trust.check(&status, &self.path())?;
        let file = match self.dir.open_file(&self.file_name, access) {
            Ok(file) => file,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        trust.check(&file.status()?, &self.path())?;
        Ok(Some(file))
    }

    /// Returns whether the name still leads to `file`.
    pub fn leads_to(&self, file: &ShmFile) -> Result<bool> {
        name_leads_to(&self.dir, &self.file_name, file)
    }

    /// Returns whether a file has the name.
    pub fn is_taken(&self) -> Result<bool> {
        Ok(self.dir.status(&self.file_name)?.is_some())
    }
}

/// Returns whether a path leads to `file`; a folder that cannot be opened leads nowhere.
pub(super) fn leads_to(path: &Path, file: &ShmFile) -> bool {
    let (Some(dir), Some(name)) = (path.parent(), path.file_name().and_then(OsStr::to_str)) else {
        return false;
    };
    open_dir(Some(dir)).and_then(|dir| name_leads_to(&dir, name, file)).unwrap_or(false)
}

/// Returns whether a name in a directory leads to `file`.
pub(super) fn name_leads_to(dir: &Directory, name: &str, file: &ShmFile) -> Result<bool> {
    Ok(dir.status(name)?.is_some_and(|status| status.identity == file.identity()))
}
