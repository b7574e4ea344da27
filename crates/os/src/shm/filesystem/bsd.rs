//! macOS and FreeBSD: a flag marks local file systems.

#![allow(unsafe_code, reason = "calls fstatfs")]

use super::FileSystem;
use crate::error::{Result, retry};
use crate::shm::Directory;
use std::mem::MaybeUninit;

#[allow(clippy::unnecessary_cast, reason = "the fields' types differ between the two")]
pub(super) fn of(dir: &Directory) -> Result<FileSystem> {
    let mut raw = MaybeUninit::<libc::statfs>::zeroed();
    // SAFETY: `dir` keeps the descriptor open; the pointer is valid for writes of a `statfs`.
    retry("statfs", || unsafe { libc::fstatfs(dir.raw(), raw.as_mut_ptr()) })
        .map_err(|error| error.at(dir.path()))?;
    // SAFETY: `statfs` consists of integers, so zeroed memory is a valid value, which the successful call has filled.
    let raw = unsafe { raw.assume_init() };
    let is_local = raw.f_flags as u64 & libc::MNT_LOCAL as u64 != 0;
    let free = (raw.f_bavail as i64).max(0) as u64;
    Ok(FileSystem {
        remote: (!is_local).then_some("a file system that is not local"),
        free_bytes: (raw.f_blocks > 0).then(|| free.saturating_mul(raw.f_bsize as u64)),
        free_files: (raw.f_files > 0).then(|| (raw.f_ffree as i64).max(0) as u64),
    })
}
