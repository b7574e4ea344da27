//! Changing the capacity, for all processes.
//!
//! | step | consequence of a death after it |
//! |---|---|
//! | hold the lock of S4 | the next process that acquires it takes it over, and completes a trim |
//! | shrink: store the capacity, **commit** | bytes past it take space until the next change |
//! | shrink: cut the size | the size counts up to the capacity anyway |
//! | shrink: punch everything past the capacity | done |
//! | grow: punch everything past the capacity | as before, and zero |
//! | grow: reserve the space, making the file longer | it is reserved until the next change, and zero |
//! | grow: store the capacity, **commit** | done |
//!
//! Every change punches to the end of the file, so it cleans up after all deaths before it.

use super::file::{CAPACITY, DATA, INTENT, LOCK, PROGRESS, SIZE, check_capacity, whole_pages};
use super::{SharedSegment, check_range};
use shmkit_object::error::{Error, Result};
use shmkit_object::lock::{Guard, Lockable, Recover};
use shmkit_object::membership::Membership;
use shmkit_os::OsError;
use shmkit_os::shm::{Directory, FileSystem};
use std::time::Duration;

/// The held lock of S4.
pub(super) type ChangeGuard<'s> = Guard<&'s SharedSegment>;

impl Lockable for SharedSegment {
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

impl Recover for SharedSegment {
    fn is_dirty(&self) -> bool {
        self.membership.region.load(INTENT) != 0
    }

    fn finish(&self) -> Result<()> {
        self.finish_trim()
    }
}

impl SharedSegment {
    /// Sets the capacity, for all processes. Data past it is discarded, and `size` follows; mappings stay, and
    /// lose only their content there. O(bytes gained or discarded).
    ///
    /// # Errors
    /// [`Error::NoSpace`], with nothing changed; [`Error::OutOfRange`], [`Error::LockTimeout`] if a
    /// living process holds the lock and makes no progress for `timeout`; [`Error::ReadOnly`],
    /// [`Error::Retired`], [`Error::System`].
    pub fn set_capacity(&self, bytes: u64, timeout: Duration) -> Result<()> {
        check_capacity(bytes)?;
        let _guard = self.change(timeout)?;
        self.resize(bytes)
    }

    /// Appends bytes at `size`, which grows, as does the capacity if needed. Concurrent appends do not overlap.
    ///
    /// # Errors
    /// As [`SharedSegment::set_capacity`], and [`Error::Truncated`].
    ///
    /// # Safety
    /// `source` is valid for reads of `length` bytes.
    pub unsafe fn append_from(&self, source: *const u8, length: usize, timeout: Duration) -> Result<()> {
        let _guard = self.change(timeout)?;
        let size = self.used();
        // The new size must be the end of what is appended.
        self.cut_size();
        let end = size + length as u64;
        check_capacity(end)?;
        if end > self.capacity() {
            self.resize(end)?;
        }
        // SAFETY: by the caller's promise.
        unsafe { self.write_from(size, source, length) }
    }

    /// Appends bytes; see [`SharedSegment::append_from`].
    ///
    /// # Errors
    /// As [`SharedSegment::append_from`].
    pub fn append(&self, bytes: &[u8], timeout: Duration) -> Result<()> {
        // SAFETY: the slice is that long.
        unsafe { self.append_from(bytes.as_ptr(), bytes.len(), timeout) }
    }

    /// Acquires the lock of S4, and completes what a dead holder left.
    pub(super) fn change(&self, timeout: Duration) -> Result<ChangeGuard<'_>> {
        self.membership.check_writable()?;
        self.membership.live_epoch()?;
        let guard = Guard::acquire(self, timeout)?;
        self.note_progress();
        Ok(guard)
    }

    /// Completes what a dead holder left, unless a living one holds the lock.
    pub(super) fn try_recover(&self) -> Result<()> {
        Guard::try_acquire(self).map(drop)
    }

    /// Counts a step, so that waiters see progress.
    pub(super) fn note_progress(&self) {
        self.membership.region.hint_add(PROGRESS, 1);
    }

    /// Sets the capacity. The caller must hold the lock of S4.
    pub(super) fn resize(&self, bytes: u64) -> Result<()> {
        let region = &self.membership.region;
        let current = self.capacity();
        self.cut_size();
        if bytes < current {
            region.store(CAPACITY, bytes);
            self.cut_size();
            self.file.punch(DATA + bytes)?;
        } else if bytes > current {
            self.file.punch(DATA + current)?;
            self.reserve(current, bytes)?;
            region.store(CAPACITY, bytes);
        }
        self.note_progress();
        Ok(())
    }

    /// Reverts a size stored by a writer that had not yet seen a smaller capacity, so that it does not count when
    /// the capacity grows over it. Never changes a size that a writer has just raised.
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

    fn reserve(&self, current: u64, bytes: u64) -> Result<()> {
        let (from, to) = (DATA + whole_pages(current), DATA + whole_pages(bytes));
        let no_space = |free, hint: &str| Error::NoSpace {
            needed: to - from,
            free,
            dir: self.file.directory().display().to_string(),
            hint: hint.to_owned(),
        };
        let free = FileSystem::of(&Directory::open(self.file.directory())?)?.free_bytes;
        if let Some(free) = free.filter(|free| *free < to - from) {
            return Err(no_space(free, "; the segment is unchanged"));
        }
        let reserved = self.file.extend(from, to, || self.note_progress());
        reserved.map_err(|error: OsError| {
            // What was reserved is returned; if even that fails, the next change does it.
            let _ = self.file.punch(DATA + current);
            if error.is_no_space() { no_space(free.unwrap_or(0), "") } else { error.into() }
        })
    }

    /// Drops the first `offset` bytes, then sets the capacity to the remaining size. O(remaining bytes).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] past the size; those of [`SharedSegment::set_capacity`], and [`Error::Truncated`].
    pub fn trim(&self, offset: u64, timeout: Duration) -> Result<()> {
        let _guard = self.change(timeout)?;
        let size = self.used();
        check_range(offset, 0, size)?;
        if offset == 0 {
            return self.resize(size);
        }
        self.begin_trim(offset, size - offset);
        self.finish_trim()
    }
}
