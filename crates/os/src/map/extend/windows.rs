//! Windows: sets the length, which fails at once if it cannot be had, and writes zeros. NTFS allocates space when it
//! extends a file, but other file systems, and compressed or sparse folders, do so only for what is written.

use crate::error::{OsError, Result};
use std::fs::File;
use std::os::windows::fs::FileExt;

/// Written at a time.
static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

pub(super) fn reserve(file: &File, from: u64, bytes: u64) -> Result<()> {
    let failed = |call| move |error: std::io::Error| OsError::from_io(call, &error);
    file.set_len(from + bytes).map_err(failed("SetEndOfFile"))?;
    let mut done = 0;
    while done < bytes {
        let part = ZEROS.len().min((bytes - done) as usize);
        done += file.seek_write(&ZEROS[..part], from + done).map_err(failed("WriteFile"))? as u64;
    }
    Ok(())
}
