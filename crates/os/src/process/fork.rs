//! Noticing and excluding raw forks.
//!
//! A fork copies mappings and file descriptors, and with them what a kernel lock hangs on. So what
//! must not be copied half-made is made under [`exclude_fork`], and what belongs to the parent alone
//! remembers [`fork_epoch`]. Only forks made through libc are seen; a bare `clone` system call is not.

use crate::error::{OsError, Result};
use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// A pthread mutex: unlike std's it may be locked in one function and unlocked in another, which is
/// what the handlers of a fork do.
struct ForkLock(UnsafeCell<libc::pthread_mutex_t>);

// SAFETY: a pthread mutex is made for use from many threads, and is only used through its calls.
unsafe impl Sync for ForkLock {}

static LOCK: ForkLock = ForkLock(UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER));
static EPOCH: AtomicU64 = AtomicU64::new(0);
static INSTALLED: OnceLock<libc::c_int> = OnceLock::new();

extern "C" fn lock() {
    // SAFETY: a statically initialised mutex that is never destroyed or moved.
    unsafe { libc::pthread_mutex_lock(LOCK.0.get()) };
}

extern "C" fn unlock() {
    // SAFETY: as in `lock`; the calling thread, or in a child its copy, holds it.
    unsafe { libc::pthread_mutex_unlock(LOCK.0.get()) };
}

extern "C" fn enter_child() {
    // Relaxed: the child has one thread, and those it starts later see what was before.
    EPOCH.fetch_add(1, Ordering::Relaxed);
    #[cfg(any(target_os = "freebsd", target_os = "macos", all(feature = "kept-descriptors", unix)))]
    super::inherited::close_all();
    unlock();
}

/// How many forks lie between the first process and this one. What was made in another epoch belongs
/// to a parent.
#[inline]
pub fn fork_epoch() -> u64 {
    EPOCH.load(Ordering::Relaxed)
}

/// Proof that no thread of this process can fork as long as it lives. It stays on its thread, and a
/// thread that has one must not ask for another.
#[derive(Debug)]
pub struct ForkExcluded {
    /// Not Send: the thread that locked is the one that unlocks.
    _thread: PhantomData<*const ()>,
}

impl Drop for ForkExcluded {
    fn drop(&mut self) {
        unlock();
    }
}

/// Waits for a running fork, then holds off the next ones. Keep it short.
///
/// # Errors
/// `ENOMEM` if the handlers could not be installed (on the first call of the process).
pub fn exclude_fork() -> Result<ForkExcluded> {
    // SAFETY: the handlers are functions of this library, which is never unloaded, and only touch statics.
    let install = || unsafe { libc::pthread_atfork(Some(lock), Some(unlock), Some(enter_child)) };
    match *INSTALLED.get_or_init(install) {
        0 => {
            lock();
            Ok(ForkExcluded { _thread: PhantomData })
        }
        errno => Err(OsError::new("pthread_atfork", errno)),
    }
}
