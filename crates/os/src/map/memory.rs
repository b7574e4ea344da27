//! Mapped memory with its file, and the operations on it.

#![allow(unsafe_code, clippy::disallowed_types, reason = "manages mapped memory that threads share")]

use super::mirror::{Mirror, Part};
use super::pages::{self, Advice};
use super::span::{MapAccess, Span, Window};
use super::{guard, page_size};
use crate::descriptor::{BorrowedFile, duplicate};
use crate::error::{OsError, Result, code};
use std::fs::File;
#[cfg(unix)]
use std::os::fd::AsRawFd;
#[cfg(windows)]
use std::os::windows::io::AsRawHandle;
use std::sync::atomic::{AtomicBool, Ordering};

/// What to map.
#[derive(Debug, Clone, Copy)]
pub struct Source<'f> {
    /// An open file; `None` for anonymous memory.
    pub file: Option<BorrowedFile<'f>>,
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
/// with SIGBUS if the file has been shortened, which Windows does not allow.
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

    /// Maps the first `size` bytes of a file, a multiple of [`super::granularity`], `times` times in a row; without
    /// a file, maps private memory so.
    ///
    /// # Errors
    /// Any system error.
    pub fn mirror(file: Option<BorrowedFile<'_>>, size: usize, times: usize) -> Result<Memory> {
        guard::install()?;
        let file = file.map(duplicate).transpose()?;
        let part = Part { offset: 0, size, is_writable: true };
        let mirror = match &file {
            #[cfg(unix)]
            Some(file) => Mirror::of(file.as_raw_fd(), part, times)?,
            #[cfg(windows)]
            Some(file) => Mirror::of(file.as_raw_handle(), part, times)?,
            None => Mirror::of_memory(size, times)?,
        };
        let (span, random) = (Span::Mirrored(mirror), AtomicBool::new(false));
        Ok(Memory { span, file, access: MapAccess::ReadWrite, offset: 0, random })
    }

    /// Maps the same part of the file privately, for views of read-only memory: a stray store then
    /// changes only the view, instead of ending the process.
    ///
    /// # Errors
    /// Invalid for memory without a file; other system errors.
    pub fn private_view(&self) -> Result<Memory> {
        let Some(file) = &self.file else { return Err(OsError::new("mmap", code::INVALID)) };
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
    /// Invalid for a range that exceeds the memory, `EIO`; other system errors.
    pub fn flush(&self, flush: Flush) -> Result<()> {
        let (start, length) = self.pages(flush.offset, flush.length)?;
        self.flush_pages(start, length, flush.begin_only)
    }

    #[cfg(unix)]
    fn flush_pages(&self, start: *mut u8, length: usize, begin_only: bool) -> Result<()> {
        // SAFETY: `pages` has checked that these pages are within the mapping.
        unsafe { pages::flush(start, length, begin_only) }
    }

    /// A range of several views is written view by view. Only the file's own call waits for that, and only a
    /// file that is mapped for writing has anything to wait for.
    #[cfg(windows)]
    fn flush_pages(&self, start: *mut u8, length: usize, begin_only: bool) -> Result<()> {
        let whole = match &self.span {
            Span::Anonymous(_) => return Ok(()),
            Span::Single(_) => self.len(),
            Span::Mirrored(mirror) => mirror.size(),
        };
        let (mut done, from) = (0, start.addr() - self.base().addr());
        while done < length {
            let part = (length - done).min(whole - (from + done) % whole);
            // SAFETY: `pages` has checked that these pages are within the mapping, and `part` ends within one view.
            unsafe { pages::flush(start.wrapping_add(done), part) }?;
            done += part;
        }
        match &self.file {
            Some(file) if self.access == MapAccess::ReadWrite && !begin_only => {
                file.sync_all().map_err(|error| OsError::from_io("FlushFileBuffers", &error))
            }
            _ => Ok(()),
        }
    }

    /// Advises the system about the expected use. Never changes the contents: pages of private memory are
    /// not dropped.
    ///
    /// # Errors
    /// Any system error.
    pub fn advise(&self, advice: Advice) -> Result<()> {
        // Relaxed: see `is_next_page_present`.
        self.random.store(advice == Advice::Random, Ordering::Relaxed);
        if advice == Advice::DontNeed && self.access == MapAccess::Copy {
            return Ok(());
        }
        // SAFETY: the range is the whole mapping, which `self` keeps, and shared for DontNeed.
        unsafe { pages::advise(self.base(), self.len(), advice) }
    }

    /// Locks all pages in memory until they are unmapped.
    ///
    /// # Errors
    /// `ENOMEM`, `EPERM` at the limit of the user (`ulimit -l`); other system errors.
    pub fn lock(&self) -> Result<()> {
        // SAFETY: the range is the whole mapping, which `self` keeps.
        unsafe { pages::lock(self.base(), self.len()) }
    }

    #[cfg(unix)]
    fn allow_execution(&self) -> Result<()> {
        // SAFETY: the range is the whole mapping, which this value owns.
        unsafe { pages::allow_execution(self.base(), self.len(), self.access != MapAccess::Read) }
    }

    /// Only private memory without a file: a file must be opened for execution, and Node.js does not do that.
    #[cfg(windows)]
    fn allow_execution(&self) -> Result<()> {
        let Span::Anonymous(memory) = &self.span else {
            return Err(OsError::unsupported("map a file for execution"));
        };
        // SAFETY: the range is the whole mapping, which this value owns, and it is writable.
        unsafe { pages::allow_execution(memory.base(), memory.len()) }
    }

    /// Returns the start and length of a range rounded out to the start of its first page.
    fn pages(&self, offset: usize, length: usize) -> Result<(*mut u8, usize)> {
        let into_page = offset % page_size();
        let start = self.address_of(offset - into_page, 0);
        match (start, self.address_of(offset, length)) {
            (Ok(start), Ok(_)) => Ok((start, length + into_page)),
            _ => Err(OsError::new("msync", code::INVALID)),
        }
    }
}
