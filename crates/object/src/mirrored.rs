//! Files with a head that is mapped once, followed by bytes that are mapped twice in a row, so that whatever runs past
//! their end continues at their start.
//!
//! Parameter 0 of the superblock is the number of these bytes, and parameter 1 their offset; both are whole pages,
//! and on Windows multiples of 64 KiB.

use crate::error::{Error, Result};
use crate::lifecycle::CreateParams;
use crate::participants::SLOTS;
use crate::region::{Memory, Region};
use crate::superblock::{PARTICIPANTS, Superblock};
use shmkit_os::map::granularity;
use shmkit_os::shm::{Mirrored, ShmFile};
use std::sync::Arc;

/// The most bytes that may follow the head.
const MAX_SIZE: u64 = 1 << 40;

/// Returns the parameters of a file with `size` bytes past the head, at offset `at`.
pub fn parameters(size: u64, at: u64) -> [u64; 8] {
    let mut parameters = [0; 8];
    [parameters[0], parameters[1]] = [size, at];
    parameters[PARTICIPANTS] = u64::from(SLOTS);
    parameters
}

/// Checks the parameters of a file of the kind `title` whose head has `head` bytes.
///
/// # Errors
/// [`Error::Layout`].
pub fn check(superblock: &Superblock, head: u64, title: &str) -> Result<()> {
    let [size, at, ..] = superblock.parameters;
    let unit = granularity() as u64;
    let is_ours = superblock.parameters == parameters(size, at) && superblock.size == head;
    let is_aligned = size.is_multiple_of(unit) && at.is_multiple_of(unit);
    if is_ours && is_aligned && (1..=MAX_SIZE).contains(&size) && (head..=MAX_SIZE).contains(&at) {
        return Ok(());
    }
    Err(Error::Layout(format!("the {title}'s parameters are not those of this build")))
}

/// Rounds a size up to whole pages; on Windows, to a multiple of 64 KiB.
///
/// # Errors
/// [`Error::OutOfRange`].
pub fn rounded(size: u64) -> Result<u64> {
    let pages = size.max(1).checked_next_multiple_of(granularity() as u64);
    pages
        .filter(|size| *size <= MAX_SIZE)
        .ok_or_else(|| Error::OutOfRange(format!("size is {size}, at most {MAX_SIZE}")))
}

/// Returns the parameters of a new file whose head has `head` bytes.
///
/// # Errors
/// [`Error::MissingOption`] without a size, [`Error::OutOfRange`].
pub fn create_params(size: Option<u64>, head: u64) -> Result<CreateParams> {
    let size = rounded(size.ok_or(Error::MissingOption("size"))?)?;
    let at = head.next_multiple_of(granularity() as u64);
    let tail = at - head + size;
    Ok(CreateParams { size: head, tail, parameters: parameters(size, at), ..CreateParams::default() })
}

/// Maps the bytes past the head twice. The file must have storage for all that its checked parameters say.
///
/// # Errors
/// [`Error::Corrupt`], and system errors.
pub fn map(superblock: &Superblock, file: &ShmFile, title: &str) -> Result<Region> {
    let [size, at, ..] = superblock.parameters;
    let status = file.status()?;
    if status.size != at + size {
        return Err(Error::Corrupt(format!("the file is not as long as the {title}'s parameters say")));
    }
    if !status.has_storage_for(at + size) {
        return Err(Error::Corrupt(format!("the file has less storage than the {title}'s parameters say")));
    }
    let memory: Arc<dyn Memory> = Arc::new(Mirrored::of(file, at, size as usize)?);
    Ok(Region::new(memory))
}
