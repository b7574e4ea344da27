//! Mapped memory with its file, and the operations on it.

#![allow(unsafe_code, clippy::disallowed_types, reason = "manages mapped memory that threads share")]

use super::mirror::{self, Mirror, Part};
use super::span::{MapAccess, Span, Window};
use super::{guard, page_size};
use crate::error::{OsError, Result};
use std::fs::File;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};

/// What to map.
#[derive(Debug, Clone, Copy)]
pub struct Source<'f> {
    /// An open file; `None` for anonymous memory.
    pub file: Option<BorrowedFd<'f>>,
    /// The access to the memory. Anonymous memory is always private and writable.
    pub access: MapAccess,
    /// The first byte to map, a multiple of the page size.
    pub offset: u64,
    /// Bytes, at least 1.
    pub length: usize,
    /// Allow execution.
    pub execute: bool,
    /// Fetch all pages now.
    pub populate: bool,
    /// No program shortens the file below the mapped length, so copies skip the check for that.
    pub is_stable: bool,
}

/// The expected use of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// From start to end.
    Sequential,
    /// In no order.
    Random,
    /// Soon.
    WillNeed,
    /// Not soon.
    DontNeed,
}

/// What to write back.
#[derive(Debug, Clone, Copy)]
pub struct Flush {
    /// The first byte.
    pub offset: usize,
    /// Bytes; rounded out to whole pages.
    pub length: usize,
    /// Start the write-back without waiting for it.
    pub begin_only: bool,
}

/// Mapped memory. Access it by [`Memory::read`] and [`Memory::write`]. An access through a pointer ends the process
/// with SIGBUS if the file has been shortened.
#[derive(Debug)]
pub struct Memory {
    pub(super) span: Span,
    /// The mapped file, unless it is stable.
    pub(super) file: Option<File>,
    pub(super) access: MapAccess,
    /// Offset in the file of the first mapped byte.
    pub(super) offset: u64,
    /// Whether accesses are random: then no page is touched only as a check.
    pub(super) random: AtomicBool,
}

impl Memory {
    /// Maps `source`.
    ///
    /// # Errors
    /// Any system error.
    pub fn map(source: &Source<'_>) -> Result<Memory> {
        guard::install()?;
        let file = source.file.map(duplicate).transpose()?;
        let Source { offset, length, populate, .. } = *source;
        let span = match &file {
            Some(file) => Span::of_file(file, source.access, Window { offset, length, populate })?,
            None => Span::anonymous(length, populate)?,
        };
        let access = if file.is_some() { source.access } else { MapAccess::Copy };
        if source.is_stable {
            span.keep_out_of_dumps();
        }
        let file = file.filter(|_| !source.is_stable);
        let memory = Memory { span, file, access, offset, random: AtomicBool::new(false) };
        if source.execute {
            memory.allow_execution()?;
        }
        Ok(memory)
    }

    /// Maps the first `size` bytes of a file, a multiple of the page size, `times` times in a row; without
    /// a file, maps private memory so.
    ///
    /// # Errors
    /// Any system error.
    pub fn mirror(file: Option<BorrowedFd<'_>>, size: usize, times: usize) -> Result<Memory> {
        guard::install()?;
        let file = file.map(duplicate).transpose()?;
        let part = Part { offset: 0, size, is_writable: true };
        let mirror = match &file {
            Some(file) => Mirror::of(file.as_raw_fd(), part, times)?,
            None => Mirror::of(mirror::unnamed_file(size as u64)?.as_raw_fd(), part, times)?,
        };
        let (span, random) = (Span::Mirrored(mirror), AtomicBool::new(false));
        Ok(Memory { span, file, access: MapAccess::ReadWrite, offset: 0, random })
    }

    /// Maps the same part of the file privately, for views of read-only memory: a stray store then
    /// changes only the view, instead of ending the process.
    ///
    /// # Errors
    /// `EINVAL` for memory without a file; other system errors.
    pub fn private_view(&self) -> Result<Memory> {
        let Some(file) = &self.file else { return Err(OsError::new("mmap", libc::EINVAL)) };
        let window = Window { offset: self.offset, length: self.len(), populate: false };
        let span = Span::of_file(file, MapAccess::Copy, window)?;
        let (offset, random) = (self.offset, AtomicBool::new(false));
        Ok(Memory { span, file: None, access: MapAccess::Copy, offset, random })
    }

    /// Returns the address of the first byte.
    pub fn base(&self) -> *mut u8 {
        self.span.base()
    }

    /// Returns the bytes mapped, counting all copies of a mirror.
    pub fn len(&self) -> usize {
        self.span.len()
    }

    /// Returns false: an empty mapping cannot exist.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Returns the access to the memory.
    pub fn access(&self) -> MapAccess {
        self.access
    }

    /// Writes changes back to the file.
    ///
    /// # Errors
    /// `EINVAL` for a range that exceeds the memory, `EIO`; other system errors.
    pub fn flush(&self, flush: Flush) -> Result<()> {
        let Flush { offset, length, begin_only } = flush;
        let flags = if begin_only { libc::MS_ASYNC } else { libc::MS_SYNC };
        let (start, length) = self.pages(offset, length)?;
        // SAFETY: `pages` has checked that these pages are within the mapping; the call changes none of their bytes.
        check_call("msync", unsafe { libc::msync(start.cast(), length, flags) })
    }

    /// Advises the system about the expected use. Never changes the contents: pages of private memory are
    /// not dropped.
    ///
    /// # Errors
    /// Any system error.
    pub fn advise(&self, advice: Advice) -> Result<()> {
        // Relaxed: see `is_next_page_present`.
        self.random.store(advice == Advice::Random, Ordering::Relaxed);
        let advice = match advice {
            Advice::Sequential => libc::MADV_SEQUENTIAL,
            Advice::Random => libc::MADV_RANDOM,
            Advice::WillNeed => libc::MADV_WILLNEED,
            Advice::DontNeed if self.access == MapAccess::Copy => return Ok(()),
            Advice::DontNeed => libc::MADV_DONTNEED,
        };
        // SAFETY: the range is the whole mapping, which `self` keeps. MADV_DONTNEED is used only on shared memory,
        // whose contents are in the file; the other kinds of advice change no contents.
        let advised = check_call("madvise", unsafe { libc::madvise(self.base().cast(), self.len(), advice) });
        // Locked pages cannot be dropped. A hint that cannot be followed is no failure.
        advised.or_else(|error| if error.unix_errno() == Some(libc::EINVAL) { Ok(()) } else { Err(error) })
    }

    /// Locks all pages in memory until they are unmapped.
    ///
    /// # Errors
    /// `ENOMEM`, `EPERM` at the limit of the user (`ulimit -l`); other system errors.
    pub fn lock(&self) -> Result<()> {
        // SAFETY: the range is the whole mapping, which `self` keeps; the call changes no contents.
        check_call("mlock", unsafe { libc::mlock(self.base().cast(), self.len()) })
    }

    fn allow_execution(&self) -> Result<()> {
        let write = if self.access == MapAccess::Read { 0 } else { libc::PROT_WRITE };
        let allowed = libc::PROT_READ | libc::PROT_EXEC | write;
        // SAFETY: the range is the whole mapping, which this value owns; the access it had stays allowed.
        check_call("mprotect", unsafe { libc::mprotect(self.base().cast(), self.len(), allowed) })
    }

    /// Returns the start and length of a range rounded out to the start of its first page.
    fn pages(&self, offset: usize, length: usize) -> Result<(*mut u8, usize)> {
        let into_page = offset % page_size();
        let start = self.address_of(offset - into_page, 0);
        match (start, self.address_of(offset, length)) {
            (Ok(start), Ok(_)) => Ok((start, length + into_page)),
            _ => Err(OsError::new("msync", libc::EINVAL)),
        }
    }
}

/// Converts the result of a call that reports success as 0.
fn check_call(call: &'static str, result: libc::c_int) -> Result<()> {
    if result == 0 { Ok(()) } else { Err(OsError::last(call)) }
}

fn duplicate(fd: BorrowedFd<'_>) -> Result<File> {
    fd.try_clone_to_owned().map(File::from).map_err(|error| OsError::from_io("dup", &error))
}
