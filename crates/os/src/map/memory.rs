//! Mapped memory with its file, and all that can be done with it.

use super::mirror::{self, Mirror, Part};
use super::span::{Access, Span, Window};
use super::{guard, page_size};
use crate::error::{OsError, Result};
use std::fs::File;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};

/// What to map.
#[derive(Debug, Clone, Copy)]
pub struct Source<'f> {
    /// An open file; none for anonymous memory.
    pub file: Option<BorrowedFd<'f>>,
    /// What will be done with it. Anonymous memory is always private and writable.
    pub access: Access,
    /// Where to begin, a multiple of the page size.
    pub offset: u64,
    /// Bytes, at least 1.
    pub length: usize,
    /// Allow running code there.
    pub execute: bool,
    /// Fetch all pages now.
    pub populate: bool,
    /// Nobody makes the file shorter than this needs, so nobody looks after each copy.
    pub is_stable: bool,
}

/// What the pages will be used for.
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

/// How to write back.
#[derive(Debug, Clone, Copy)]
pub struct Flush {
    /// The first byte.
    pub offset: usize,
    /// Bytes; widened to whole pages.
    pub length: usize,
    /// Only begin it.
    pub begin_only: bool,
}

/// Mapped memory. Touch it by [`Memory::read`] and [`Memory::write`]; through pointers only where death by
/// SIGBUS is accepted should the file get shorter.
#[derive(Debug)]
pub struct Memory {
    pub(super) span: Span,
    /// The file behind it, unless nobody can make that shorter.
    pub(super) file: Option<File>,
    pub(super) access: Access,
    /// Where in the file it begins.
    pub(super) offset: u64,
    /// Touches are rare and expensive, so none is made in vain.
    pub(super) random: AtomicBool,
}

impl Memory {
    /// Maps what `source` says.
    ///
    /// # Errors
    /// The system's own.
    pub fn map(source: &Source<'_>) -> Result<Memory> {
        guard::install()?;
        let file = source.file.map(duplicate).transpose()?;
        let Source { offset, length, populate, .. } = *source;
        let span = match &file {
            Some(file) => Span::of_file(file, source.access, Window { offset, length, populate })?,
            None => Span::anonymous(length, populate)?,
        };
        let access = if file.is_some() { source.access } else { Access::Copy };
        let file = file.filter(|_| !source.is_stable);
        let memory = Memory { span, file, access, offset, random: AtomicBool::new(false) };
        if source.execute {
            memory.allow_execution()?;
        }
        Ok(memory)
    }

    /// Maps the first `size` bytes of a file, a multiple of the page size, `times` times in a row; without
    /// a file, of memory that nobody else sees.
    ///
    /// # Errors
    /// The system's own.
    pub fn mirror(file: Option<BorrowedFd<'_>>, size: usize, times: usize) -> Result<Memory> {
        guard::install()?;
        let file = file.map(duplicate).transpose()?;
        let part = Part { offset: 0, size, is_writable: true };
        let mirror = match &file {
            Some(file) => Mirror::of(file.as_raw_fd(), part, times)?,
            None => Mirror::of(mirror::nameless(size as u64)?.as_raw_fd(), part, times)?,
        };
        let (span, random) = (Span::Mirrored(mirror), AtomicBool::new(false));
        Ok(Memory { span, file, access: Access::ReadWrite, offset: 0, random })
    }

    /// Private memory of the same part of the file, for views of what must not be written: a stray store
    /// changes nothing but the view, instead of ending the process.
    ///
    /// # Errors
    /// `EINVAL` for memory without a file; the system's own.
    pub fn private_twin(&self) -> Result<Memory> {
        let Some(file) = &self.file else { return Err(OsError::new("mmap", libc::EINVAL)) };
        let window = Window { offset: self.offset, length: self.len(), populate: false };
        let span = Span::of_file(file, Access::Copy, window)?;
        let (offset, random) = (self.offset, AtomicBool::new(false));
        Ok(Memory { span, file: None, access: Access::Copy, offset, random })
    }

    /// The first byte.
    pub fn base(&self) -> *mut u8 {
        self.span.base()
    }

    /// Bytes mapped, all copies of a mirror counted.
    pub fn len(&self) -> usize {
        self.span.len()
    }

    /// Never: an empty mapping cannot be made.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// What may be done with it.
    pub fn access(&self) -> Access {
        self.access
    }

    /// Writes changes back to the file.
    ///
    /// # Errors
    /// The system's own, `EIO` among them.
    pub fn flush(&self, flush: Flush) -> Result<()> {
        let Flush { offset, length, begin_only } = flush;
        let flags = if begin_only { libc::MS_ASYNC } else { libc::MS_SYNC };
        let (start, length) = self.pages(offset, length)?;
        // SAFETY: these whole pages lie within the mapping; the call changes none of them.
        self.succeed("msync", unsafe { libc::msync(start.cast(), length, flags) })
    }

    /// Tells the system what to expect. Never changes what the memory holds: pages of private memory are
    /// not dropped.
    ///
    /// # Errors
    /// The system's own.
    pub fn advise(&self, advice: Advice) -> Result<()> {
        // Relaxed: see `is_followed`.
        self.random.store(advice == Advice::Random, Ordering::Relaxed);
        let advice = match advice {
            Advice::Sequential => libc::MADV_SEQUENTIAL,
            Advice::Random => libc::MADV_RANDOM,
            Advice::WillNeed => libc::MADV_WILLNEED,
            Advice::DontNeed if self.access == Access::Copy => return Ok(()),
            Advice::DontNeed => libc::MADV_DONTNEED,
        };
        // SAFETY: the mapping is whole; of shared memory, MADV_DONTNEED drops only what the file holds.
        self.succeed("madvise", unsafe { libc::madvise(self.base().cast(), self.len(), advice) })
    }

    /// Keeps all pages in memory until the map goes.
    ///
    /// # Errors
    /// `ENOMEM`, `EPERM` at the limit of the user (`ulimit -l`); the system's own.
    pub fn lock(&self) -> Result<()> {
        // SAFETY: the mapping is whole; the call changes nothing in it.
        self.succeed("mlock", unsafe { libc::mlock(self.base().cast(), self.len()) })
    }

    fn allow_execution(&self) -> Result<()> {
        let write = if self.access == Access::Read { 0 } else { libc::PROT_WRITE };
        let allowed = libc::PROT_READ | libc::PROT_EXEC | write;
        // SAFETY: the mapping is whole and belongs to this value; reading and writing stay allowed.
        self.succeed("mprotect", unsafe { libc::mprotect(self.base().cast(), self.len(), allowed) })
    }

    /// The whole pages around a range.
    fn pages(&self, offset: usize, length: usize) -> Result<(*mut u8, usize)> {
        let into_page = offset % page_size();
        let start = self.place(offset - into_page, 0);
        match (start, self.place(offset, length)) {
            (Ok(start), Ok(_)) => Ok((start, length + into_page)),
            _ => Err(OsError::new("msync", libc::EINVAL)),
        }
    }

    fn succeed(&self, call: &'static str, result: libc::c_int) -> Result<()> {
        if result == 0 { Ok(()) } else { Err(OsError::last(call)) }
    }
}

fn duplicate(fd: BorrowedFd<'_>) -> Result<File> {
    fd.try_clone_to_owned().map(File::from).map_err(|error| OsError::from_io("dup", &error))
}
