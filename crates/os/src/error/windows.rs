//! Windows: Win32 error codes.

use windows_sys::Win32::Foundation as win32;

/// Numbers of errors that this crate reports itself.
pub(crate) mod code {
    use windows_sys::Win32::Foundation as win32;

    pub(crate) const BUSY: i32 = win32::ERROR_BUSY as i32;
    pub(crate) const INVALID: i32 = win32::ERROR_INVALID_PARAMETER as i32;
    pub(crate) const IO: i32 = win32::ERROR_IO_DEVICE as i32;
    pub(crate) const STALE: i32 = win32::ERROR_FILE_INVALID as i32;
    pub(crate) const UNSUPPORTED: i32 = win32::ERROR_NOT_SUPPORTED as i32;
    pub(crate) const WRONG_KIND: i32 = win32::ERROR_DIRECTORY_NOT_SUPPORTED as i32;
}

macro_rules! error_names {
    ($($name:ident)*) => {
        /// Returns the symbolic name of an error number, `ERROR_?` for a rare one.
        pub fn errno_name(errno: i32) -> &'static str {
            match errno as u32 {
                $(win32::$name => stringify!($name),)*
                _ => "ERROR_?",
            }
        }
    };
}

error_names! {
    ERROR_INVALID_FUNCTION ERROR_FILE_NOT_FOUND ERROR_PATH_NOT_FOUND ERROR_TOO_MANY_OPEN_FILES ERROR_ACCESS_DENIED
    ERROR_INVALID_HANDLE ERROR_NOT_ENOUGH_MEMORY ERROR_OUTOFMEMORY ERROR_WRITE_PROTECT ERROR_SHARING_VIOLATION
    ERROR_LOCK_VIOLATION ERROR_HANDLE_DISK_FULL ERROR_NOT_SUPPORTED ERROR_FILE_EXISTS ERROR_INVALID_PARAMETER
    ERROR_DISK_FULL ERROR_INVALID_NAME ERROR_BUSY ERROR_ALREADY_EXISTS ERROR_FILE_TOO_LARGE ERROR_DIRECTORY
    ERROR_FILE_INVALID ERROR_IO_DEVICE ERROR_USER_MAPPED_FILE ERROR_COMMITMENT_LIMIT ERROR_DISK_QUOTA_EXCEEDED
    ERROR_NO_SYSTEM_RESOURCES ERROR_DIRECTORY_NOT_SUPPORTED ERROR_CANT_ACCESS_FILE ERROR_DELETE_PENDING
}

/// Translates like libuv, so that a failure has the same name whether Node.js or shmkit reports it.
pub(super) fn posix_name(errno: i32) -> &'static str {
    match errno as u32 {
        win32::ERROR_FILE_NOT_FOUND | win32::ERROR_PATH_NOT_FOUND | win32::ERROR_INVALID_NAME => "ENOENT",
        win32::ERROR_TOO_MANY_OPEN_FILES => "EMFILE",
        win32::ERROR_ACCESS_DENIED => "EPERM",
        win32::ERROR_CANT_ACCESS_FILE => "EACCES",
        win32::ERROR_INVALID_HANDLE => "EBADF",
        win32::ERROR_WRITE_PROTECT => "EROFS",
        win32::ERROR_NOT_SUPPORTED | win32::ERROR_INVALID_FUNCTION => "ENOTSUP",
        win32::ERROR_FILE_EXISTS | win32::ERROR_ALREADY_EXISTS => "EEXIST",
        win32::ERROR_INVALID_PARAMETER => "EINVAL",
        win32::ERROR_FILE_TOO_LARGE => "EFBIG",
        win32::ERROR_DIRECTORY | win32::ERROR_DIRECTORY_NOT_SUPPORTED => "ENOTDIR",
        win32::ERROR_IO_DEVICE => "EIO",
        code if FULL.contains(&code) => "ENOSPC",
        code if BUSY.contains(&code) => "EBUSY",
        _ if is_out_of_memory(errno) || errno as u32 == win32::ERROR_NO_SYSTEM_RESOURCES => "ENOMEM",
        _ => "UNKNOWN",
    }
}

const BUSY: [u32; 5] = [
    win32::ERROR_BUSY,
    win32::ERROR_SHARING_VIOLATION,
    win32::ERROR_LOCK_VIOLATION,
    win32::ERROR_USER_MAPPED_FILE,
    win32::ERROR_DELETE_PENDING,
];

fn is_one_of(errno: i32, codes: &[u32]) -> bool {
    codes.contains(&(errno as u32))
}

pub(super) fn is_not_found(errno: i32) -> bool {
    is_one_of(errno, &[win32::ERROR_FILE_NOT_FOUND, win32::ERROR_PATH_NOT_FOUND])
}

pub(super) fn is_already_exists(errno: i32) -> bool {
    is_one_of(errno, &[win32::ERROR_FILE_EXISTS, win32::ERROR_ALREADY_EXISTS])
}

pub(super) fn is_access_denied(errno: i32) -> bool {
    let codes = [win32::ERROR_ACCESS_DENIED, win32::ERROR_SHARING_VIOLATION, win32::ERROR_WRITE_PROTECT];
    is_one_of(errno, &codes)
}

pub(super) const NO_SPACE: i32 = win32::ERROR_DISK_FULL as i32;

const FULL: [u32; 4] = [
    win32::ERROR_DISK_FULL,
    win32::ERROR_HANDLE_DISK_FULL,
    win32::ERROR_DISK_QUOTA_EXCEEDED,
    win32::ERROR_FILE_TOO_LARGE,
];

pub(super) fn is_no_space(errno: i32) -> bool {
    is_one_of(errno, &FULL) || is_out_of_memory(errno)
}

pub(super) fn is_out_of_memory(errno: i32) -> bool {
    let codes = [win32::ERROR_NOT_ENOUGH_MEMORY, win32::ERROR_OUTOFMEMORY, win32::ERROR_COMMITMENT_LIMIT];
    is_one_of(errno, &codes)
}

pub(super) fn reason(errno: i32) -> Option<&'static str> {
    match errno as u32 {
        win32::ERROR_DISK_QUOTA_EXCEEDED => Some("the user's disk quota is used up"),
        win32::ERROR_FILE_TOO_LARGE => Some("the file system does not support files this large"),
        _ => is_out_of_memory(errno).then_some("the system's memory and paging file are used up"),
    }
}

pub(super) fn is_too_many_files(errno: i32) -> bool {
    is_one_of(errno, &[win32::ERROR_TOO_MANY_OPEN_FILES, win32::ERROR_NO_SYSTEM_RESOURCES])
}

/// Returns false: this system opens files without regard to leases.
pub(super) fn is_leased(_call: &str, _errno: i32) -> bool {
    false
}

pub(super) fn is_wrong_kind(errno: i32) -> bool {
    let codes = [win32::ERROR_DIRECTORY, win32::ERROR_DIRECTORY_NOT_SUPPORTED, win32::ERROR_CANT_ACCESS_FILE];
    is_one_of(errno, &codes)
}

pub(super) fn is_unsupported(_call: &str, errno: i32) -> bool {
    is_one_of(errno, &[win32::ERROR_NOT_SUPPORTED, win32::ERROR_INVALID_FUNCTION])
}
