//! Windows: the handler of exceptions, which comes before those of all stack frames. It handles only faults of the copy
//! routine.

use super::routine;
use crate::error::{OsError, Result};
use std::sync::OnceLock;
use windows_sys::Win32::Foundation::{EXCEPTION_ACCESS_VIOLATION, EXCEPTION_IN_PAGE_ERROR};
use windows_sys::Win32::System::Diagnostics::Debug::{
    AddVectoredExceptionHandler, CONTEXT, EXCEPTION_CONTINUE_EXECUTION, EXCEPTION_CONTINUE_SEARCH,
    EXCEPTION_POINTERS,
};

pub(super) fn install() -> Result<()> {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    let installed = INSTALLED.get_or_init(|| {
        // The handler is never removed, so the code of a library must stay.
        if crate::process::pin_library().is_err() {
            return false;
        }
        // SAFETY: the handler has the type that the call requires, and is in code that is never unloaded.
        !unsafe { AddVectoredExceptionHandler(1, Some(on_exception)) }.is_null()
    });
    if *installed { Ok(()) } else { Err(OsError::unsupported("AddVectoredExceptionHandler")) }
}

/// Lets a faulting copy routine continue at its end, and passes on every other exception.
unsafe extern "system" fn on_exception(exception: *mut EXCEPTION_POINTERS) -> i32 {
    // SAFETY: the system passes a valid pointer, to valid records of the exception and the interrupted thread.
    let EXCEPTION_POINTERS { ExceptionRecord: record, ContextRecord: context } = unsafe { *exception };
    // SAFETY: as above.
    let code = unsafe { (*record).ExceptionCode };
    // A failed page-in is an error of its own in Windows, and an access violation in wine.
    if code != EXCEPTION_IN_PAGE_ERROR && code != EXCEPTION_ACCESS_VIOLATION {
        return EXCEPTION_CONTINUE_SEARCH;
    }
    // SAFETY: the context is valid.
    let counter = unsafe { program_counter(context) };
    // SAFETY: `counter` points into the context, which only this handler accesses.
    let interrupted = unsafe { *counter };
    match routine::resume_address(interrupted as usize) {
        Some(resume) => {
            // SAFETY: `counter` points into the context. The thread resumes at the end of the routine that was interrupted,
            // with its registers unchanged: the routine returns the number of bytes not copied.
            unsafe { *counter = resume as u64 };
            EXCEPTION_CONTINUE_EXECUTION
        }
        None => EXCEPTION_CONTINUE_SEARCH,
    }
}

/// Returns the address of the saved program counter.
///
/// # Safety
/// `context` must be valid.
unsafe fn program_counter(context: *mut CONTEXT) -> *mut u64 {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the caller promises a valid context; this only computes an address within it.
    return unsafe { &raw mut (*context).Rip };
    #[cfg(target_arch = "aarch64")]
    // SAFETY: as above.
    return unsafe { &raw mut (*context).Pc };
}
