//! The SIGBUS handler. It handles only faults of the copy routine.

use super::routine;
use crate::error::{Result, retry};
use libc::{c_int, c_void, siginfo_t, ucontext_t};
use std::mem::{self, MaybeUninit};
use std::ptr;
use std::sync::{Mutex, OnceLock, PoisonError};

/// The action that was installed before ours. Set before our handler can run.
static PREVIOUS: OnceLock<libc::sigaction> = OnceLock::new();
/// Stays false after a failure, so that the next call tries again.
static INSTALLED: Mutex<bool> = Mutex::new(false);

type InfoHandler = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);
type PlainHandler = extern "C" fn(c_int);

pub(super) fn install() -> Result<()> {
    let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    if !*installed {
        replace_handler()?;
        *installed = true;
    }
    Ok(())
}

fn replace_handler() -> Result<()> {
    let mut previous = MaybeUninit::<libc::sigaction>::zeroed();
    let query = || {
        // SAFETY: a null new action changes nothing; `previous` is valid for writes of a `sigaction`.
        unsafe { libc::sigaction(libc::SIGBUS, ptr::null(), previous.as_mut_ptr()) }
    };
    retry("sigaction", query)?;
    // SAFETY: `sigaction` consists of integers and an optional function, so zeroed memory is a valid value, which the
    // successful call has filled.
    let previous = *PREVIOUS.get_or_init(|| unsafe { previous.assume_init() });
    let mut ours = previous;
    ours.sa_sigaction = on_bus_error as *const () as usize;
    // Runs on the alternate stack if the thread has one; interrupted calls are restarted.
    ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
    // SAFETY: `ours` is a complete action, and a null old action is allowed. The handler has the signature that
    // SA_SIGINFO requires, makes only async-signal-safe calls, and is in code that is never unloaded (see
    // `process::pin`).
    retry("sigaction", || unsafe { libc::sigaction(libc::SIGBUS, &ours, ptr::null_mut()) }).map(drop)
}

extern "C" fn on_bus_error(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: for a handler with SA_SIGINFO the kernel passes a valid pointer to the interrupted thread's context.
    let counter = unsafe { program_counter(context.cast()) };
    // SAFETY: `counter` points into that context, which only this handler accesses.
    let interrupted = unsafe { *counter };
    match routine::resume_address(interrupted as usize) {
        // SAFETY: `counter` points into the context, as above. The thread resumes at the end of the routine that was
        // interrupted, with its registers unchanged: the routine returns the number of bytes not copied.
        Some(resume) => unsafe { *counter = resume as _ },
        None => forward(signal, info, context),
    }
}

/// Does what would have happened without our handler.
fn forward(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let Some(previous) = PREVIOUS.get() else { return take_default_action(signal, info) };
    match previous.sa_sigaction {
        libc::SIG_DFL => take_default_action(signal, info),
        libc::SIG_IGN if is_sent(info) => {}
        // The kernel does not let a fault be ignored.
        libc::SIG_IGN => take_default_action(signal, info),
        handler if previous.sa_flags & libc::SA_SIGINFO != 0 => {
            // SAFETY: the value is neither SIG_DFL nor SIG_IGN, so it is a function, of this type with SA_SIGINFO.
            let handler = unsafe { mem::transmute::<usize, InfoHandler>(handler) };
            handler(signal, info, context);
        }
        handler => {
            // SAFETY: the value is neither SIG_DFL nor SIG_IGN, so it is a function, of this type without SA_SIGINFO.
            let handler = unsafe { mem::transmute::<usize, PlainHandler>(handler) };
            handler(signal);
        }
    }
}

/// Restores the default action. A fault recurs as soon as the handler returns; a signal that a process
/// sent is raised again, and delivered then.
fn take_default_action(signal: c_int, info: *mut siginfo_t) {
    // SAFETY: signal is async-signal-safe and takes numbers.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
    if is_sent(info) {
        // SAFETY: raise is async-signal-safe and takes a number.
        unsafe { libc::raise(signal) };
    }
}

/// Returns whether a process sent the signal, by `kill` or the like; otherwise it is a fault.
fn is_sent(info: *mut siginfo_t) -> bool {
    // SAFETY: for a handler with SA_SIGINFO the kernel passes a valid pointer to a `siginfo_t`.
    let code = unsafe { (*info).si_code };
    // On the BSDs the codes of sent signals begin at SI_USER.
    code <= 0 || cfg!(not(target_os = "linux")) && code >= 0x1_0001
}

/// Returns the address of the saved program counter.
///
/// # Safety
/// `context` must be the pointer that the kernel passed to a handler.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
unsafe fn program_counter(context: *mut ucontext_t) -> *mut libc::greg_t {
    // SAFETY: the caller promises a valid context, and REG_RIP is a valid index of its registers.
    unsafe { &raw mut (*context).uc_mcontext.gregs[libc::REG_RIP as usize] }
}

/// Returns the address of the saved program counter.
///
/// # Safety
/// `context` must be the pointer that the kernel passed to a handler.
#[cfg(all(target_os = "linux", target_arch = "aarch64"))]
unsafe fn program_counter(context: *mut ucontext_t) -> *mut u64 {
    // SAFETY: the caller promises a valid context; this only computes an address within it.
    unsafe { (&raw mut (*context).uc_mcontext.pc).cast() }
}

/// Returns the address of the saved program counter.
///
/// # Safety
/// `context` must be the pointer that the kernel passed to a handler.
#[cfg(all(target_os = "freebsd", target_arch = "x86_64"))]
unsafe fn program_counter(context: *mut ucontext_t) -> *mut libc::register_t {
    // SAFETY: the caller promises a valid context; this only computes an address within it.
    unsafe { &raw mut (*context).uc_mcontext.mc_rip }
}

/// Returns the address of the saved program counter.
///
/// # Safety
/// `context` must be the pointer that the kernel passed to a handler.
#[cfg(target_os = "macos")]
unsafe fn program_counter(context: *mut ucontext_t) -> *mut u64 {
    // SAFETY: the caller promises a valid context.
    let registers = unsafe { (*context).uc_mcontext };
    // SAFETY: a valid context points to valid registers; this only computes an address within them.
    #[cfg(target_arch = "x86_64")]
    let counter = unsafe { &raw mut (*registers).__ss.__rip };
    // SAFETY: a valid context points to valid registers; this only computes an address within them.
    #[cfg(target_arch = "aarch64")]
    let counter = unsafe { &raw mut (*registers).__ss.__pc };
    counter
}
