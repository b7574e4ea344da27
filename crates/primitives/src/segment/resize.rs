//! Changing the capacity, for everybody.
//!
//! | step | if it dies behind this step |
//! |---|---|
//! | hold the lock of S4 | the next process that wants it takes it over, and finishes a trim |
//! | shrink: store the capacity, **commit** | bytes behind it take space until the next change |
//! | shrink: cut the size | the size counts up to the capacity anyway |
//! | shrink: punch all behind the capacity | done |
//! | grow: punch all behind the capacity | as before, and zero |
//! | grow: take the space, making the file longer | it is taken until the next change, and zero |
//! | grow: store the capacity, **commit** | done |
//!
//! Every change punches to the end of the file, so it cleans up after all that died before it.

use super::file::{CAPACITY, DATA, INTENT, LOCK, PROGRESS, SIZE, check_capacity, whole_pages};
use super::{RawSegment, check_range};
use shmkit_object::error::{Error, Result};
use shmkit_object::lock::{Guard, Lockable, Recover};
use shmkit_object::membership::Membership;
use shmkit_os::OsError;
use shmkit_os::shm::{Directory, FileSystem};
use std::time::Duration;

/// The right to change the capacity; see S4.
pub(super) type Changing<'s> = Guard<&'s RawSegment>;

impl Lockable for RawSegment {
    fn membership(&self) -> &Membership {
        &self.membership
    }

    fn lock_at(&self) -> u64 {
        LOCK
    }

    fn progress(&self) -> u64 {
        self.membership.region.load(PROGRESS)
    }
}

impl Recover for RawSegment {
    fn is_dirty(&self) -> bool {
        self.membership.region.load(INTENT) != 0
    }

    fn finish(&self) -> Result<()> {
        self.finish_trim()
    }
}

impl RawSegment {
    /// Makes the capacity that many bytes, for everybody. Data behind it is lost and `size` follows; no
    /// mapping loses anything but its content there. O(bytes that are given up or gained).
    ///
    /// # Errors
    /// [`Error::NoSpace`], with nothing changed; [`Error::OutOfRange`], [`Error::LockTimeout`] if a
    /// living process is at it and makes no progress for that long; [`Error::ReadOnly`],
    /// [`Error::Retired`], [`Error::System`].
    pub fn set_capacity(&self, bytes: u64, timeout: Duration) -> Result<()> {
        check_capacity(bytes)?;
        let _changing = self.change(timeout)?;
        self.resize(bytes)
    }

    /// Copies bytes behind `size`, which grows, and the capacity with it if need be. Of several at once,
    /// each gets its own place.
    ///
    /// # Errors
    /// As [`RawSegment::set_capacity`], and [`Error::Truncated`].
    ///
    /// # Safety
    /// `source` is valid for reads of `length` bytes.
    pub unsafe fn append_from(&self, source: *const u8, length: usize, timeout: Duration) -> Result<()> {
        let _changing = self.change(timeout)?;
        let size = self.used();
        // So that the new size is the end of what is appended.
        self.cut_size();
        let end = size + length as u64;
        check_capacity(end)?;
        if end > self.capacity() {
            self.resize(end)?;
        }
        // SAFETY: by the caller's promise.
        unsafe { self.write_from(size, source, length) }
    }

    /// As [`RawSegment::append_from`].
    ///
    /// # Errors
    /// As [`RawSegment::append_from`].
    pub fn append(&self, bytes: &[u8], timeout: Duration) -> Result<()> {
        // SAFETY: the slice is that long.
        unsafe { self.append_from(bytes.as_ptr(), bytes.len(), timeout) }
    }

    /// Gets the right to change the capacity, after finishing what a dead holder left.
    pub(super) fn change(&self, timeout: Duration) -> Result<Changing<'_>> {
        self.membership.check_writable()?;
        self.membership.live_epoch()?;
        let changing = Guard::acquire(self, timeout)?;
        self.note_progress();
        Ok(changing)
    }

    /// As `change`, if it takes no waiting.
    pub(super) fn finish_for_the_dead(&self) -> Result<()> {
        Guard::try_acquire(self).map(drop)
    }

    /// Tells those who wait that this process is at work.
    pub(super) fn note_progress(&self) {
        self.membership.region.hint_add(PROGRESS, 1);
    }

    /// The caller holds the lock of S4.
    pub(super) fn resize(&self, bytes: u64) -> Result<()> {
        let region = &self.membership.region;
        let present = self.capacity();
        self.cut_size();
        if bytes < present {
            region.store(CAPACITY, bytes);
            self.cut_size();
            self.file.punch(DATA + bytes)?;
        } else if bytes > present {
            self.file.punch(DATA + present)?;
            self.take_space(present, bytes)?;
            region.store(CAPACITY, bytes);
        }
        self.note_progress();
        Ok(())
    }

    /// Takes back what a writer stored who did not know of a smaller capacity yet, so that it does not
    /// count when the capacity grows over it. Never touches a size that a writer has just raised.
    fn cut_size(&self) {
        let region = &self.membership.region;
        let mut seen = region.load(SIZE);
        while seen > self.capacity() {
            match region.swap_if(SIZE, seen, self.capacity()) {
                Ok(()) => return,
                Err(now) => seen = now,
            }
        }
    }

    fn take_space(&self, present: u64, bytes: u64) -> Result<()> {
        let (from, to) = (DATA + whole_pages(present), DATA + whole_pages(bytes));
        let no_space = |free, hint: &str| Error::NoSpace {
            needed: to - from,
            free,
            dir: self.file.folder().display().to_string(),
            hint: hint.to_owned(),
        };
        let free = FileSystem::of(&Directory::open(self.file.folder())?)?.free_bytes;
        if let Some(free) = free.filter(|free| *free < to - from) {
            return Err(no_space(free, "; the segment is as it was"));
        }
        let taken = self.file.extend(from, to, || self.note_progress());
        taken.map_err(|error: OsError| {
            // What could be taken is given back; if even that fails, the next change does it.
            let _ = self.file.punch(DATA + present);
            if error.is_no_space() { no_space(free.unwrap_or(0), "") } else { error.into() }
        })
    }

    /// Drops the first `offset` bytes, then makes the capacity the size that is left. O(bytes that are left).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] beyond the size; as [`RawSegment::set_capacity`], and [`Error::Truncated`].
    pub fn trim(&self, offset: u64, timeout: Duration) -> Result<()> {
        let _changing = self.change(timeout)?;
        let size = self.used();
        check_range(offset, 0, size)?;
        if offset == 0 {
            return self.resize(size);
        }
        self.begin_trim(offset, size - offset);
        self.finish_trim()
    }
}
