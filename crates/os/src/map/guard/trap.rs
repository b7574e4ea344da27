//! The handler of SIGBUS: for the copying routine, and for nobody else.

use super::routine;
use crate::error::{Result, retry};
use libc::{c_int, c_void, siginfo_t, ucontext_t};
use std::mem::{self, MaybeUninit};
use std::ptr;
use std::sync::{Mutex, OnceLock, PoisonError};

/// What was there before us. Set before our handler can run.
static EARLIER: OnceLock<libc::sigaction> = OnceLock::new();
/// A refusal is not remembered: the next one who maps something tries again.
static INSTALLED: Mutex<bool> = Mutex::new(false);

type Informed = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);
type Plain = extern "C" fn(c_int);

pub(super) fn install() -> Result<()> {
    let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    if !*installed {
        replace_handler()?;
        *installed = true;
    }
    Ok(())
}

fn replace_handler() -> Result<()> {
    let mut earlier = MaybeUninit::<libc::sigaction>::zeroed();
    let ask = || {
        // SAFETY: without a new action the call only fills `earlier`.
        unsafe { libc::sigaction(libc::SIGBUS, ptr::null(), earlier.as_mut_ptr()) }
    };
    retry("sigaction", ask)?;
    // SAFETY: zeroed memory is a valid `sigaction`, and the successful call has filled it.
    let earlier = *EARLIER.get_or_init(|| unsafe { earlier.assume_init() });
    let mut ours = earlier;
    ours.sa_sigaction = on_bus_error as *const () as usize;
    // On the alternate stack if the thread has one; interrupted calls are restarted.
    ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
    // SAFETY: `ours` is a whole action whose handler only makes calls that are safe in handlers.
    retry("sigaction", || unsafe { libc::sigaction(libc::SIGBUS, &ours, ptr::null_mut()) }).map(drop)
}

extern "C" fn on_bus_error(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel gives a handler with SA_SIGINFO the interrupted thread's context.
    let counter = unsafe { program_counter(context.cast()) };
    // SAFETY: `counter` points into that context.
    let interrupted = unsafe { *counter };
    match routine::landing(interrupted as usize) {
        // SAFETY: the thread goes on at an instruction of the routine that it interrupted, with its
        // registers as they are: the routine returns what it has not copied.
        Some(landing) => unsafe { *counter = landing as _ },
        None => pass_on(signal, info, context),
    }
}

/// What would have happened without us.
fn pass_on(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let Some(earlier) = EARLIER.get() else { return die(signal, info) };
    match earlier.sa_sigaction {
        libc::SIG_DFL => die(signal, info),
        libc::SIG_IGN if is_sent(info) => {}
        // The kernel does not let a fault be ignored.
        libc::SIG_IGN => die(signal, info),
        handler if earlier.sa_flags & libc::SA_SIGINFO != 0 => {
            // SAFETY: an action with SA_SIGINFO has a handler of this type.
            let handler = unsafe { mem::transmute::<usize, Informed>(handler) };
            handler(signal, info, context);
        }
        handler => {
            // SAFETY: an action without SA_SIGINFO has a handler of this type.
            let handler = unsafe { mem::transmute::<usize, Plain>(handler) };
            handler(signal);
        }
    }
}

/// Takes the default back. A fault happens again as soon as the handler returns; a signal that somebody
/// sent is sent again, and delivered then.
fn die(signal: c_int, info: *mut siginfo_t) {
    // SAFETY: both calls are safe in handlers and take numbers.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
    if is_sent(info) {
        // SAFETY: as above.
        unsafe { libc::raise(signal) };
    }
}

/// True if the signal came from `kill` or the like, not from a fault.
fn is_sent(info: *mut siginfo_t) -> bool {
    // SAFETY: the kernel gives the handler a whole `siginfo_t`.
    let code = unsafe { (*info).si_code };
    // The codes of the BSDs for what was sent begin at SI_USER.
    code <= 0 || cfg!(not(target_os = "linux")) && code >= 0x1_0001
}

/// # Safety
/// `context` is what the kernel gave a handler.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
unsafe fn program_counter(context: *mut ucontext_t) -> *mut libc::greg_t {
    // SAFETY: the context is valid, by the caller's promise, and RIP is one of its registers.
    unsafe { &raw mut (*context).uc_mcontext.gregs[libc::REG_RIP as usize] }
}

/// # Safety
/// `context` is what the kernel gave a handler.
#[cfg(all(target_os = "linux", target_arch = "aarch64"))]
unsafe fn program_counter(context: *mut ucontext_t) -> *mut u64 {
    // SAFETY: the context is valid, by the caller's promise.
    unsafe { (&raw mut (*context).uc_mcontext.pc).cast() }
}

/// # Safety
/// `context` is what the kernel gave a handler.
#[cfg(all(target_os = "freebsd", target_arch = "x86_64"))]
unsafe fn program_counter(context: *mut ucontext_t) -> *mut libc::register_t {
    // SAFETY: the context is valid, by the caller's promise.
    unsafe { &raw mut (*context).uc_mcontext.mc_rip }
}

/// # Safety
/// `context` is what the kernel gave a handler.
#[cfg(target_os = "macos")]
unsafe fn program_counter(context: *mut ucontext_t) -> *mut u64 {
    // SAFETY: the context is valid, by the caller's promise, and points to the registers.
    let registers = unsafe { (*context).uc_mcontext };
    // SAFETY: as above.
    #[cfg(target_arch = "x86_64")]
    let counter = unsafe { &raw mut (*registers).__ss.__rip };
    // SAFETY: as above.
    #[cfg(target_arch = "aarch64")]
    let counter = unsafe { &raw mut (*registers).__ss.__pc };
    counter
}
