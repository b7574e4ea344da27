//! Mapped addresses: one mapping, or consecutive mappings of the same memory.

#![allow(unsafe_code, reason = "maps files")]

#[cfg(windows)]
use super::anonymous::Anonymous;
use super::mirror::Mirror;
#[cfg(windows)]
use super::pages;
use crate::error::{OsError, Result};
use memmap2::{MmapOptions, MmapRaw};
use std::fs::File;

/// The access to mapped memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapAccess {
    /// Read only.
    Read,
    /// Read and write; all processes that have the file open or mapped see the writes.
    ReadWrite,
    /// Read and write; only this mapping sees the writes.
    Copy,
}

/// The call that failures name.
const MAP: &str = if cfg!(windows) { "MapViewOfFile" } else { "mmap" };

/// Mapped addresses, unmapped when this is dropped.
#[derive(Debug)]
pub(super) enum Span {
    /// One mapping.
    Single(MmapRaw),
    /// Several consecutive mappings of the same memory.
    Mirrored(Mirror),
    /// Private memory without a file. (`memmap2` would make it executable first, which some processes may not do.)
    #[cfg(windows)]
    Anonymous(Anonymous),
}

impl Span {
    /// Maps a window of `file`. Private memory need not be covered by memory and swap.
    pub(super) fn of_file(file: &File, access: MapAccess, window: Window) -> Result<Span> {
        let mut options = MmapOptions::new();
        options.offset(window.offset).len(window.length);
        if window.populate {
            options.populate();
        }
        let mapped = match access {
            MapAccess::Read => options.map_raw_read_only(file),
            MapAccess::ReadWrite => options.map_raw(file),
            MapAccess::Copy => {
                options.no_reserve_swap();
                // SAFETY: `map_copy` requires that the file does not change under references into the mapping. The
                // mapping becomes a raw one at once, and no code ever makes such a reference.
                unsafe { options.map_copy(file) }.map(MmapRaw::from)
            }
        };
        let span = mapped.map(Span::Single).map_err(|error| OsError::from_io(MAP, &error))?;
        // Only Linux fetches pages when it maps them.
        #[cfg(windows)]
        if window.populate {
            pages::prefetch(span.base(), span.len());
        }
        Ok(span)
    }

    /// Maps `length` bytes of zeros.
    #[cfg(windows)]
    pub(super) fn anonymous(length: usize, populate: bool) -> Result<Span> {
        let memory = Anonymous::new(length)?;
        if populate {
            pages::prefetch(memory.base(), length);
        }
        Ok(Span::Anonymous(memory))
    }

    /// Maps `length` bytes of zeros.
    #[cfg(unix)]
    pub(super) fn anonymous(length: usize, populate: bool) -> Result<Span> {
        let mut options = MmapOptions::new();
        options.len(length);
        if populate {
            options.populate();
        }
        let mapped = options.map_anon().map(|memory| Span::Single(MmapRaw::from(memory)));
        mapped.map_err(|error| OsError::from_io(MAP, &error))
    }

    /// Keeps the memory out of core dumps, where the system can. Core dumps travel further than shared memory.
    pub(super) fn keep_out_of_dumps(&self) {
        #[cfg(target_os = "linux")]
        if let Span::Single(memory) = self {
            let _ = memory.advise(memmap2::Advice::DontDump);
        }
    }

    pub(super) fn base(&self) -> *mut u8 {
        match self {
            Span::Single(memory) => memory.as_mut_ptr(),
            Span::Mirrored(mirror) => mirror.base(),
            #[cfg(windows)]
            Span::Anonymous(memory) => memory.base(),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Span::Single(memory) => memory.len(),
            Span::Mirrored(mirror) => mirror.len(),
            #[cfg(windows)]
            Span::Anonymous(memory) => memory.len(),
        }
    }
}

/// The part of a file to map, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    /// A multiple of the page size.
    pub(super) offset: u64,
    /// At least 1.
    pub(super) length: usize,
    /// Fetch the pages now.
    pub(super) populate: bool,
}
