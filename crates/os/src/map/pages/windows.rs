//! Windows. Pages of files are advised only to be fetched or to leave the working set; it has no advice about the order
//! of accesses to views.

#![allow(unsafe_code, reason = "calls the system with addresses")]

use super::Advice;
use crate::error::{OsError, Result};
use windows_sys::Win32::Foundation::{ERROR_NOT_LOCKED, ERROR_WORKING_SET_QUOTA};
use windows_sys::Win32::System::Memory::{
    FlushViewOfFile, GetProcessWorkingSetSizeEx, PAGE_EXECUTE_READWRITE, PrefetchVirtualMemory,
    SetProcessWorkingSetSizeEx, VirtualLock, VirtualProtect, VirtualUnlock, WIN32_MEMORY_RANGE_ENTRY,
};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

/// Begins to write changed pages back to their file. `FlushFileBuffers` of the file waits for that.
///
/// # Safety
/// The range must be within one view.
pub(crate) unsafe fn flush(start: *mut u8, length: usize) -> Result<()> {
    // SAFETY: the caller promises that the range is within one view; the call changes none of its bytes.
    check_call("FlushViewOfFile", unsafe { FlushViewOfFile(start.cast(), length) })
}

/// Advises the system about the expected use of shared pages. Never changes what they contain.
///
/// # Safety
/// The range must be mapped.
pub(crate) unsafe fn advise(start: *mut u8, length: usize, advice: Advice) -> Result<()> {
    match advice {
        Advice::Sequential | Advice::Random => {}
        Advice::WillNeed => prefetch(start, length),
        Advice::DontNeed => {
            // Unlocking pages that are not locked takes them out of the working set.
            // SAFETY: the caller promises that the range is mapped; the call changes no contents.
            let done = check_call("VirtualUnlock", unsafe { VirtualUnlock(start.cast(), length) });
            return done.or_else(|error| if is(&error, ERROR_NOT_LOCKED) { Ok(()) } else { Err(error) });
        }
    }
    Ok(())
}

/// Starts fetching pages. A hint: a failure has no consequence.
pub(crate) fn prefetch(start: *mut u8, length: usize) {
    let range = WIN32_MEMORY_RANGE_ENTRY { VirtualAddress: start.cast(), NumberOfBytes: length };
    // SAFETY: takes no arguments and returns a constant that need not be closed.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: the pointer is valid for reads of one range for the whole call, which accesses no memory there.
    unsafe { PrefetchVirtualMemory(process, 1, &raw const range, 0) };
}

/// Keeps pages in memory until they are unmapped. Raises the process's limit if that is too low.
///
/// # Safety
/// The range must be mapped.
pub(crate) unsafe fn lock(start: *mut u8, length: usize) -> Result<()> {
    let lock = || {
        // SAFETY: the caller promises that the range is mapped; the call changes no contents.
        check_call("VirtualLock", unsafe { VirtualLock(start.cast(), length) })
    };
    lock().or_else(|error| {
        if !is(&error, ERROR_WORKING_SET_QUOTA) {
            return Err(error);
        }
        raise_working_set(length)?;
        lock()
    })
}

fn raise_working_set(bytes: usize) -> Result<()> {
    let (mut least, mut most, mut flags) = (0, 0, 0);
    // SAFETY: takes no arguments and returns a constant that need not be closed.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: the handle is that of this process; the pointers are valid for writes.
    let got = unsafe { GetProcessWorkingSetSizeEx(process, &mut least, &mut most, &mut flags) };
    check_call("GetProcessWorkingSetSize", got)?;
    let (least, most) = (least.saturating_add(bytes), most.saturating_add(bytes));
    // SAFETY: the handle is that of this process; the rest are numbers.
    check_call("SetProcessWorkingSetSize", unsafe { SetProcessWorkingSetSizeEx(process, least, most, flags) })
}

/// Allows execution of pages of private memory.
///
/// # Safety
/// The range must be mapped, and writable.
pub(crate) unsafe fn allow_execution(start: *mut u8, length: usize) -> Result<()> {
    let mut before = 0;
    // SAFETY: the caller promises that the range is mapped; the access that it had stays allowed.
    check_call("VirtualProtect", unsafe {
        VirtualProtect(start.cast(), length, PAGE_EXECUTE_READWRITE, &mut before)
    })
}

/// Converts the result of a call that reports failure as 0.
fn check_call(call: &'static str, result: i32) -> Result<()> {
    if result == 0 { Err(OsError::last(call)) } else { Ok(()) }
}

fn is(error: &OsError, code: u32) -> bool {
    error.errno as u32 == code
}
