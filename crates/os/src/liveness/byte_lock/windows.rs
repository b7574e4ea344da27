//! Windows: byte-range locks of a handle (`LockFileEx`), far past the end of the file.
//!
//! Windows has no call that queries a lock: a query has to acquire it for a moment, and a second query in that
//! moment would take the first for a holder. So every operation holds the OPERATION byte for these few
//! microseconds, which puts all operations in one order. An operation that finds that byte locked waits for it. If
//! its holder is suspended, other processes give up after two seconds with an error, never with a wrong answer.

#![allow(unsafe_code, reason = "locks bytes of files")]

use crate::error::{OsError, Result, code};
use crate::liveness::{FIRST_SLOT_BYTE, MAX_SLOTS};
use crate::lock_mode::LockMode;
use crate::shm::ShmFile;
use std::time::{Duration, Instant};
use windows_sys::Win32::Foundation::{ERROR_IO_PENDING, ERROR_LOCK_VIOLATION};
use windows_sys::Win32::Storage::FileSystem::{
    LOCKFILE_EXCLUSIVE_LOCK, LOCKFILE_FAIL_IMMEDIATELY, LockFileEx, UnlockFileEx,
};
use windows_sys::Win32::System::IO::{OVERLAPPED, OVERLAPPED_0, OVERLAPPED_0_0};

const OPERATION_BYTE: u64 = FIRST_SLOT_BYTE + MAX_SLOTS as u64;
const TIMEOUT: Duration = Duration::from_secs(2);
/// Attempts that only yield the processor in between; later ones sleep.
const YIELDING_ATTEMPTS: u32 = 200;

fn overlapped_at(offset: u64) -> OVERLAPPED {
    let offset = OVERLAPPED_0_0 { Offset: offset as u32, OffsetHigh: (offset >> 32) as u32 };
    OVERLAPPED { Anonymous: OVERLAPPED_0 { Anonymous: offset }, ..OVERLAPPED::default() }
}

/// Tries to lock a range, without waiting; returns false if another handle has a part of it locked.
fn lock(file: &ShmFile, mode: LockMode, from: u64, bytes: u64) -> Result<bool> {
    let flags = match mode {
        LockMode::Shared => LOCKFILE_FAIL_IMMEDIATELY,
        LockMode::Exclusive => LOCKFILE_FAIL_IMMEDIATELY | LOCKFILE_EXCLUSIVE_LOCK,
    };
    let mut overlapped = overlapped_at(from);
    // SAFETY: `file` keeps the handle open. The handle was not opened for overlapped I/O, so the call has completed
    // when it returns, and `overlapped` is valid for reads and writes until then.
    if unsafe { LockFileEx(file.raw(), flags, 0, bytes as u32, 0, &raw mut overlapped) } != 0 {
        return Ok(true);
    }
    let error = OsError::last("LockFileEx");
    match error.errno as u32 {
        ERROR_LOCK_VIOLATION | ERROR_IO_PENDING => Ok(false),
        _ => Err(error.at(file.path())),
    }
}

fn unlock_range(file: &ShmFile, from: u64, bytes: u64) {
    let mut overlapped = overlapped_at(from);
    // If foreign code closed the handle, its locks are released already.
    // SAFETY: the call checks the handle; it has completed when it returns, and `overlapped` is valid until then.
    unsafe { UnlockFileEx(file.raw(), 0, bytes as u32, 0, &raw mut overlapped) };
}

/// Runs `with` under the lock of the OPERATION byte.
fn serialized<R>(file: &ShmFile, with: impl FnOnce() -> Result<R>) -> Result<R> {
    let start = Instant::now();
    let mut attempts = 0;
    while !lock(file, LockMode::Exclusive, OPERATION_BYTE, 1)? {
        if start.elapsed() > TIMEOUT {
            return Err(OsError::new("wait for another lock operation on", code::BUSY).at(file.path()));
        }
        attempts += 1;
        if attempts < YIELDING_ATTEMPTS {
            std::thread::yield_now()
        } else {
            std::thread::sleep(Duration::from_millis(1))
        }
    }
    let result = with();
    unlock_range(file, OPERATION_BYTE, 1);
    result
}

/// Tries to lock one byte; returns false if another handle has it locked.
pub(in crate::liveness) fn try_lock(file: &ShmFile, mode: LockMode, byte: u64) -> Result<bool> {
    serialized(file, || lock(file, mode, byte, 1))
}

/// Unlocks one byte.
pub(in crate::liveness) fn unlock(file: &ShmFile, byte: u64) {
    unlock_range(file, byte, 1);
}

/// Returns whether another handle has any of the `bytes` bytes at `from` locked so that `mode` conflicts.
pub(in crate::liveness) fn has_conflict(
    file: &ShmFile,
    mode: LockMode,
    from: u64,
    bytes: u64,
) -> Result<bool> {
    serialized(file, || {
        let is_free = lock(file, mode, from, bytes)?;
        if is_free {
            unlock_range(file, from, bytes);
        }
        Ok(!is_free)
    })
}
