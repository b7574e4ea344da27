//! macOS: `os_sync_wait_on_address`, a part of the system library since 14.4. The shared flag makes the
//! kernel look for the page behind the address instead of the address.
//!
//! The functions are looked up once, so that one binary runs on older systems too; those sleep and look
//! (`polling`). All processes of a machine run on the same system, so sleepers and wakers agree.

use super::polling;
use std::ffi::{CStr, c_int, c_void};
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// `OS_SYNC_WAIT_ON_ADDRESS_SHARED` and `OS_SYNC_WAKE_BY_ADDRESS_SHARED`.
const SHARED: u32 = 1;
/// `OS_CLOCK_MACH_ABSOLUTE_TIME`, the only clock there is.
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

fn find() -> Option<Calls> {
    let wait = symbol(c"os_sync_wait_on_address_with_timeout")?;
    let wake_any = symbol(c"os_sync_wake_by_address_any")?;
    let wake_all = symbol(c"os_sync_wake_by_address_all")?;
    Some(Calls {
        // SAFETY: the system header <os/os_sync_wait_on_address.h> declares it with this type.
        wait: unsafe { std::mem::transmute::<*mut c_void, Wait>(wait) },
        // SAFETY: as above.
        wake_any: unsafe { std::mem::transmute::<*mut c_void, Wake>(wake_any) },
        // SAFETY: as above.
        wake_all: unsafe { std::mem::transmute::<*mut c_void, Wake>(wake_all) },
    })
}

fn symbol(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: the name is NUL-terminated; RTLD_DEFAULT searches what is loaded already.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!found.is_null()).then_some(found)
}

/// Sleeps while `*word == expected`, at most `timeout`. May return early; the caller re-checks.
pub fn wait(word: &AtomicU32, expected: u32, timeout: Duration) {
    let Some(calls) = calls() else { return polling::wait(word, expected, timeout) };
    // 0 would be refused as invalid.
    let ns = u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX).max(1);
    let at = word.as_ptr().cast();
    // SAFETY: `word` outlives the call, and is aligned and of the size given.
    unsafe { (calls.wait)(at, expected.into(), WORD_BYTES, SHARED, MACH_ABSOLUTE_TIME, ns) };
}

/// Wakes sleepers on `word`, in any process: one if `count` is 1, else all.
pub fn wake(word: &AtomicU32, count: u32) {
    let Some(calls) = calls() else { return };
    let wake = if count == 1 { calls.wake_any } else { calls.wake_all };
    // SAFETY: the address is a key only; the size and flag are those of the waiters.
    unsafe { wake(word.as_ptr().cast(), WORD_BYTES, SHARED) };
}
