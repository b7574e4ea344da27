//! An open shared-memory file.

#![allow(unsafe_code, reason = "opens files and reads their status")]

use super::security;
use crate::error::{OsError, Result, code};
use crate::shm::{Access, Identity, Status};
use std::fs::File;
use std::mem::MaybeUninit;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::fs::FileExt;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, RawHandle};
use std::path::{Path, PathBuf};
use std::ptr;
use windows_sys::Win32::Foundation::{GENERIC_READ, GENERIC_WRITE, INVALID_HANDLE_VALUE};
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, CreateFileW, FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_REPARSE_POINT,
    FILE_FLAG_OPEN_REPARSE_POINT, FILE_ID_INFO, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE,
    FileIdInfo, GetFileInformationByHandle, GetFileInformationByHandleEx, OPEN_ALWAYS, ReOpenFile,
};

/// Other handles may have any access that their permissions allow: exclusion is up to our own locks.
pub(super) const SHARE_ALL: u32 = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

/// Returns the rights that open a file with this access. Both include reading the owner and the access list.
pub(super) fn rights(access: Access) -> u32 {
    match access {
        Access::ReadOnly => GENERIC_READ,
        Access::ReadWrite => GENERIC_READ | GENERIC_WRITE,
    }
}

/// Converts a path for the system, in the form that it takes literally, without special dots or device names.
pub(super) fn wide(path: &Path) -> Vec<u16> {
    let mut wide: Vec<u16> = verbatim(path).as_os_str().encode_wide().collect();
    wide.push(0);
    wide
}

/// Returns the number of units before the NUL of a text.
///
/// # Safety
/// `text` must point to NUL-terminated text.
pub(super) unsafe fn wide_length(text: *const u16) -> usize {
    let mut end = text;
    // SAFETY: `end` points into the text or to its NUL.
    while unsafe { *end } != 0 {
        // SAFETY: `end` is before the NUL, so the next unit is part of the text.
        end = unsafe { end.add(1) };
    }
    // SAFETY: both pointers are into the same text, and `end` is not before its start.
    unsafe { end.offset_from_unsigned(text) }
}

/// Converts an absolute path to the form that the system takes literally (`\\?\`).
pub(super) fn verbatim(path: &Path) -> PathBuf {
    use std::path::{Component, Prefix};
    let start = match path.components().next() {
        Some(Component::Prefix(prefix)) => match prefix.kind() {
            Prefix::Disk(_) => r"\\?\".to_owned() + &prefix.as_os_str().to_string_lossy(),
            Prefix::UNC(server, share) => {
                format!(r"\\?\UNC\{}\{}", server.to_string_lossy(), share.to_string_lossy())
            }
            _ => return path.to_owned(),
        },
        _ => return path.to_owned(),
    };
    let mut whole = std::ffi::OsString::from(start);
    for component in path.components().skip(1) {
        if component != Component::RootDir {
            whole.push(r"\");
            whole.push(component.as_os_str());
        }
    }
    whole.into()
}

/// Opens a file. Opens a symbolic link or another reparse point itself, not its target.
pub(super) fn open_path(
    path: &Path,
    rights: u32,
    disposition: u32,
    flags: u32,
    security: *const SECURITY_ATTRIBUTES,
) -> Result<File> {
    let wide = wide(path);
    let flags = flags | FILE_FLAG_OPEN_REPARSE_POINT;
    // SAFETY: the path is NUL-terminated and outlives the call; every caller passes a `security` that is null or valid
    // for the call; the rest are numbers and a null template.
    let handle = unsafe {
        CreateFileW(wide.as_ptr(), rights, SHARE_ALL, security, disposition, flags, ptr::null_mut())
    };
    from_handle(handle, "CreateFile", path)
}

/// Opens a file for reading and writing, and creates it if it is missing, with the access list of its directory.
pub(crate) fn open_or_create(path: &Path) -> Result<File> {
    let file = open_path(path, GENERIC_READ | GENERIC_WRITE, OPEN_ALWAYS, 0, ptr::null())?;
    if status_of(&file)?.is_regular { Ok(file) } else { Err(OsError::new("open", code::WRONG_KIND).at(path)) }
}

fn from_handle(handle: RawHandle, call: &'static str, path: &Path) -> Result<File> {
    if handle == INVALID_HANDLE_VALUE {
        return Err(OsError::last(call).at(path));
    }
    // SAFETY: the call succeeded, so the handle is open, and nothing else owns it.
    Ok(unsafe { File::from_raw_handle(handle) })
}

/// Returns the status of an open file.
pub(super) fn status_of(file: &File) -> Result<Status> {
    let mut raw = MaybeUninit::<BY_HANDLE_FILE_INFORMATION>::zeroed();
    // SAFETY: `file` keeps the handle open; the pointer is valid for writes of the structure.
    if unsafe { GetFileInformationByHandle(file.as_raw_handle(), raw.as_mut_ptr()) } == 0 {
        return Err(OsError::last("GetFileInformationByHandle"));
    }
    // SAFETY: the structure consists of integers, so zeroed memory is a valid value, which the successful call has
    // filled.
    let raw = unsafe { raw.assume_init() };
    let irregular = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT;
    let (uid, mode) = security::owner_and_mode(file)?;
    let size = u64::from(raw.nFileSizeHigh) << 32 | u64::from(raw.nFileSizeLow);
    Ok(Status {
        identity: identity_of(file)?,
        is_regular: raw.dwFileAttributes & irregular == 0,
        uid,
        mode,
        links: raw.nNumberOfLinks.into(),
        size,
        allocated: size,
    })
}

/// Returns the identity of a file: its volume, and its 128-bit id folded to 64 bits; NTFS uses only the lower half.
pub(super) fn identity_of(file: &File) -> Result<Identity> {
    let mut raw = FILE_ID_INFO::default();
    let (at, bytes) = (ptr::from_mut(&mut raw).cast(), size_of::<FILE_ID_INFO>() as u32);
    // SAFETY: `file` keeps the handle open; `raw` is valid for writes of `bytes` bytes.
    if unsafe { GetFileInformationByHandleEx(file.as_raw_handle(), FileIdInfo, at, bytes) } == 0 {
        return Err(OsError::last("GetFileInformationByHandleEx FileIdInfo"));
    }
    let id = u128::from_le_bytes(raw.FileId.Identifier);
    Ok(Identity { device: raw.VolumeSerialNumber, inode: id as u64 ^ ((id >> 64) as u64).rotate_left(32) })
}

/// An open file. Locks belong to this handle, not to the file.
#[derive(Debug)]
pub struct ShmFile {
    file: File,
    access: Access,
    identity: Identity,
    path: PathBuf,
}

impl AsHandle for ShmFile {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.file.as_handle()
    }
}

impl ShmFile {
    pub(super) fn new(file: File, access: Access, path: PathBuf) -> Result<Self> {
        let identity = identity_of(&file).map_err(|error| error.at(&path))?;
        Ok(ShmFile { file, access, identity, path })
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    pub(crate) fn raw(&self) -> RawHandle {
        self.file.as_raw_handle()
    }

    /// Returns its path when it was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the directory that contained it when it was opened.
    pub fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    /// Records the new path of the file.
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

    /// Reads bytes at an offset, without mapping them; returns how many there are before the end of the file.
    ///
    /// # Errors
    /// Any system error.
    pub fn read_at(&self, offset: u64, target: &mut [u8]) -> Result<usize> {
        let mut done = 0;
        while done < target.len() {
            match self.file().seek_read(&mut target[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(bytes) => done += bytes,
                Err(error) => return Err(OsError::from_io("ReadFile", &error).at(&self.path)),
            }
        }
        Ok(done)
    }

    /// Returns its present status.
    ///
    /// # Errors
    /// Any system error.
    pub fn status(&self) -> Result<Status> {
        status_of(&self.file).map_err(|error| error.at(&self.path))
    }

    /// Sets the permission bits, as far as an access list can express them: the owner can read and write;
    /// all other users have no access, can read, or can read and write.
    ///
    /// # Errors
    /// Unsupported for other permissions; other system errors.
    pub fn set_mode(&self, mode: u32) -> Result<()> {
        security::set_mode(&self.file, mode).map_err(|error| error.at(&self.path))
    }

    /// Opens the same file again, whatever its name, as a new handle, which can hold its own locks.
    ///
    /// # Errors
    /// Any system error.
    pub fn reopen(&self, access: Access) -> Result<ShmFile> {
        // SAFETY: `self` keeps the handle open; the rest are numbers.
        let handle = unsafe { ReOpenFile(self.raw(), rights(access), SHARE_ALL, 0) };
        let again = from_handle(handle, "ReOpenFile", &self.path)?;
        let again = ShmFile::new(again, access, self.path.clone())?;
        if again.identity == self.identity {
            Ok(again)
        } else {
            Err(OsError::new("reopen", code::STALE).at(&self.path))
        }
    }
}
