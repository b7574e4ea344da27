//! Who may open a file: its owner, and an access list in place of permission bits.
//!
//! | mode | in the list |
//! |---|---|
//! | `0600` | the owner and the system: everything |
//! | `0644` | and everyone: read |
//! | `0666` | and everyone: read and write |

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

const OWNERS_MODE: u32 = 0o600;
const READ: u32 = 4;
const WRITE: u32 = 2;

/// Memory of the system's, given back when it is dropped.
struct Local(PSECURITY_DESCRIPTOR);

impl Drop for Local {
    fn drop(&mut self) {
        // SAFETY: the system allocated it so, or it is null, and nothing refers to it any more.
        unsafe { LocalFree(self.0) };
    }
}

/// A descriptor for `mode`; `None` if no access list says that.
fn descriptor(mode: u32) -> Result<Option<Local>> {
    let everyone = match mode {
        0o600 => "",
        0o644 => "(A;;FR;;;WD)",
        0o666 => "(A;;FRFW;;;WD)",
        _ => return Ok(None),
    };
    let owner = own_sid_text()?;
    let text = format!("O:{owner}D:P(A;;FA;;;{owner})(A;;FA;;;SY){everyone}\0");
    let wide: Vec<u16> = text.encode_utf16().collect();
    let mut made = Local(ptr::null_mut());
    let place = &raw mut made.0;
    // SAFETY: the text is NUL-terminated, `place` is valid for writes, the size may be left out.
    let done = unsafe {
        let revision = SDDL_REVISION_1;
        ConvertStringSecurityDescriptorToSecurityDescriptorW(wide.as_ptr(), revision, place, ptr::null_mut())
    };
    if done == 0 { Err(OsError::last("make an access list")) } else { Ok(Some(made)) }
}

fn own_sid_text() -> Result<String> {
    let sid = own_sid();
    if sid.is_null() {
        return Err(OsError::new("find out who this user is", code::IO));
    }
    let mut text = Local(ptr::null_mut());
    // SAFETY: the SID is valid, the place for the text is valid for writes.
    if unsafe { ConvertSidToStringSidW(sid, (&raw mut text.0).cast()) } == 0 {
        return Err(OsError::last("ConvertSidToStringSid"));
    }
    let start = text.0.cast::<u16>();
    // SAFETY: a successful call gives text that ends with a NUL.
    let len = unsafe { wide_length(start) };
    // SAFETY: as above.
    Ok(String::from_utf16_lossy(unsafe { std::slice::from_raw_parts(start, len) }))
}

/// Calls `make` with what makes a new file this user's alone.
pub(super) fn with_private<R>(make: impl FnOnce(*const SECURITY_ATTRIBUTES) -> Result<R>) -> Result<R> {
    let Some(descriptor) = descriptor(OWNERS_MODE)? else {
        return Err(OsError::new("make an access list", code::INVALID));
    };
    let attributes = SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor.0,
        bInheritHandle: FALSE,
    };
    make(&raw const attributes)
}

/// Replaces the access list of a file that was opened with the right to do that.
///
/// # Errors
/// Unsupported for a mode that is none of the three; the system's own.
pub(super) fn set_mode(file: &File, mode: u32) -> Result<()> {
    let Some(descriptor) = descriptor(mode)? else {
        let call = "use a mode other than 0600, 0644 and 0666 on";
        return Err(OsError::new(call, code::UNSUPPORTED));
    };
    let (mut present, mut defaulted) = (0, 0);
    let mut list: *mut ACL = ptr::null_mut();
    // SAFETY: the descriptor is valid, the three places are valid for writes.
    let got = unsafe {
        GetSecurityDescriptorDacl(descriptor.0, &raw mut present, &raw mut list, &raw mut defaulted)
    };
    if got == 0 {
        return Err(OsError::last("GetSecurityDescriptorDacl"));
    }
    let what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    let nobody = ptr::null_mut();
    // SAFETY: the handle is open, the list is a part of the descriptor, which outlives the call.
    let result = unsafe {
        SetSecurityInfo(file.as_raw_handle(), SE_FILE_OBJECT, what, nobody, nobody, list, ptr::null())
    };
    if result == 0 { Ok(()) } else { Err(OsError::new("SetSecurityInfo", result as i32)) }
}

/// The number of a file's owner, and what its access list amounts to.
pub(super) fn owner_and_mode(file: &File) -> Result<(u32, u32)> {
    let what = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    let mut owner: PSID = ptr::null_mut();
    let mut list: *mut ACL = ptr::null_mut();
    let mut descriptor = Local(ptr::null_mut());
    let none = ptr::null_mut();
    // SAFETY: the handle is open, the places are valid for writes, the others may be left out.
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
    // SAFETY: the owner is a part of the descriptor, which lives.
    let uid = unsafe { uid_of(owner) };
    // SAFETY: so is the list, if there is one.
    let others = unsafe { rights_of_others(list) };
    Ok((uid, OWNERS_MODE | others << 3 | others))
}

/// What a list allows everyone. Without a list, everything is allowed.
///
/// # Safety
/// `list` is null or a valid list.
unsafe fn rights_of_others(list: *const ACL) -> u32 {
    if list.is_null() {
        return READ | WRITE;
    }
    let mut rights = 0;
    // SAFETY: the list is valid.
    let count = unsafe { (*list).AceCount };
    for index in 0..u32::from(count) {
        let mut entry = ptr::null_mut();
        // SAFETY: the list is valid and has more than `index` entries; `entry` is valid for writes.
        if unsafe { GetAce(list, index, &raw mut entry) } == 0 {
            continue;
        }
        // SAFETY: every entry starts with a header.
        let kind = unsafe { (*entry.cast::<ACE_HEADER>()).AceType };
        if u32::from(kind) != ACCESS_ALLOWED_ACE_TYPE {
            continue;
        }
        let entry = entry.cast::<ACCESS_ALLOWED_ACE>();
        // SAFETY: the type says what the entry is, and that a SID starts in its last field.
        let sid = unsafe { (&raw const (*entry).SidStart).cast_mut().cast() };
        // SAFETY: as above.
        let mask = unsafe { (*entry).Mask };
        let is_anybody = |kind| {
            // SAFETY: the SID is valid.
            unsafe { IsWellKnownSid(sid, kind) != 0 }
        };
        if [WinWorldSid, WinAuthenticatedUserSid, WinBuiltinUsersSid].into_iter().any(is_anybody) {
            rights |= if mask & FILE_READ_DATA != 0 { READ } else { 0 };
            rights |= if mask & FILE_WRITE_DATA != 0 { WRITE } else { 0 };
        }
    }
    rights
}
