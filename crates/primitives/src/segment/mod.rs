//! Segments: named memory without any structure, for whatever a program puts there.
//!
//! - **S1** Whoever has mapped a part of a segment's file may touch it at any time: the file never gets
//!   shorter, and no mapping ever moves. Memory beyond the capacity is given back by punching holes.
//! - **S2** The capacity word alone says how far reading and writing may go; it is the one store that
//!   commits a change (`resize`).
//! - **S3** Bytes at and beyond the capacity are made zero before the capacity grows over them, so what
//!   others wrote there too late is never seen.
//! - **S4** One thread at a time changes the capacity or appends, for which it holds a lock that names its
//!   process; the next one after a death finishes what was left (`trim`).
//!
//! Between two processes that read and write the same bytes there is no order: that is for locks.

#![allow(unsafe_code, reason = "reads and writes memory that callers pass as pointers")]

mod file;
mod resize;
#[cfg(test)]
mod tests;
mod trim;

pub use file::{CAPACITY, DATA, FORMAT, MOST_BYTES, RawOptions, SIZE};

use file::{INTENT, OPENINGS, whole_pages};
use shmkit_object::error::{Error, Result};
use shmkit_object::membership::Membership;
use shmkit_os::map::{Access, Memory, Source};
use shmkit_os::shm::{self, ShmFile};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};

/// An attached segment.
#[derive(Debug)]
pub struct RawSegment {
    membership: Membership,
    /// An opening of our own: for mapping more, and for growing.
    file: ShmFile,
    /// The newest mapping of the data. Older ones live as long as somebody has views of them.
    data: Mutex<Option<Arc<Memory>>>,
}

impl RawSegment {
    fn of(membership: Membership, file: ShmFile) -> Result<RawSegment> {
        Ok(RawSegment { membership, file, data: Mutex::default() })
    }

    /// Bytes that may be used. O(1).
    pub fn capacity(&self) -> u64 {
        self.membership.region.load(CAPACITY)
    }

    /// Bytes that are used. O(1), unless a dead process left something half done.
    ///
    /// # Errors
    /// [`Error::Retired`]; those of finishing what was left.
    pub fn size(&self) -> Result<u64> {
        self.settle()?;
        Ok(self.used())
    }

    fn used(&self) -> u64 {
        self.membership.region.load(SIZE).min(self.capacity())
    }

    /// How often a process has registered, its maker included.
    pub fn openings(&self) -> u64 {
        self.membership.region.load(OPENINGS)
    }

    /// Memory of at least the present capacity; `None` if that is 0. A mapping that somebody has got
    /// stays valid, and shows the segment, as long as it is kept.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the file is shorter than it says; [`Error::System`] if it cannot be mapped.
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
            shm::Access::ReadOnly => Access::Read,
            shm::Access::ReadWrite => Access::ReadWrite,
        };
        let memory = Arc::new(self.map(access, capacity)?);
        *data = Some(memory.clone());
        Ok(Some(memory))
    }

    /// Memory for views that must not be written: private, so that a stray store harms nobody.
    ///
    /// # Errors
    /// As [`RawSegment::memory`].
    pub fn private_memory(&self) -> Result<Option<Arc<Memory>>> {
        match self.capacity() {
            0 => Ok(None),
            capacity => Ok(Some(Arc::new(self.map(Access::Copy, capacity)?))),
        }
    }

    fn map(&self, access: Access, capacity: u64) -> Result<Memory> {
        // The word is untrusted: what is mapped must be there.
        let length = whole_pages(capacity.min(MOST_BYTES));
        if capacity > MOST_BYTES || self.file.status()?.size < DATA + length {
            return Err(Error::Corrupt(format!("the file is too short for a capacity of {capacity} bytes")));
        }
        let source = Source {
            file: Some(self.file.as_fd()),
            access,
            offset: DATA,
            length: length as usize,
            execute: false,
            populate: false,
            is_stable: true,
        };
        Ok(Memory::map(&source)?)
    }

    /// Copies bytes within `size` out. O(`length`).
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

    /// Bytes within `size`. O(`length`).
    ///
    /// # Errors
    /// As [`RawSegment::read_to`].
    pub fn read(&self, offset: u64, length: usize) -> Result<Vec<u8>> {
        check_range(offset, length, self.size()?)?;
        let mut bytes = vec![0; length];
        // SAFETY: the vector is that long.
        unsafe { self.read_to(offset, bytes.as_mut_ptr(), length) }?;
        Ok(bytes)
    }

    /// Copies bytes in, within the capacity; `size` grows to their end. O(`length`).
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
        // Nothing, wherever it is written, is behind nothing.
        if length > 0 {
            self.raise_size(offset + length as u64);
        }
        Ok(())
    }

    /// Copies bytes in; see [`RawSegment::write_from`].
    ///
    /// # Errors
    /// As [`RawSegment::write_from`].
    pub fn write(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        // SAFETY: the slice is that long.
        unsafe { self.write_from(offset, bytes.as_ptr(), bytes.len()) }
    }

    /// Release: who sees the size sees the bytes.
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

    /// Finishes what a dead process left half done, if nobody else is at it. One load if there is nothing.
    fn settle(&self) -> Result<()> {
        self.membership.live_epoch()?;
        if self.membership.region.load(INTENT) != 0 && !self.membership.is_read_only() {
            self.finish_for_the_dead()?;
        }
        Ok(())
    }
}

fn check_range(offset: u64, length: usize, end: u64) -> Result<()> {
    if offset <= end && length as u64 <= end - offset {
        return Ok(());
    }
    Err(Error::OutOfRange(format!("{length} bytes from {offset} on, and there are {end}")))
}
