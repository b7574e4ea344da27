//! Linux: a magic number identifies the kind of file system.

#![allow(unsafe_code, reason = "calls fstatfs")]

use super::FileSystem;
use crate::error::{Result, retry};
use crate::shm::Directory;
use std::mem::MaybeUninit;

/// File systems whose files other machines may share. Two machines share neither memory nor these locks, so they
/// would corrupt a file there. FUSE is included because it may lead to any file system.
const REMOTE: [(i64, &str); 16] = [
    (0x0000_6969, "NFS"),
    (0x0000_517B, "SMB"),
    (0xFF53_4D42, "CIFS"),
    (0xFE53_4D42, "SMB2"),
    (0x0102_1997, "9P"),
    (0x6573_5546, "FUSE"),
    (0x00C3_6400, "Ceph"),
    (0x5346_414F, "AFS"),
    (0x6B41_4653, "kAFS"),
    (0x7375_7245, "Coda"),
    (0x0116_1970, "GFS2"),
    (0x7461_636F, "OCFS2"),
    (0x0BD0_0BD0, "Lustre"),
    (0x4750_4653, "GPFS"),
    (0x786F_4256, "VirtualBox shared folder"),
    (0xBACB_ACBC, "VMware shared folder"),
];

#[allow(clippy::unnecessary_cast, reason = "the fields' types differ between C libraries")]
pub(super) fn of(dir: &Directory) -> Result<FileSystem> {
    let mut raw = MaybeUninit::<libc::statfs>::zeroed();
    // SAFETY: `dir` keeps the descriptor open; the pointer is valid for writes of a `statfs`.
    retry("statfs", || unsafe { libc::fstatfs(dir.raw(), raw.as_mut_ptr()) })
        .map_err(|error| error.at(dir.path()))?;
    // SAFETY: `statfs` consists of integers, so zeroed memory is a valid value, which the successful call has filled.
    let raw = unsafe { raw.assume_init() };
    let kind = i64::from(raw.f_type as u32);
    // A tmpfs of unlimited size, and file systems without inode tables, report a total of 0.
    let limited = |total: u64, free: u64| (total > 0).then_some(free);
    Ok(FileSystem {
        remote: REMOTE.iter().find(|(magic, _)| *magic == kind).map(|(_, name)| *name),
        free_bytes: limited(raw.f_blocks as u64, (raw.f_bavail as u64).saturating_mul(raw.f_bsize as u64)),
        free_files: limited(raw.f_files as u64, raw.f_ffree as u64),
    })
}
