//! Segments: named memory without structure, for any bytes that a program puts there.
//!
//! - **S1** A process that has mapped a part of a segment's file may access it at any time: the file never gets
//!   shorter, and no mapping ever moves. Memory past the capacity is returned by punching holes.
//! - **S2** The capacity word alone bounds reads and writes; storing it is the single store that commits a
//!   change (`resize`).
//! - **S3** Bytes at and past the capacity are zeroed before the capacity grows over them, so late writes of
//!   other processes never become visible there.
//! - **S4** One thread at a time changes the capacity or appends, holding a lock that names its process; after
//!   a death, the next one completes what was left (`trim`).
//!
//! Reads and writes of the same bytes by two processes are not ordered: programs use locks for that.

#![allow(unsafe_code, reason = "reads and writes memory that callers pass as pointers")]

mod file;
mod resize;
#[cfg(test)]
mod tests;
mod trim;

pub use file::SegmentOptions;

use file::{CAPACITY, DATA, INTENT, MAX_BYTES, OPENINGS, SIZE, whole_pages};
use shmkit_object::error::{Error, Result};
use shmkit_object::membership::Membership;
use shmkit_os::OsError;
use shmkit_os::descriptor::borrow_file;
use shmkit_os::map::{MapAccess, Memory, Source};
use shmkit_os::shm::{self, ShmFile};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// An attached segment.
#[derive(Debug)]
pub struct SharedSegment {
    membership: Membership,
    /// An opening of our own, for further mappings and for growing the file.
    file: ShmFile,
    /// The newest mapping of the data. Older ones live as long as there are views of them.
    data: Mutex<Option<Arc<Memory>>>,
    /// Set once all mappings are to be kept in memory.
    is_kept: OnceLock<()>,
}

impl SharedSegment {
    fn of(membership: Membership, file: ShmFile) -> Result<SharedSegment> {
        Ok(SharedSegment { membership, file, data: Mutex::default(), is_kept: OnceLock::new() })
    }

    /// Returns the bytes that can be used. O(1).
    pub fn capacity(&self) -> u64 {
        self.membership.region.load(CAPACITY)
    }

    /// Returns the bytes in use. O(1), unless a dead process left a change unfinished.
    ///
    /// # Errors
    /// [`Error::Retired`]; those of completing the change.
    pub fn size(&self) -> Result<u64> {
        self.settle()?;
        Ok(self.used())
    }

    fn used(&self) -> u64 {
        self.membership.region.load(SIZE).min(self.capacity())
    }

    /// Returns how often a process has registered, including the creator.
    pub fn openings(&self) -> u64 {
        self.membership.region.load(OPENINGS)
    }

    /// Returns a mapping of at least the present capacity, or `None` if that is 0. A mapping stays valid, and
    /// shows the segment, as long as it is kept.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the file is shorter than its capacity; [`Error::System`] if it cannot be mapped.
    pub fn memory(&self) -> Result<Option<Arc<Memory>>> {
        let capacity = self.capacity();
        if capacity == 0 {
            return Ok(None);
        }
        let mut data = self.data.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(memory) = data.as_ref().filter(|memory| memory.len() as u64 >= capacity) {
            return Ok(Some(memory.clone()));
        }
        let access = match self.file.access() {
            shm::Access::ReadOnly => MapAccess::Read,
            shm::Access::ReadWrite => MapAccess::ReadWrite,
        };
        let memory = Arc::new(self.map(access, capacity)?);
        if self.is_kept.get().is_some() {
            memory.lock()?;
        }
        *data = Some(memory.clone());
        Ok(Some(memory))
    }

    /// Keeps the data in memory, however much it becomes; the rest of the file has none.
    fn keep_data_in_memory(&self) -> std::result::Result<(), OsError> {
        let _ = self.is_kept.set(());
        let data = self.data.lock().unwrap_or_else(PoisonError::into_inner);
        data.as_ref().map_or(Ok(()), |memory| memory.lock())
    }

    /// Returns a private mapping, for views of read-only handles: a store into it affects no other process.
    ///
    /// # Errors
    /// As [`SharedSegment::memory`].
    pub fn private_memory(&self) -> Result<Option<Arc<Memory>>> {
        match self.capacity() {
            0 => Ok(None),
            capacity => Ok(Some(Arc::new(self.map(MapAccess::Copy, capacity)?))),
        }
    }

    fn map(&self, access: MapAccess, capacity: u64) -> Result<Memory> {
        // The word is untrusted: the file must really be that long.
        let length = whole_pages(capacity.min(MAX_BYTES));
        let status = self.file.status()?;
        if capacity > MAX_BYTES || status.size < DATA + length {
            return Err(Error::Corrupt(format!("the file is too short for a capacity of {capacity} bytes")));
        }
        if !status.has_storage_for(DATA + length) {
            let allocated = status.allocated;
            return Err(Error::Corrupt(format!(
                "the file has {allocated} bytes of storage, too few for a capacity of {capacity} bytes"
            )));
        }
        let source = Source {
            file: Some(borrow_file(&self.file)),
            access,
            offset: DATA,
            length: length as usize,
            execute: false,
            populate: false,
            is_stable: true,
        };
        Ok(Memory::map(&source)?)
    }

    /// Copies bytes within `size` to `target`. O(`length`).
    ///
    /// # Errors
    /// [`Error::OutOfRange`]; [`Error::Retired`], [`Error::Corrupt`], [`Error::Truncated`].
    ///
    /// # Safety
    /// `target` is valid for writes of `length` bytes.
    pub unsafe fn read_to(&self, offset: u64, target: *mut u8, length: usize) -> Result<()> {
        self.settle()?;
        check_range(offset, length, self.used())?;
        match self.memory()? {
            // SAFETY: by the caller's promise.
            Some(memory) => Ok(unsafe { memory.read(offset as usize, target, length) }?),
            None => Ok(()),
        }
    }

    /// Returns bytes within `size`. O(`length`).
    ///
    /// # Errors
    /// As [`SharedSegment::read_to`].
    pub fn read(&self, offset: u64, length: usize) -> Result<Vec<u8>> {
        check_range(offset, length, self.size()?)?;
        let mut bytes = vec![0; length];
        // SAFETY: the vector is that long.
        unsafe { self.read_to(offset, bytes.as_mut_ptr(), length) }?;
        Ok(bytes)
    }

    /// Writes bytes within the capacity, and raises `size` to their end. O(`length`).
    ///
    /// # Errors
    /// [`Error::OutOfRange`], with nothing written; [`Error::ReadOnly`], [`Error::Retired`],
    /// [`Error::Corrupt`], [`Error::Truncated`].
    ///
    /// # Safety
    /// `source` is valid for reads of `length` bytes.
    pub unsafe fn write_from(&self, offset: u64, source: *const u8, length: usize) -> Result<()> {
        self.membership.check_writable()?;
        self.settle()?;
        check_range(offset, length, self.capacity())?;
        let Some(memory) = self.memory()? else { return Ok(()) };
        // SAFETY: by the caller's promise.
        unsafe { memory.write(offset as usize, source, length) }?;
        // Writing no bytes at any offset leaves the size as it is.
        if length > 0 {
            self.raise_size(offset + length as u64);
        }
        Ok(())
    }

    /// Writes bytes; see [`SharedSegment::write_from`].
    ///
    /// # Errors
    /// As [`SharedSegment::write_from`].
    pub fn write(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        // SAFETY: the slice is that long.
        unsafe { self.write_from(offset, bytes.as_ptr(), bytes.len()) }
    }

    /// Raises `size` to at least `end`. Release: pairs with the Acquire load in `used`, so that a reader that sees
    /// the size sees the bytes.
    fn raise_size(&self, end: u64) {
        let region = &self.membership.region;
        let mut seen = region.load(SIZE);
        while seen < end {
            match region.swap_if(SIZE, seen, end) {
                Ok(()) => return,
                Err(now) => seen = now,
            }
        }
    }

    /// Completes a change that a dead process left unfinished, unless another participant is doing so. One load
    /// if there is none.
    fn settle(&self) -> Result<()> {
        self.membership.live_epoch()?;
        if self.membership.region.load(INTENT) != 0 && !self.membership.is_read_only() {
            self.try_recover()?;
        }
        Ok(())
    }
}

fn check_range(offset: u64, length: usize, end: u64) -> Result<()> {
    if offset <= end && length as u64 <= end - offset {
        return Ok(());
    }
    Err(Error::OutOfRange(format!("{length} bytes from offset {offset}, but there are {end}")))
}
