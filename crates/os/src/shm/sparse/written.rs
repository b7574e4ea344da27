//! Systems whose file systems cannot reserve a part of a file: zeros are written to it, once.
//!
//! The file is mapped as a whole, and parts without memory are holes, which read as zeros. A record after its last byte
//! counts the units that were written. Zeros must never be written over a unit in use, so a participant that takes memory
//! holds a kernel lock, and looks at the record first. One that dies leaves units that the record does not count: no
//! participant uses them, and the next one writes them again.

#![allow(unsafe_code, reason = "locks pages in memory")]

use super::record::{Record, UNIT};
use crate::error::{OsError, Result, code};
use crate::liveness::TakeLock;
use crate::map::{page_size, pages};
use crate::process::exclude_fork;
use crate::shm::{Directory, FileSystem, Mapping, ShmFile};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A step takes some milliseconds; a participant that was stopped within one does not stop the others for ever.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(1);

/// The mapping of a file of which only parts have memory.
#[derive(Debug)]
pub struct SparseMapping {
    mapping: Mapping,
    len: usize,
    file: ShmFile,
    /// `None` if all of the file has memory.
    record: Option<Record>,
    /// Also excludes the threads that share this mapping: the kernel's lock belongs to its file.
    parts: Mutex<Parts>,
}

/// The parts that this process uses.
#[derive(Debug, Default)]
struct Parts {
    used: Vec<(u64, u64)>,
    /// Whether they stay in memory, never in swap.
    are_locked: bool,
}

impl SparseMapping {
    /// Extends an empty file to `len` bytes that take no memory yet; on file systems that cannot have such bytes, takes memory
    /// for all of them.
    ///
    /// # Errors
    /// Too large above the file size limit of the process; no space; other system errors.
    pub fn extend(file: &ShmFile, len: u64) -> Result<()> {
        let record = Record::of(len);
        if file.extend_sparse(record.end())? {
            file.fill_with_zeros(record.at(), record.end())
        } else {
            file.reserve(len)
        }
    }

    /// Returns the length of a file that was extended to `len` bytes: the record follows them.
    pub fn file_len(len: u64) -> u64 {
        Record::of(len).end()
    }

    /// Maps the first `len` bytes of a file.
    ///
    /// # Errors
    /// Those of [`Mapping::of`].
    pub fn of(file: ShmFile, len: usize) -> Result<SparseMapping> {
        let record = Record::of(len as u64);
        // A file without a record is one whose creator reserved all of it.
        let record = (file.status()?.size >= record.end()).then_some(record);
        let mapping = Mapping::of(&file, record.map_or(len, |record| record.end() as usize))?;
        Ok(SparseMapping { mapping, len, file, record, parts: Mutex::default() })
    }

    /// Returns whether the bytes from `from` to `to` have memory, so that they can be used.
    pub fn cover(&self, from: u64, to: u64) -> bool {
        let to = to.min(self.len as u64);
        from >= to
            || self.record.is_none_or(|record| record.has(&self.mapping, from, to))
                && self.use_part(&mut self.parts(), from, to).is_ok()
    }

    /// Takes memory for the bytes from `from` to `to`, and what shares a unit with them. Present bytes stay.
    ///
    /// # Errors
    /// No space; busy if another participant that takes memory does not end; other system errors.
    pub fn take(&self, from: u64, to: u64) -> Result<()> {
        let to = to.min(self.len as u64);
        if from >= to {
            return Ok(());
        }
        let mut parts = self.parts();
        if let Some(record) = self.record.filter(|record| !record.has(&self.mapping, from, to)) {
            self.write_missing(record, from, to)?;
        }
        self.use_part(&mut parts, from, to)
    }

    /// Writes zeros to the units that the record does not count, and counts them. The caller excludes the other threads.
    fn write_missing(&self, record: Record, from: u64, to: u64) -> Result<()> {
        if !self.is_intact() {
            return Err(OsError::new("take memory for", code::STALE).at(self.file.path()));
        }
        let fork = exclude_fork()?;
        let _lock = self.lock_others_out(&fork)?;
        for unit in from / UNIT..to.div_ceil(UNIT) {
            let (start, end) = (unit * UNIT, (unit + 1) * UNIT);
            if !record.has(&self.mapping, start, end.min(self.len as u64)) {
                self.file.fill_with_zeros(start, end.min(self.len as u64))?;
                record.count(&self.mapping, unit);
            }
        }
        Ok(())
    }

    fn lock_others_out<'a>(&'a self, fork: &'a crate::process::ForkExcluded) -> Result<TakeLock<'a>> {
        let end = Instant::now() + LONGEST_WAIT;
        loop {
            if let Some(lock) = TakeLock::try_acquire(fork, &self.file)? {
                return Ok(lock);
            }
            if Instant::now() > end {
                return Err(OsError::new("take memory for", code::BUSY).at(self.file.path()));
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Does nothing: parts can be taken on every file system.
    ///
    /// # Errors
    /// None.
    pub fn take_all(&self) -> Result<()> {
        Ok(())
    }

    /// Returns the bytes that the file system has free; `None` if it has no limit.
    pub fn free_bytes(&self) -> Option<u64> {
        let dir = Directory::open(self.file.directory()).ok()?;
        FileSystem::of(&dir).ok()?.free_bytes
    }

    /// Keeps all pages that are used, now and later, in memory, never in swap.
    ///
    /// # Errors
    /// Those of [`Mapping::lock`].
    pub fn lock(&self) -> Result<()> {
        let mut parts = self.parts();
        for &(from, to) in &parts.used {
            self.lock_part(from, to)?;
        }
        parts.are_locked = true;
        Ok(())
    }

    fn use_part(&self, parts: &mut Parts, from: u64, to: u64) -> Result<()> {
        parts.used.push((from, to));
        if parts.are_locked { self.lock_part(from, to) } else { Ok(()) }
    }

    fn lock_part(&self, from: u64, to: u64) -> Result<()> {
        let page = page_size() as u64;
        let start = from / page * page;
        let at = self.mapping.base().wrapping_add(start as usize);
        // SAFETY: the range is within the mapping, which `self` keeps, rounded to whole pages; the call changes no contents.
        unsafe { pages::lock(at, (to.next_multiple_of(page) - start) as usize) }
    }

    fn parts(&self) -> MutexGuard<'_, Parts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns false if foreign code closed our descriptor: its number may be another file's by now. (Programs do not close
    /// handles of Windows by number.)
    fn is_intact(&self) -> bool {
        cfg!(windows) || self.file.status().is_ok_and(|status| status.identity == self.file.identity())
    }

    /// Returns the address of the first byte, at the start of a page.
    pub fn base(&self) -> *mut u8 {
        self.mapping.base()
    }

    /// Returns the bytes that have addresses.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns false: an empty mapping cannot exist.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Returns whether the memory is writable; otherwise a store ends the process.
    pub fn is_writable(&self) -> bool {
        self.mapping.is_writable()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shm::Access;
    use crate::shm::testing::TestDirectory;

    const LEN: u64 = 1 << 20;

    fn file(test: &TestDirectory, access: Access) -> ShmFile {
        let path = test.path().join("a");
        if !path.exists() {
            std::fs::write(&path, []).unwrap();
            let file = test.open().open_file("a", Access::ReadWrite).unwrap();
            SparseMapping::extend(&file, LEN).unwrap();
        }
        test.open().open_file("a", access).unwrap()
    }

    fn mapped(test: &TestDirectory, access: Access) -> SparseMapping {
        SparseMapping::of(file(test, access), LEN as usize).unwrap()
    }

    fn byte(mapping: &SparseMapping, at: usize) -> u8 {
        // SAFETY: the offset is below the length of the mapping.
        unsafe { mapping.base().wrapping_add(at).read_volatile() }
    }

    fn store(mapping: &SparseMapping, at: usize, value: u8) {
        // SAFETY: the offset is below the length of the mapping, which is writable.
        unsafe { mapping.base().wrapping_add(at).write_volatile(value) };
    }

    #[test]
    fn a_part_that_was_not_taken_reads_as_zeros_and_is_not_covered() {
        let test = TestDirectory::new();
        let mapping = mapped(&test, Access::ReadWrite);
        assert_eq!((mapping.len(), byte(&mapping, 500_000)), (LEN as usize, 0));
        assert!(!mapping.cover(0, LEN) && !mapping.cover(LEN - 1, LEN) && mapping.cover(7, 7));
        #[cfg(unix)]
        assert!(
            std::os::unix::fs::MetadataExt::blocks(&std::fs::metadata(test.path().join("a")).unwrap()) <= 64
        );
    }

    #[test]
    fn a_part_that_was_taken_is_covered_for_all_and_keeps_its_bytes_when_it_is_taken_again() {
        let test = TestDirectory::new();
        let (writer, reader) = (mapped(&test, Access::ReadWrite), mapped(&test, Access::ReadOnly));
        writer.take(5000, 40_000).unwrap();
        store(&writer, 6000, 7);
        assert!(reader.cover(5000, 40_000) && !reader.cover(5000, 3 * UNIT + 1));
        mapped(&test, Access::ReadWrite).take(0, LEN).unwrap();
        assert_eq!((byte(&reader, 6000), byte(&reader, LEN as usize - 1)), (7, 0));
        assert!(reader.cover(0, LEN));
    }

    #[test]
    fn a_creator_takes_memory_before_and_after_its_file_has_a_name_and_a_mode() {
        let test = TestDirectory::new();
        let dir = test.open();
        let mut new = crate::shm::NewFile::create(&exclude_fork().unwrap(), &dir).unwrap();
        SparseMapping::extend(new.file(), LEN).unwrap();
        let own = SparseMapping::of(new.file().reopen(Access::ReadWrite).unwrap(), LEN as usize).unwrap();
        own.take(0, UNIT).unwrap();
        new.file().set_mode(0o600).unwrap();
        new.link(&exclude_fork().unwrap(), "a").unwrap();
        own.take(UNIT, 2 * UNIT).unwrap();
        drop(new);
        own.take(2 * UNIT, 3 * UNIT).unwrap();
        assert!(mapped(&test, Access::ReadWrite).cover(0, 3 * UNIT));
    }

    #[test]
    fn parts_taken_by_many_at_once_are_written_once() {
        let test = TestDirectory::new();
        let mappings: Vec<_> = (0..4).map(|_| mapped(&test, Access::ReadWrite)).collect();
        std::thread::scope(|scope| {
            for (number, mapping) in mappings.iter().enumerate() {
                scope.spawn(move || {
                    for unit in 0..LEN / UNIT {
                        mapping.take(unit * UNIT, (unit + 1) * UNIT).unwrap();
                        store(mapping, (unit * UNIT) as usize + number, 9);
                    }
                });
            }
        });
        for unit in 0..(LEN / UNIT) as usize {
            assert!((0..4).all(|number| byte(&mappings[0], unit * UNIT as usize + number) == 9));
        }
    }

    #[test]
    fn a_file_whose_creator_reserved_all_of_it_is_covered() {
        let test = TestDirectory::new();
        std::fs::write(test.path().join("a"), vec![0; LEN as usize]).unwrap();
        let mapping = mapped(&test, Access::ReadWrite);
        assert!(mapping.cover(0, LEN));
        mapping.take(0, LEN).unwrap();
    }
}
