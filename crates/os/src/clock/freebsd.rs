//! FreeBSD: the monotonic clock, and an identity of the boot of our own making.
//!
//! The kernel tells only the wall-clock time of the boot, which moves whenever the wall clock is set. But
//! POSIX shared memory objects are gone after a reboot, so one of them, made once and filled with random
//! bytes, stands for the boot. Each user has one: with an object that others can write, they could make
//! a user's kept segments look like those of another boot. So a segment that nobody is attached to counts
//! as absent for other users than its maker.

use super::unix::read;
use crate::entropy;
use std::ffi::CString;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::OnceLock;

const ID_BYTES: usize = 16;

/// Nanoseconds since boot. Time spent suspended is left out: the system has no clock that counts it.
pub fn boot_ns() -> u64 {
    read(libc::CLOCK_MONOTONIC)
}

/// The same clock: for waiting.
pub fn monotonic_ns() -> u64 {
    read(libc::CLOCK_MONOTONIC)
}

/// The random identity of this boot for this user; all zeros if shared memory objects are forbidden.
pub fn boot_id() -> [u8; ID_BYTES] {
    static ID: OnceLock<[u8; ID_BYTES]> = OnceLock::new();
    *ID.get_or_init(|| find_or_make().unwrap_or_default())
}

/// There are no time namespaces.
pub fn time_namespace() -> u64 {
    0
}

fn find_or_make() -> Option<[u8; ID_BYTES]> {
    // SAFETY: geteuid takes nothing and cannot fail.
    let uid = unsafe { libc::geteuid() };
    let name = CString::new(format!("/shmkit.boot.{uid}")).ok()?;
    // SAFETY: the name is NUL-terminated and outlives the call.
    let fd = unsafe { libc::shm_open(name.as_ptr(), libc::O_RDWR | libc::O_CREAT | libc::O_CLOEXEC, 0o600) };
    if fd < 0 {
        return None;
    }
    // SAFETY: the call succeeded, and nobody else has the descriptor.
    let object = unsafe { OwnedFd::from_raw_fd(fd) };
    if !is_ours(&object, uid) {
        return None;
    }
    // One after the other, or two would write different ones. Closing the descriptor lets go.
    // SAFETY: flock takes a descriptor, which is open, and flags.
    if unsafe { libc::flock(object.as_raw_fd(), libc::LOCK_EX) } != 0 {
        return None;
    }
    read_id(&object).or_else(|| write_id(&object))
}

fn is_ours(object: &OwnedFd, uid: libc::uid_t) -> bool {
    let mut status = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the descriptor is open, the pointer is valid for a `stat`.
    if unsafe { libc::fstat(object.as_raw_fd(), status.as_mut_ptr()) } != 0 {
        return false;
    }
    // SAFETY: zeroed memory is a valid `stat`, and a successful call has filled it.
    unsafe { status.assume_init_ref() }.st_uid == uid
}

/// The identity, if it is there already and whole.
fn read_id(object: &OwnedFd) -> Option<[u8; ID_BYTES]> {
    let mut id = [0u8; ID_BYTES];
    // SAFETY: the descriptor is open, `id` is valid for writes of its length.
    let got = unsafe { libc::pread(object.as_raw_fd(), id.as_mut_ptr().cast(), ID_BYTES, 0) };
    (got == ID_BYTES as isize && id != [0; ID_BYTES]).then_some(id)
}

fn write_id(object: &OwnedFd) -> Option<[u8; ID_BYTES]> {
    // SAFETY: takes a descriptor, which is open, and a number.
    if unsafe { libc::ftruncate(object.as_raw_fd(), ID_BYTES as libc::off_t) } != 0 {
        return None;
    }
    let id: [u8; ID_BYTES] = entropy::random().ok()?;
    // SAFETY: the descriptor is open, `id` is valid for reads of its length.
    let put = unsafe { libc::pwrite(object.as_raw_fd(), id.as_ptr().cast(), ID_BYTES, 0) };
    (put == ID_BYTES as isize).then_some(id)
}
