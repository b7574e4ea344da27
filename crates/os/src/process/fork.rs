//! Detection and exclusion of raw forks.
//!
//! A fork copies mappings and descriptors, and with them the locks that they keep held. So code that must not be
//! interrupted half-way by a fork runs under [`exclude_fork`], and an object that belongs to the parent alone
//! records its [`fork_epoch`]. Only forks through libc are detected; a bare `clone` system call is not.

#![allow(unsafe_code, clippy::disallowed_types, reason = "installs fork handlers and counts forks")]

use crate::error::{OsError, Result};
use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// A pthread mutex: unlike std's it may be locked in one function and unlocked in another, as the fork
/// handlers require.
struct ForkLock(UnsafeCell<libc::pthread_mutex_t>);

// SAFETY: a pthread mutex may be used from many threads, and this one is accessed only by the pthread calls below.
unsafe impl Sync for ForkLock {}

static LOCK: ForkLock = ForkLock(UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER));
static EPOCH: AtomicU64 = AtomicU64::new(0);
static INSTALLED: OnceLock<libc::c_int> = OnceLock::new();

extern "C" fn lock() {
    // SAFETY: the pointer is to a static, initialised mutex that is never destroyed or moved.
    unsafe { libc::pthread_mutex_lock(LOCK.0.get()) };
}

extern "C" fn unlock() {
    // SAFETY: the pointer is to a static, initialised mutex. The calling thread holds it: it locked it in `lock`, or in
    // a forked child it is the copy of the thread that did.
    unsafe { libc::pthread_mutex_unlock(LOCK.0.get()) };
}

extern "C" fn enter_child() {
    // Relaxed: the child has one thread, and starting another thread orders this before it.
    EPOCH.fetch_add(1, Ordering::Relaxed);
    #[cfg(any(target_os = "freebsd", target_os = "macos", all(feature = "kept-descriptors", unix)))]
    super::close_on_fork::close_all();
    unlock();
}

/// Returns the number of forks between the first process and this one. An object from another epoch belongs to a
/// parent process.
#[inline]
pub fn fork_epoch() -> u64 {
    EPOCH.load(Ordering::Relaxed)
}

/// Proof that no thread of this process can fork while this exists. It stays on its thread, and a thread that has
/// one must not create another, which would deadlock.
#[derive(Debug)]
pub struct ForkExcluded {
    /// Not Send: the thread that locked the mutex must unlock it.
    _thread: PhantomData<*const ()>,
}

impl Drop for ForkExcluded {
    fn drop(&mut self) {
        unlock();
    }
}

/// Waits for a fork in progress, then blocks further ones until the result is dropped. Keep it short.
///
/// # Errors
/// `ENOMEM` if the first call in the process could not install the handlers.
pub fn exclude_fork() -> Result<ForkExcluded> {
    // SAFETY: the handlers have the required type, are in code that is never unloaded (see `pin`), access only statics,
    // and the child's makes only async-signal-safe calls.
    let install = || unsafe { libc::pthread_atfork(Some(lock), Some(unlock), Some(enter_child)) };
    match *INSTALLED.get_or_init(install) {
        0 => {
            lock();
            Ok(ForkExcluded { _thread: PhantomData })
        }
        errno => Err(OsError::new("pthread_atfork", errno)),
    }
}
