//! The owner and the permissions of a file, as an access list.
//!
//! | mode | access list |
//! |---|---|
//! | `0600` | the owner and the system: full access |
//! | `0644` | in addition, everyone: read |
//! | `0666` | in addition, everyone: read and write |

#![allow(unsafe_code, reason = "reads and creates access lists")]

use super::file::wide_length;
use crate::error::{OsError, Result, code};
use crate::process::{own_sid, uid_of};
use std::fs::File;
use std::os::windows::io::AsRawHandle;
use std::ptr;
use windows_sys::Win32::Foundation::{FALSE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW, GetSecurityInfo,
    SDDL_REVISION_1, SE_FILE_OBJECT, SetSecurityInfo,
};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACE_HEADER, ACL, DACL_SECURITY_INFORMATION, GetAce, GetSecurityDescriptorDacl,
    IsWellKnownSid, OWNER_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR,
    PSID, SECURITY_ATTRIBUTES, WinAuthenticatedUserSid, WinBuiltinUsersSid, WinWorldSid,
};
use windows_sys::Win32::Storage::FileSystem::{FILE_READ_DATA, FILE_WRITE_DATA};
use windows_sys::Win32::System::SystemServices::ACCESS_ALLOWED_ACE_TYPE;

const OWNER_MODE: u32 = 0o600;
const READ: u32 = 4;
const WRITE: u32 = 2;

/// Memory that the system allocated by `LocalAlloc`, freed when this is dropped.
struct LocalMemory(PSECURITY_DESCRIPTOR);

impl Drop for LocalMemory {
    fn drop(&mut self) {
        // SAFETY: the system allocated it by `LocalAlloc`, or it is null, which is allowed; nothing refers to it after
        // this.
        unsafe { LocalFree(self.0) };
    }
}

/// Returns a security descriptor for `mode`; `None` if no access list expresses it.
fn descriptor(mode: u32) -> Result<Option<LocalMemory>> {
    let everyone = match mode {
        0o600 => "",
        0o644 => "(A;;FR;;;WD)",
        0o666 => "(A;;FRFW;;;WD)",
        _ => return Ok(None),
    };
    let owner = own_sid_text()?;
    let text = format!("O:{owner}D:P(A;;FA;;;{owner})(A;;FA;;;SY){everyone}\0");
    let wide: Vec<u16> = text.encode_utf16().collect();
    let mut descriptor = LocalMemory(ptr::null_mut());
    let target = &raw mut descriptor.0;
    // SAFETY: the text is NUL-terminated and outlives the call; `target` is valid for writes; the size may be null.
    let done = unsafe {
        let revision = SDDL_REVISION_1;
        ConvertStringSecurityDescriptorToSecurityDescriptorW(wide.as_ptr(), revision, target, ptr::null_mut())
    };
    if done == 0 { Err(OsError::last("create an access list")) } else { Ok(Some(descriptor)) }
}

/// Returns the SID of the user of this process, as text.
fn own_sid_text() -> Result<String> {
    let sid = own_sid();
    if sid.is_null() {
        return Err(OsError::new("find the user of this process", code::IO));
    }
    let mut text = LocalMemory(ptr::null_mut());
    // SAFETY: `own_sid` returned a valid SID, not null; the pointer to the text is valid for writes.
    if unsafe { ConvertSidToStringSidW(sid, (&raw mut text.0).cast()) } == 0 {
        return Err(OsError::last("ConvertSidToStringSid"));
    }
    let start = text.0.cast::<u16>();
    // SAFETY: a successful call returns NUL-terminated text, which `text` keeps.
    let len = unsafe { wide_length(start) };
    // SAFETY: the text has `len` units before its NUL, is aligned, and `text` keeps it.
    Ok(String::from_utf16_lossy(unsafe { std::slice::from_raw_parts(start, len) }))
}

/// Calls `make` with the security attributes of a file that only this user may open.
pub(super) fn with_private<R>(make: impl FnOnce(*const SECURITY_ATTRIBUTES) -> Result<R>) -> Result<R> {
    let Some(descriptor) = descriptor(OWNER_MODE)? else {
        return Err(OsError::new("create an access list", code::INVALID));
    };
    let attributes = SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor.0,
        bInheritHandle: FALSE,
    };
    make(&raw const attributes)
}

/// Replaces the access list of a file that was opened with `WRITE_DAC`.
///
/// # Errors
/// Unsupported for a mode other than the three above; other system errors.
pub(super) fn set_mode(file: &File, mode: u32) -> Result<()> {
    let Some(descriptor) = descriptor(mode)? else {
        let call = "use a mode other than 0600, 0644 and 0666 on";
        return Err(OsError::new(call, code::UNSUPPORTED));
    };
    let (mut present, mut defaulted) = (0, 0);
    let mut list: *mut ACL = ptr::null_mut();
    // SAFETY: `descriptor` keeps a valid security descriptor; the three pointers are valid for writes.
    let got = unsafe {
        GetSecurityDescriptorDacl(descriptor.0, &raw mut present, &raw mut list, &raw mut defaulted)
    };
    if got == 0 {
        return Err(OsError::last("GetSecurityDescriptorDacl"));
    }
    let what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    let unchanged = ptr::null_mut();
    // SAFETY: `file` keeps the handle open; the list is part of the descriptor, which outlives the call; the other
    // parts are not set and may be null.
    let result = unsafe {
        SetSecurityInfo(file.as_raw_handle(), SE_FILE_OBJECT, what, unchanged, unchanged, list, ptr::null())
    };
    if result == 0 { Ok(()) } else { Err(OsError::new("SetSecurityInfo", result as i32)) }
}

/// Returns the number of a file's owner, and the permission bits that its access list corresponds to.
pub(super) fn owner_and_mode(file: &File) -> Result<(u32, u32)> {
    let what = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    let mut owner: PSID = ptr::null_mut();
    let mut list: *mut ACL = ptr::null_mut();
    let mut descriptor = LocalMemory(ptr::null_mut());
    let none = ptr::null_mut();
    // SAFETY: `file` keeps the handle open; the pointers are valid for writes; those of parts that are not queried may
    // be null.
    let result = unsafe {
        let (handle, whole) = (file.as_raw_handle(), &raw mut descriptor.0);
        GetSecurityInfo(
            handle,
            SE_FILE_OBJECT,
            what,
            &raw mut owner,
            none,
            &raw mut list,
            ptr::null_mut(),
            whole,
        )
    };
    if result != 0 || owner.is_null() {
        return Err(OsError::new("GetSecurityInfo", result as i32));
    }
    // SAFETY: the owner is a valid SID, part of the descriptor, which `descriptor` keeps.
    let uid = unsafe { uid_of(owner) };
    // SAFETY: the list is null or valid, part of the descriptor, which `descriptor` keeps.
    let others = unsafe { rights_of_others(list) };
    Ok((uid, OWNER_MODE | others << 3 | others))
}

/// Returns the permission bits that a list grants to everyone; without a list, all of them.
///
/// # Safety
/// `list` must be null or a valid list.
unsafe fn rights_of_others(list: *const ACL) -> u32 {
    if list.is_null() {
        return READ | WRITE;
    }
    let mut rights = 0;
    // SAFETY: the caller promises a valid list, and it is not null.
    let count = unsafe { (*list).AceCount };
    for index in 0..u32::from(count) {
        let mut entry = ptr::null_mut();
        // SAFETY: the list is valid and has more than `index` entries; the pointer to `entry` is valid for writes.
        if unsafe { GetAce(list, index, &raw mut entry) } == 0 {
            continue;
        }
        // SAFETY: the successful call returned a pointer to an entry of the list, and every entry starts with a header.
        let kind = unsafe { (*entry.cast::<ACE_HEADER>()).AceType };
        if u32::from(kind) != ACCESS_ALLOWED_ACE_TYPE {
            continue;
        }
        let entry = entry.cast::<ACCESS_ALLOWED_ACE>();
        // SAFETY: an entry of this type is an `ACCESS_ALLOWED_ACE`, whose SID starts in its last field; this only
        // computes the address of that.
        let sid = unsafe { (&raw const (*entry).SidStart).cast_mut().cast() };
        // SAFETY: an entry of this type is an `ACCESS_ALLOWED_ACE`.
        let mask = unsafe { (*entry).Mask };
        let is_everyone = |kind| {
            // SAFETY: the SID is part of a valid entry.
            unsafe { IsWellKnownSid(sid, kind) != 0 }
        };
        if [WinWorldSid, WinAuthenticatedUserSid, WinBuiltinUsersSid].into_iter().any(is_everyone) {
            rights |= if mask & FILE_READ_DATA != 0 { READ } else { 0 };
            rights |= if mask & FILE_WRITE_DATA != 0 { WRITE } else { 0 };
        }
    }
    rights
}
