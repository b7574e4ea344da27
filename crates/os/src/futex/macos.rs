//! macOS: `os_sync_wait_on_address`, in the system library since 14.4. With the shared flag the kernel identifies
//! the word by its physical page instead of its address.
//!
//! The functions are looked up once at run time, so that one binary runs on older systems too, which poll
//! (`polling`). All processes on a machine run the same system, so waiters and wakers use the same method.

#![allow(unsafe_code, reason = "calls functions that it finds at run time")]

use super::polling;
use std::ffi::{CStr, c_int, c_void};
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// `OS_SYNC_WAIT_ON_ADDRESS_SHARED` and `OS_SYNC_WAKE_BY_ADDRESS_SHARED`.
const SHARED: u32 = 1;
/// `OS_CLOCK_MACH_ABSOLUTE_TIME`, the only clock that the call supports.
const MACH_ABSOLUTE_TIME: u32 = 32;
const WORD_BYTES: usize = size_of::<u32>();

type Wait = unsafe extern "C" fn(*mut c_void, u64, usize, u32, u32, u64) -> c_int;
type Wake = unsafe extern "C" fn(*mut c_void, usize, u32) -> c_int;

#[derive(Debug)]
struct Calls {
    wait: Wait,
    wake_any: Wake,
    wake_all: Wake,
}

fn calls() -> Option<&'static Calls> {
    static CALLS: OnceLock<Option<Calls>> = OnceLock::new();
    CALLS.get_or_init(find).as_ref()
}

/// Returns whether the system has the calls; without them, waiters poll.
pub(super) fn can_wait() -> bool {
    calls().is_some()
}

fn find() -> Option<Calls> {
    let wait = symbol(c"os_sync_wait_on_address_with_timeout")?;
    let wake_any = symbol(c"os_sync_wake_by_address_any")?;
    let wake_all = symbol(c"os_sync_wake_by_address_all")?;
    Some(Calls {
        // SAFETY: the pointer is not null, and <os/os_sync_wait_on_address.h> declares the function with this type.
        wait: unsafe { std::mem::transmute::<*mut c_void, Wait>(wait) },
        // SAFETY: as for `wait`.
        wake_any: unsafe { std::mem::transmute::<*mut c_void, Wake>(wake_any) },
        // SAFETY: as for `wait`.
        wake_all: unsafe { std::mem::transmute::<*mut c_void, Wake>(wake_all) },
    })
}

fn symbol(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: the name is NUL-terminated; RTLD_DEFAULT searches the libraries that are loaded already.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!found.is_null()).then_some(found)
}

/// Sleeps while `*word == expected`, at most `timeout`. May return early; the caller checks the word again.
pub fn wait(word: &AtomicU32, expected: u32, timeout: Duration) {
    let Some(calls) = calls() else { return polling::wait(word, expected, timeout) };
    // The call rejects 0 as invalid.
    let ns = u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX).max(1);
    let at = word.as_ptr().cast();
    // SAFETY: the function has this type (`find`); `word` outlives the call, and is aligned and WORD_BYTES long.
    unsafe { (calls.wait)(at, expected.into(), WORD_BYTES, SHARED, MACH_ABSOLUTE_TIME, ns) };
}

/// Wakes waiters on `word`, in any process: one if `count` is 1, otherwise all.
pub fn wake(word: &AtomicU32, count: u32) {
    let Some(calls) = calls() else { return };
    let wake = if count == 1 { calls.wake_any } else { calls.wake_all };
    // SAFETY: the function has this type (`find`); it uses the address only as a key, with the size and flag of `wait`.
    unsafe { wake(word.as_ptr().cast(), WORD_BYTES, SHARED) };
}
