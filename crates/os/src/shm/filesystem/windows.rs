//! Windows: the free space of a volume, and the network protocol of a directory on another machine.

#![allow(unsafe_code, reason = "queries the properties of a volume")]

use super::FileSystem;
use crate::error::{OsError, Result};
use crate::shm::Directory;
use std::os::windows::ffi::OsStrExt;
use std::ptr;
use windows_sys::Win32::Storage::FileSystem::{
    FILE_REMOTE_PROTOCOL_INFO, FileRemoteProtocolInfo, GetDiskFreeSpaceExW, GetFileInformationByHandleEx,
};

pub(super) fn of(dir: &Directory) -> Result<FileSystem> {
    let mut path: Vec<u16> = dir.path().as_os_str().encode_wide().collect();
    path.push(0);
    let mut free = 0;
    // SAFETY: the path is NUL-terminated and outlives the call; `free` is valid for writes; the other two may be null.
    let got = unsafe { GetDiskFreeSpaceExW(path.as_ptr(), &raw mut free, ptr::null_mut(), ptr::null_mut()) };
    if got == 0 {
        return Err(OsError::last("GetDiskFreeSpaceEx").at(dir.path()));
    }
    let remote = is_remote(dir).then_some("a network drive");
    Ok(FileSystem { remote, free_bytes: Some(free), free_files: None })
}

/// Returns whether the directory is on another machine: the query fails for a local one.
fn is_remote(dir: &Directory) -> bool {
    let mut protocol = FILE_REMOTE_PROTOCOL_INFO::default();
    let (at, bytes) = (ptr::from_mut(&mut protocol).cast(), size_of_val(&protocol) as u32);
    // SAFETY: `dir` keeps the handle open; `protocol` is valid for writes of `bytes` bytes.
    unsafe { GetFileInformationByHandleEx(dir.raw(), FileRemoteProtocolInfo, at, bytes) != 0 }
}
