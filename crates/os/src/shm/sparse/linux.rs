//! Linux: `fallocate` takes memory, and a file is mapped part by part over a mapping of zeros.

#![allow(
    unsafe_code,
    clippy::disallowed_types,
    reason = "maps files, asks what of them has memory, and remembers what all threads have mapped"
)]

use crate::error::{OsError, Result, retry};
use crate::map::page_size;
use crate::shm::{Access, ShmFile};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The kind of a file system in memory. Only there is it exact which parts of a file have memory.
const TMPFS: i64 = 0x0102_1994;
/// Takes memory for a mapped part without changing it. The C library does not define it everywhere.
const POPULATE_WRITE: libc::c_int = 23;

/// The addresses of a file, of which the covered parts are mapped.
#[derive(Debug)]
pub struct SparseMapping {
    base: *mut u8,
    len: usize,
    file: ShmFile,
    parts: Mutex<Parts>,
}

/// The parts that are mapped.
#[derive(Debug, Default)]
struct Parts {
    mapped: Vec<(u64, u64)>,
    /// Whether they stay in memory, never in swap.
    are_locked: bool,
}

// SAFETY: it owns its addresses, which any thread may unmap; code that accesses the memory through `base` does its own
// synchronisation.
unsafe impl Send for SparseMapping {}
// SAFETY: as for Send. Mapping a part again, also by several threads, changes no content.
unsafe impl Sync for SparseMapping {}

impl SparseMapping {
    /// Extends an empty file to `len` bytes that take no memory yet.
    ///
    /// # Errors
    /// `EFBIG` above the file size limit of the process; other system errors.
    pub fn extend(file: &ShmFile, len: u64) -> Result<()> {
        file.extend_sparse(len).map(drop)
    }

    /// Returns the length of a file that was extended to `len` bytes.
    pub fn file_len(len: u64) -> u64 {
        len
    }

    /// Reserves addresses for the first `len` bytes of a file, none of which is mapped yet.
    ///
    /// # Errors
    /// Out of memory at a limit on address space; other system errors.
    pub fn of(file: ShmFile, len: usize) -> Result<SparseMapping> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let map = |protection| {
            // SAFETY: the kernel chooses the addresses, so no other mapping is affected.
            unsafe { libc::mmap(ptr::null_mut(), len, protection, flags, -1, 0) }
        };
        let mut base = map(libc::PROT_READ | libc::PROT_WRITE);
        if base == libc::MAP_FAILED {
            // A system that counts every writable page as used refuses that much.
            base = map(libc::PROT_READ);
        }
        if base == libc::MAP_FAILED {
            return Err(OsError::last("mmap").at(file.path()));
        }
        let mapping = SparseMapping { base: base.cast(), len, file, parts: Mutex::default() };
        // SAFETY: the range is the whole mapping, which `mapping` keeps; the call changes no contents.
        let _ = unsafe { libc::madvise(base, len, libc::MADV_DONTDUMP) };
        Ok(mapping)
    }

    /// Maps the bytes from `from` to `to`, and what shares a page with them, if all of that has memory. Returns whether it
    /// has.
    pub fn cover(&self, from: u64, to: u64) -> bool {
        let (from, to) = self.whole_pages(from, to);
        from >= to || (self.is_intact() && self.has_memory(from, to) && self.map(from, to).is_ok())
    }

    /// Takes memory for the bytes from `from` to `to`, and what shares a page with them, and maps it. Present bytes stay.
    ///
    /// # Errors
    /// `ENOSPC`, `EDQUOT`, `ENOMEM`; unsupported if the file system cannot reserve a part of a file; other system errors.
    pub fn take(&self, from: u64, to: u64) -> Result<()> {
        let (from, to) = self.whole_pages(from, to);
        if from >= to {
            return Ok(());
        }
        if !self.is_intact() {
            return Err(OsError::new("fallocate", libc::EBADF).at(self.file.path()));
        }
        match self.file.allocate_exactly(from, to) {
            // Its creator has then reserved the whole file.
            Err(error) if error.is_unsupported() && self.has_memory(0, self.len as u64) => {}
            outcome => outcome?,
        }
        self.map(from, to)?;
        // Memory that was reserved and never used does not count as present for `has_memory`.
        // SAFETY: the range is within the mapping, and mapped; the call changes no contents.
        let populated = unsafe { libc::madvise(self.at(from), (to - from) as usize, POPULATE_WRITE) };
        // An emulator may accept advice that it does not know.
        if populated != 0 || !self.has_memory(from, to) {
            self.touch(from, to);
        }
        Ok(())
    }

    /// Reserves memory for the whole file by writing zeros, where no part can be reserved. The file must be new.
    ///
    /// # Errors
    /// `ENOSPC`, `EDQUOT`; other system errors.
    pub fn take_all(&self) -> Result<()> {
        self.file.fill_with_zeros(0, self.len as u64)?;
        self.map(0, self.len as u64)
    }

    /// Returns the bytes that the file system has free; `None` if it has no limit.
    pub fn free_bytes(&self) -> Option<u64> {
        let system = self.file_system()?;
        #[allow(clippy::unnecessary_cast, reason = "the fields' types differ between C libraries")]
        let free = (system.f_bavail as u64).saturating_mul(system.f_bsize as u64);
        (system.f_blocks > 0).then_some(free)
    }

    fn file_system(&self) -> Option<libc::statfs> {
        let mut raw = MaybeUninit::<libc::statfs>::zeroed();
        // SAFETY: `file` keeps the descriptor open; the pointer is valid for writes of a `statfs`.
        retry("statfs", || unsafe { libc::fstatfs(self.file.raw(), raw.as_mut_ptr()) }).ok()?;
        // SAFETY: `statfs` consists of integers, so zeroed memory is a valid value, which the successful call has filled.
        Some(unsafe { raw.assume_init() })
    }

    /// Returns whether an access to a part needs no memory that the file does not have yet.
    fn has_memory(&self, from: u64, to: u64) -> bool {
        // SAFETY: lseek takes a descriptor, which `file` keeps open, and numbers.
        let hole = unsafe { libc::lseek(self.file.raw(), from as libc::off_t, libc::SEEK_HOLE) };
        if hole >= 0 && hole as u64 >= to {
            return true;
        }
        #[allow(clippy::unnecessary_cast, reason = "the field's type differs between C libraries")]
        let is_exact = self.file_system().is_none_or(|system| i64::from(system.f_type as u32) == TMPFS);
        // Other file systems count reserved parts as holes until they are written to the disk.
        !is_exact && self.file.status().is_ok_and(|status| status.allocated >= to - from)
    }

    fn map(&self, from: u64, to: u64) -> Result<()> {
        let protection = match self.file.access() {
            Access::ReadWrite => libc::PROT_READ | libc::PROT_WRITE,
            Access::ReadOnly => libc::PROT_READ,
        };
        let (at, len) = (self.at(from), (to - from) as usize);
        let flags = libc::MAP_SHARED | libc::MAP_FIXED;
        // SAFETY: replaces pages of this mapping only, which is `self.len` bytes long; a part that was mapped before is
        // mapped to the same bytes again, at once for all threads.
        let mapped = unsafe { libc::mmap(at, len, protection, flags, self.file.raw(), from as libc::off_t) };
        if mapped == libc::MAP_FAILED {
            return Err(OsError::last("mmap").at(self.file.path()));
        }
        // SAFETY: the range was just mapped; the call changes no contents.
        let _ = unsafe { libc::madvise(at, len, libc::MADV_DONTDUMP) };
        let mut parts = self.parts();
        parts.mapped.push((from, to));
        if parts.are_locked { self.lock_part(from, to) } else { Ok(()) }
    }

    fn parts(&self) -> MutexGuard<'_, Parts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps all pages that are mapped, now and later, in memory, never in swap.
    ///
    /// # Errors
    /// `ENOMEM`, `EPERM`, `EAGAIN` at the limit of the user (`ulimit -l`); other system errors.
    pub fn lock(&self) -> Result<()> {
        let mut parts = self.parts();
        for &(from, to) in &parts.mapped {
            self.lock_part(from, to)?;
        }
        parts.are_locked = true;
        Ok(())
    }

    fn lock_part(&self, from: u64, to: u64) -> Result<()> {
        // SAFETY: the range is within the mapping; the call changes no contents.
        match unsafe { libc::mlock(self.at(from), (to - from) as usize) } {
            0 => Ok(()),
            _ => Err(OsError::last("mlock").at(self.file.path())),
        }
    }

    /// Loads and stores a byte of each page, for kernels that cannot populate.
    fn touch(&self, from: u64, to: u64) {
        for at in (from..to).step_by(page_size()) {
            // SAFETY: within the mapping, which is mapped here, and writable; the atomic addition of 0 changes nothing.
            let byte = unsafe { std::sync::atomic::AtomicU8::from_ptr(self.at(at).cast()) };
            byte.fetch_add(0, std::sync::atomic::Ordering::Relaxed);
        }
    }

    fn at(&self, offset: u64) -> *mut libc::c_void {
        debug_assert!(offset <= self.len as u64);
        self.base.wrapping_add(offset as usize).cast()
    }

    /// Returns a range rounded outwards to whole pages, and cut off at the end.
    fn whole_pages(&self, from: u64, to: u64) -> (u64, u64) {
        let page = page_size() as u64;
        let end = (self.len as u64).next_multiple_of(page);
        (from.min(end) / page * page, to.min(end).next_multiple_of(page))
    }

    /// Returns false if foreign code closed our descriptor: its number may be another file's by now.
    fn is_intact(&self) -> bool {
        self.file.status().is_ok_and(|status| status.identity == self.file.identity())
    }

    /// Returns the address of the first byte, at the start of a page.
    pub fn base(&self) -> *mut u8 {
        self.base
    }

    /// Returns the bytes that have addresses.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns false: an empty mapping cannot exist.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Returns whether the memory is writable; otherwise a store ends the process with SIGSEGV.
    pub fn is_writable(&self) -> bool {
        self.file.access() == Access::ReadWrite
    }
}

impl Drop for SparseMapping {
    fn drop(&mut self) {
        // SAFETY: the range is this mapping's own, and nothing uses it any more.
        unsafe { libc::munmap(self.base.cast(), self.len) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shm::testing::TestDirectory;
    use std::os::unix::fs::MetadataExt;

    fn sparse(test: &TestDirectory, access: Access) -> SparseMapping {
        let path = test.path().join("a");
        if !path.exists() {
            std::fs::write(&path, []).unwrap();
            let file = test.open().open_file("a", Access::ReadWrite).unwrap();
            SparseMapping::extend(&file, 1 << 20).unwrap();
        }
        SparseMapping::of(test.open().open_file("a", access).unwrap(), 1 << 20).unwrap()
    }

    fn byte(mapping: &SparseMapping, at: usize) -> u8 {
        // SAFETY: the offset is below the length of the mapping.
        unsafe { mapping.base().wrapping_add(at).read_volatile() }
    }

    #[test]
    fn a_part_that_was_not_taken_reads_as_zeros_and_takes_no_memory() {
        let test = TestDirectory::new();
        let mapping = sparse(&test, Access::ReadWrite);
        assert_eq!(byte(&mapping, 500_000), 0);
        assert!(!mapping.cover(0, 1 << 20));
        let status = std::fs::metadata(test.path().join("a")).unwrap();
        assert_eq!((status.len(), status.blocks()), (1 << 20, 0));
    }

    #[test]
    fn a_part_that_was_taken_is_shared_with_those_that_cover_it() {
        let test = TestDirectory::new();
        let (writer, reader) = (sparse(&test, Access::ReadWrite), sparse(&test, Access::ReadOnly));
        writer.take(5000, 9000).unwrap();
        // SAFETY: the offset is below the length of the mapping, and mapped writable.
        unsafe { writer.base().wrapping_add(6000).write_volatile(7) };
        assert_eq!(byte(&reader, 6000), 0);
        assert!(!reader.cover(5000, 20_000));
        assert!(reader.cover(5000, 9000));
        assert_eq!(byte(&reader, 6000), 7);
        assert_eq!(std::fs::metadata(test.path().join("a")).unwrap().blocks() * 512, 8192);
        writer.take(5000, 9000).unwrap();
        assert_eq!(byte(&reader, 6000), 7);
    }
}
