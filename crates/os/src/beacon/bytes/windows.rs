//! Windows: byte-range locks of a handle (`LockFileEx`), far behind the end of the file.
//!
//! Nobody can ask whether a byte is locked: one has to try, and while one has it, others who try are
//! refused. So whoever tries holds the TRYING byte for these few microseconds, and everybody sees the same
//! order of events. Who finds that byte taken waits for it; a process that is stopped in between makes
//! others give up after two seconds, with an error and not with a wrong answer.

use super::Hold;
use crate::beacon::{FIRST_SLOT_BYTE, MAX_SLOTS};
use crate::error::{OsError, Result, code};
use crate::shm::ShmFile;
use std::time::{Duration, Instant};
use windows_sys::Win32::Foundation::{ERROR_IO_PENDING, ERROR_LOCK_VIOLATION};
use windows_sys::Win32::Storage::FileSystem::{
    LOCKFILE_EXCLUSIVE_LOCK, LOCKFILE_FAIL_IMMEDIATELY, LockFileEx, UnlockFileEx,
};
use windows_sys::Win32::System::IO::{OVERLAPPED, OVERLAPPED_0, OVERLAPPED_0_0};

const TRYING_BYTE: u64 = FIRST_SLOT_BYTE + MAX_SLOTS as u64;
const PATIENCE: Duration = Duration::from_secs(2);
/// Looks that only yield the processor; later ones sleep.
const HASTY_LOOKS: u32 = 200;

fn at(offset: u64) -> OVERLAPPED {
    let place = OVERLAPPED_0_0 { Offset: offset as u32, OffsetHigh: (offset >> 32) as u32 };
    OVERLAPPED { Anonymous: OVERLAPPED_0 { Anonymous: place }, ..OVERLAPPED::default() }
}

/// Locks a range, without waiting; false if another handle holds a part of it.
fn lock(file: &ShmFile, hold: Hold, from: u64, bytes: u64) -> Result<bool> {
    let flags = match hold {
        Hold::Shared => LOCKFILE_FAIL_IMMEDIATELY,
        Hold::Exclusive => LOCKFILE_FAIL_IMMEDIATELY | LOCKFILE_EXCLUSIVE_LOCK,
    };
    let mut place = at(from);
    // SAFETY: the handle is open and not overlapped, so the call is over when it returns; `place` outlives it.
    if unsafe { LockFileEx(file.raw(), flags, 0, bytes as u32, 0, &raw mut place) } != 0 {
        return Ok(true);
    }
    let error = OsError::last("LockFileEx");
    match error.errno as u32 {
        ERROR_LOCK_VIOLATION | ERROR_IO_PENDING => Ok(false),
        _ => Err(error.at(file.path())),
    }
}

fn unlock_range(file: &ShmFile, from: u64, bytes: u64) {
    let mut place = at(from);
    // A handle that is not valid any more took its locks along.
    // SAFETY: as in `lock`.
    unsafe { UnlockFileEx(file.raw(), 0, bytes as u32, 0, &raw mut place) };
}

/// Runs `with` while nobody else tries anything.
fn alone<R>(file: &ShmFile, with: impl FnOnce() -> Result<R>) -> Result<R> {
    let start = Instant::now();
    let mut looks = 0;
    while !lock(file, Hold::Exclusive, TRYING_BYTE, 1)? {
        if start.elapsed() > PATIENCE {
            return Err(OsError::new("wait for who looks at the locks of", code::BUSY).at(file.path()));
        }
        looks += 1;
        if looks < HASTY_LOOKS {
            std::thread::yield_now()
        } else {
            std::thread::sleep(Duration::from_millis(1))
        }
    }
    let result = with();
    unlock_range(file, TRYING_BYTE, 1);
    result
}

/// Locks one byte; false if another opening of the file holds it.
pub(in crate::beacon) fn try_lock(file: &ShmFile, hold: Hold, byte: u64) -> Result<bool> {
    alone(file, || lock(file, hold, byte, 1))
}

/// Lets go of one byte.
pub(in crate::beacon) fn unlock(file: &ShmFile, byte: u64) {
    unlock_range(file, byte, 1);
}

/// True if another opening of the file holds one of `bytes` bytes from `from`, in whatever way.
pub(in crate::beacon) fn is_locked(file: &ShmFile, from: u64, bytes: u64) -> Result<bool> {
    alone(file, || {
        let is_free = lock(file, Hold::Exclusive, from, bytes)?;
        if is_free {
            unlock_range(file, from, bytes);
        }
        Ok(!is_free)
    })
}
