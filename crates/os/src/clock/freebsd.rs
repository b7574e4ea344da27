//! FreeBSD: the monotonic clock, and a boot identity that shmkit creates itself.
//!
//! The kernel reports only the wall-clock time of the boot, which changes whenever the wall clock is set. But POSIX
//! shared-memory objects do not survive a reboot, so one of them, created once and filled with random bytes,
//! identifies the boot. Each user has a separate one: a user who could write another user's object could make that
//! user's persistent files look like those of another boot. So a file that no process is attached to counts as
//! absent for all users but its creator.

#![allow(unsafe_code, reason = "calls the C library on a shared-memory object")]

use super::unix::read;
use crate::entropy;
use std::ffi::CString;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::OnceLock;

const ID_BYTES: usize = 16;

/// Returns the nanoseconds since boot, without time spent suspended: no clock of the system counts it.
pub fn boot_ns() -> u64 {
    read(libc::CLOCK_MONOTONIC)
}

/// Returns the same clock; for timeouts of waits.
pub fn monotonic_ns() -> u64 {
    read(libc::CLOCK_MONOTONIC)
}

/// Returns the random identity of this boot for this user; all zeros if shared-memory objects are forbidden.
pub fn boot_id() -> [u8; ID_BYTES] {
    static ID: OnceLock<[u8; ID_BYTES]> = OnceLock::new();
    *ID.get_or_init(|| find_or_create().unwrap_or_default())
}

/// Returns 0: FreeBSD has no time namespaces.
pub fn time_namespace() -> u64 {
    0
}

fn find_or_create() -> Option<[u8; ID_BYTES]> {
    // SAFETY: geteuid takes no arguments and cannot fail.
    let uid = unsafe { libc::geteuid() };
    let name = CString::new(format!("/shmkit.boot.{uid}")).ok()?;
    // SAFETY: the name is NUL-terminated and outlives the call; the rest are numbers.
    let fd = unsafe { libc::shm_open(name.as_ptr(), libc::O_RDWR | libc::O_CREAT | libc::O_CLOEXEC, 0o600) };
    if fd < 0 {
        return None;
    }
    // SAFETY: the call succeeded, so the descriptor is open, and nothing else owns it.
    let object = unsafe { OwnedFd::from_raw_fd(fd) };
    if !is_ours(&object, uid) {
        return None;
    }
    // Serialised, or two processes would write different identities. Closing the descriptor unlocks.
    // SAFETY: flock takes a descriptor, which `object` keeps open, and flags.
    if unsafe { libc::flock(object.as_raw_fd(), libc::LOCK_EX) } != 0 {
        return None;
    }
    read_id(&object).or_else(|| write_id(&object))
}

fn is_ours(object: &OwnedFd, uid: libc::uid_t) -> bool {
    let mut status = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: `object` keeps the descriptor open; the pointer is valid for writes of a `stat`.
    if unsafe { libc::fstat(object.as_raw_fd(), status.as_mut_ptr()) } != 0 {
        return false;
    }
    // SAFETY: `stat` consists of integers, so zeroed memory is a valid value, which the successful call has filled.
    unsafe { status.assume_init_ref() }.st_uid == uid
}

/// Returns the identity, if a process has written all of it.
fn read_id(object: &OwnedFd) -> Option<[u8; ID_BYTES]> {
    let mut id = [0u8; ID_BYTES];
    // SAFETY: `object` keeps the descriptor open; `id` is valid for writes of ID_BYTES bytes.
    let got = unsafe { libc::pread(object.as_raw_fd(), id.as_mut_ptr().cast(), ID_BYTES, 0) };
    (got == ID_BYTES as isize && id != [0; ID_BYTES]).then_some(id)
}

fn write_id(object: &OwnedFd) -> Option<[u8; ID_BYTES]> {
    // SAFETY: ftruncate takes a descriptor, which `object` keeps open, and a number.
    if unsafe { libc::ftruncate(object.as_raw_fd(), ID_BYTES as libc::off_t) } != 0 {
        return None;
    }
    let id: [u8; ID_BYTES] = entropy::random().ok()?;
    // SAFETY: `object` keeps the descriptor open; `id` is valid for reads of ID_BYTES bytes.
    let put = unsafe { libc::pwrite(object.as_raw_fd(), id.as_ptr().cast(), ID_BYTES, 0) };
    (put == ID_BYTES as isize).then_some(id)
}
