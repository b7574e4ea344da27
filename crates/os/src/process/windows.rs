//! Windows: the user, from the process token; the start time; keeping this library loaded.

#![allow(unsafe_code, reason = "reads the token of the process, and pins the library")]

use crate::error::{OsError, Result};
use std::ffi::c_void;
use std::ptr;
use std::sync::OnceLock;
use windows_sys::Win32::Foundation::{CloseHandle, FILETIME, HANDLE};
use windows_sys::Win32::Security::{
    EqualSid, GetSidSubAuthority, GetSidSubAuthorityCount, GetTokenInformation, PSID, TOKEN_QUERY,
    TOKEN_USER, TokenUser,
};
use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, GetProcessTimes, OpenProcessToken};

/// 64-bit words for a `TOKEN_USER` and the largest SID, which has 68 bytes.
const TOKEN_WORDS: usize = (size_of::<TOKEN_USER>() + 68).div_ceil(8);
/// The number of a user whose own number is that of another user; no user has it.
const AMBIGUOUS_UID: u32 = u32::MAX;

/// Returns when this process started, in units of 100 ns of the wall clock; 0 if unknown. Together with the pid, which
/// is reused, it identifies a process in messages.
pub fn start_time() -> u64 {
    let mut times = [FILETIME::default(); 4];
    let [created, exited, kernel, user] = &mut times;
    // SAFETY: takes no arguments and returns a constant that need not be closed.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: the handle is that of this process; the four pointers are valid for writes of a `FILETIME`.
    if unsafe { GetProcessTimes(process, created, exited, kernel, user) } == 0 {
        return 0;
    }
    u64::from(created.dwHighDateTime) << 32 | u64::from(created.dwLowDateTime)
}

/// The answer of the token query, aligned for the pointers in it. It points into itself, so it must not move.
type Token = Box<[u64; TOKEN_WORDS]>;

fn token() -> Option<&'static Token> {
    static TOKEN: OnceLock<Option<Token>> = OnceLock::new();
    TOKEN.get_or_init(query_token).as_ref()
}

fn query_token() -> Option<Token> {
    let mut handle: HANDLE = ptr::null_mut();
    // SAFETY: takes no arguments and returns a constant that need not be closed.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: the process handle is valid; the pointer to `handle` is valid for writes.
    if unsafe { OpenProcessToken(process, TOKEN_QUERY, &raw mut handle) } == 0 {
        return None;
    }
    let mut token: Token = Box::new([0; TOKEN_WORDS]);
    let (at, bytes) = (token.as_mut_ptr().cast::<c_void>(), (TOKEN_WORDS * 8) as u32);
    let mut used = 0;
    // SAFETY: the token is open for queries; the buffer is valid for writes of `bytes` bytes, and `used` for writes.
    let got = unsafe { GetTokenInformation(handle, TokenUser, at, bytes, &raw mut used) };
    // SAFETY: `OpenProcessToken` opened the handle, and it is not used after this.
    unsafe { CloseHandle(handle) };
    (got != 0).then_some(token)
}

/// Returns the SID of the user of this process, valid until the process exits; null if unknown.
pub(crate) fn own_sid() -> PSID {
    let Some(token) = token() else { return ptr::null_mut() };
    // SAFETY: the successful query filled the buffer, which is aligned to 8 bytes and never freed, with a `TOKEN_USER`.
    unsafe { (*token.as_ptr().cast::<TOKEN_USER>()).User.Sid }
}

/// Returns the last number of a SID, which distinguishes the users of one machine or domain.
///
/// # Safety
/// `sid` must be a valid SID.
unsafe fn last_number(sid: PSID) -> u32 {
    // SAFETY: the caller promises a valid SID.
    let count = unsafe { GetSidSubAuthorityCount(sid) };
    // SAFETY: the call returned a pointer into the valid SID.
    let count = unsafe { *count };
    if count == 0 {
        return AMBIGUOUS_UID;
    }
    // SAFETY: the caller promises a valid SID; the index is below its count of numbers.
    let last = unsafe { GetSidSubAuthority(sid, u32::from(count) - 1) };
    // SAFETY: the call returned a pointer into the valid SID.
    unsafe { *last }
}

/// Returns the number of the effective user of this process: the last number of the SID. Never 0, which is root on
/// other systems.
pub fn effective_uid() -> u32 {
    let own = own_sid();
    if own.is_null() {
        return AMBIGUOUS_UID;
    }
    // SAFETY: `own_sid` returned a valid SID, not null.
    unsafe { last_number(own) }.max(1)
}

/// Returns the number of an owner: `effective_uid` for the user of this process and no other, even
/// if another domain has a user with the same number.
///
/// # Safety
/// `sid` must be a valid SID.
pub(crate) unsafe fn uid_of(sid: PSID) -> u32 {
    let own = own_sid();
    // SAFETY: `own` is not null, so it is a valid SID; the caller promises that `sid` is one.
    if !own.is_null() && unsafe { EqualSid(own, sid) } != 0 {
        return effective_uid();
    }
    // SAFETY: the caller promises a valid SID.
    match unsafe { last_number(sid) } {
        number if number == effective_uid() || number == 0 => AMBIGUOUS_UID,
        number => number,
    }
}

/// Makes the system keep the library that contains this code until the process ends.
///
/// # Errors
/// Those of `GetModuleHandleEx`.
pub fn pin_library() -> Result<()> {
    let flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN;
    let mut module = ptr::null_mut();
    // SAFETY: with FROM_ADDRESS the second argument is any address within a loaded module; `module` is valid for
    // writes.
    let done = unsafe { GetModuleHandleExW(flags, pin_library as *const u16, &raw mut module) };
    if done == 0 { Err(OsError::last("GetModuleHandleEx")) } else { Ok(()) }
}
