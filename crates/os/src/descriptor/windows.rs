//! Windows: the numbers that Node.js calls descriptors are those of its own C runtime, which is part of its program. Only
//! libuv, in that program, knows the handles behind them.

#![allow(unsafe_code, reason = "calls functions that it finds at run time, and borrows handles")]

use crate::error::{OsError, Result, code};
use std::ffi::{CStr, c_int};
use std::os::windows::io::{
    AsRawHandle, BorrowedHandle, FromRawHandle, IntoRawHandle, OwnedHandle, RawHandle,
};
use std::ptr;
use std::sync::OnceLock;
use windows_sys::Win32::Foundation::{
    ERROR_INVALID_HANDLE, GENERIC_READ, GENERIC_WRITE, INVALID_HANDLE_VALUE,
};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, ReOpenFile,
};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};

/// What `uv_get_osfhandle` returns for a standard stream that is not connected.
const NO_STREAM: RawHandle = ptr::without_provenance_mut(usize::MAX - 1);

/// `uv_get_osfhandle`: the handle behind a descriptor.
type HandleOf = unsafe extern "C" fn(c_int) -> RawHandle;
/// `uv_open_osfhandle`: a new descriptor, which owns the handle; -1 after a failure.
type DescriptorOf = unsafe extern "C" fn(RawHandle) -> c_int;

#[derive(Debug)]
struct Calls {
    handle_of: HandleOf,
    descriptor_of: DescriptorOf,
}

fn calls() -> Result<&'static Calls> {
    static CALLS: OnceLock<Option<Calls>> = OnceLock::new();
    CALLS.get_or_init(find).as_ref().ok_or(OsError::unsupported("find the file of a descriptor"))
}

fn find() -> Option<Calls> {
    let handle_of = symbol(c"uv_get_osfhandle")?;
    let descriptor_of = symbol(c"uv_open_osfhandle")?;
    Some(Calls {
        // SAFETY: libuv declares its function of this name with this type, in every version.
        handle_of: unsafe { std::mem::transmute::<Symbol, HandleOf>(handle_of) },
        // SAFETY: as for `handle_of`.
        descriptor_of: unsafe { std::mem::transmute::<Symbol, DescriptorOf>(descriptor_of) },
    })
}

type Symbol = unsafe extern "system" fn() -> isize;

/// Returns a function that the program exports.
fn symbol(name: &CStr) -> Option<Symbol> {
    // SAFETY: a null name means the program itself, which is never unloaded.
    let program = unsafe { GetModuleHandleW(ptr::null()) };
    // SAFETY: the handle is that of the program, and the name is NUL-terminated.
    unsafe { GetProcAddress(program, name.as_ptr().cast()) }
}

/// Borrows the handle of an open descriptor.
///
/// # Errors
/// Invalid handle if the number is not an open descriptor; unsupported if the program has no libuv.
///
/// # Safety
/// The descriptor must stay open for all of `'f`.
pub unsafe fn borrow<'f>(fd: c_int) -> Result<BorrowedHandle<'f>> {
    let calls = calls()?;
    // SAFETY: the function takes any number; for one that is not open it returns an invalid handle.
    let handle = unsafe { (calls.handle_of)(fd) };
    if fd < 0 || handle.is_null() || handle == INVALID_HANDLE_VALUE || handle == NO_STREAM {
        return Err(OsError::new("uv_get_osfhandle", ERROR_INVALID_HANDLE as i32));
    }
    // SAFETY: the descriptor is open, so its handle is; the caller keeps it open for `'f`.
    Ok(unsafe { BorrowedHandle::borrow_raw(handle) })
}

/// Opens the file of a handle once more, for writing or for reading, and returns a descriptor of Node.js, which the caller
/// closes there.
///
/// # Errors
/// Access denied; unsupported if the program has no libuv; other system errors.
pub fn reopen(file: BorrowedHandle<'_>, for_writing: bool) -> Result<c_int> {
    let calls = calls()?;
    let rights = if for_writing { GENERIC_WRITE } else { GENERIC_READ };
    let share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    // SAFETY: `file` keeps the handle open; the rest are numbers.
    let handle = unsafe { ReOpenFile(file.as_raw_handle(), rights, share, 0) };
    if handle == INVALID_HANDLE_VALUE {
        return Err(OsError::last("ReOpenFile"));
    }
    // SAFETY: the call succeeded, so the handle is open, and nothing else owns it.
    let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
    // SAFETY: the handle is open. A descriptor that was made owns it from then on.
    let fd = unsafe { (calls.descriptor_of)(handle.as_raw_handle()) };
    if fd < 0 {
        return Err(OsError::new("uv_open_osfhandle", code::BUSY));
    }
    let _ = handle.into_raw_handle();
    Ok(fd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borrow_is_refused_when_the_program_has_no_libuv() {
        // SAFETY: the call returns an error and borrows nothing.
        assert!(unsafe { borrow(0) }.unwrap_err().is_unsupported());
    }
}
