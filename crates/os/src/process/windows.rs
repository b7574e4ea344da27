//! Windows: the process token, and when the process was made.

use std::ffi::c_void;
use std::ptr;
use std::sync::OnceLock;
use windows_sys::Win32::Foundation::{CloseHandle, FILETIME, HANDLE};
use windows_sys::Win32::Security::{
    EqualSid, GetSidSubAuthority, GetSidSubAuthorityCount, GetTokenInformation, PSID, TOKEN_QUERY,
    TOKEN_USER, TokenUser,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, GetProcessTimes, OpenProcessToken};

/// A `TOKEN_USER` and the largest SID: 8 bytes each for what comes first.
const TOKEN_WORDS: usize = (size_of::<TOKEN_USER>() + 68).div_ceil(8);
/// Stands for a user whose number is that of another one: nobody's.
const AMBIGUOUS: u32 = u32::MAX;

/// When this process started, in units of 100 ns of the wall clock; 0 if the system does not tell. With
/// the pid it names a process for messages: pids are used again.
pub fn start_time() -> u64 {
    let mut times = [FILETIME::default(); 4];
    let [created, exited, kernel, user] = &mut times;
    // SAFETY: takes nothing and returns a constant that needs no closing.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: the handle is this process's, the four places are valid for writes.
    if unsafe { GetProcessTimes(process, created, exited, kernel, user) } == 0 {
        return 0;
    }
    u64::from(created.dwHighDateTime) << 32 | u64::from(created.dwLowDateTime)
}

/// The token's answer, aligned for the pointers in it. It points into itself, so it stays where it is.
type Token = Box<[u64; TOKEN_WORDS]>;

fn token() -> Option<&'static Token> {
    static TOKEN: OnceLock<Option<Token>> = OnceLock::new();
    TOKEN.get_or_init(ask_for_token).as_ref()
}

fn ask_for_token() -> Option<Token> {
    let mut handle: HANDLE = ptr::null_mut();
    // SAFETY: takes nothing and returns a constant that needs no closing.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: the process handle is valid, `handle` is valid for writes.
    if unsafe { OpenProcessToken(process, TOKEN_QUERY, &raw mut handle) } == 0 {
        return None;
    }
    let mut token: Token = Box::new([0; TOKEN_WORDS]);
    let (at, bytes) = (token.as_mut_ptr().cast::<c_void>(), (TOKEN_WORDS * 8) as u32);
    let mut used = 0;
    // SAFETY: the token is open for queries, the buffer is valid for writes of `bytes` bytes.
    let got = unsafe { GetTokenInformation(handle, TokenUser, at, bytes, &raw mut used) };
    // SAFETY: the handle was opened above and is used no more.
    unsafe { CloseHandle(handle) };
    (got != 0).then_some(token)
}

/// The SID of the user whom this process works for; valid for ever. Null if the system does not tell.
pub(crate) fn own_sid() -> PSID {
    let Some(token) = token() else { return ptr::null_mut() };
    // SAFETY: the successful call filled the buffer, aligned to 8 bytes, with a `TOKEN_USER`.
    unsafe { (*token.as_ptr().cast::<TOKEN_USER>()).User.Sid }
}

/// The last number of a SID, which tells the users of one machine or domain apart.
///
/// # Safety
/// `sid` is a valid SID.
unsafe fn last_number(sid: PSID) -> u32 {
    // SAFETY: the SID is valid.
    let count = unsafe { GetSidSubAuthorityCount(sid) };
    // SAFETY: it points into the SID.
    let count = unsafe { *count };
    if count == 0 {
        return AMBIGUOUS;
    }
    // SAFETY: the SID is valid and has that many numbers.
    let last = unsafe { GetSidSubAuthority(sid, u32::from(count) - 1) };
    // SAFETY: it points into the SID.
    unsafe { *last }
}

/// The user whose permissions this process has: the last number of his SID. Never 0, which is root's.
pub fn effective_uid() -> u32 {
    let own = own_sid();
    if own.is_null() {
        return AMBIGUOUS;
    }
    // SAFETY: the system gave the SID.
    unsafe { last_number(own) }.max(1)
}

/// The number of an owner: `effective_uid` for the very user that this process works for, and for nobody
/// else, even if another domain gave somebody the same number.
///
/// # Safety
/// `sid` is a valid SID.
pub(crate) unsafe fn uid_of(sid: PSID) -> u32 {
    let own = own_sid();
    // SAFETY: both are valid SIDs.
    if !own.is_null() && unsafe { EqualSid(own, sid) } != 0 {
        return effective_uid();
    }
    // SAFETY: the caller promises a valid SID.
    match unsafe { last_number(sid) } {
        number if number == effective_uid() || number == 0 => AMBIGUOUS,
        number => number,
    }
}
