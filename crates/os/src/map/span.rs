//! Addresses with memory behind them: one mapping, or the same memory several times in a row.

use super::mirror::Mirror;
use crate::error::{OsError, Result};
use memmap2::{MmapOptions, MmapRaw};
use std::fs::File;

/// What may be done with mapped memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading.
    Read,
    /// Reading and writing, seen by everyone who has the file open or mapped.
    ReadWrite,
    /// Reading and writing; what is written stays with this mapping.
    Copy,
}

/// Mapped addresses, given back when it is dropped.
#[derive(Debug)]
pub(super) enum Span {
    /// One mapping.
    Once(MmapRaw),
    /// Several in a row.
    Mirrored(Mirror),
}

impl Span {
    /// `length` bytes of `file` from `offset` on. With `populate` the pages are fetched now; without
    /// `commit`, private memory need not be covered by memory and swap.
    pub fn of_file(file: &File, access: Access, window: Window) -> Result<Span> {
        let mut options = MmapOptions::new();
        options.offset(window.offset).len(window.length);
        if window.populate {
            options.populate();
        }
        let mapped = match access {
            Access::Read => options.map_raw_read_only(file),
            Access::ReadWrite => options.map_raw(file),
            Access::Copy => {
                options.no_reserve_swap();
                // SAFETY: the mapping is made a raw one at once: nobody ever holds a reference into it,
                // so it does not matter that others may change the file.
                unsafe { options.map_copy(file) }.map(MmapRaw::from)
            }
        };
        mapped.map(Span::Once).map_err(|error| OsError::from_io("mmap", &error))
    }

    /// `length` bytes of zeros.
    pub fn anonymous(length: usize, populate: bool) -> Result<Span> {
        let mut options = MmapOptions::new();
        options.len(length);
        if populate {
            options.populate();
        }
        let mapped = options.map_anon().map(|memory| Span::Once(MmapRaw::from(memory)));
        mapped.map_err(|error| OsError::from_io("mmap", &error))
    }

    pub fn base(&self) -> *mut u8 {
        match self {
            Span::Once(memory) => memory.as_mut_ptr(),
            Span::Mirrored(mirror) => mirror.base(),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Span::Once(memory) => memory.len(),
            Span::Mirrored(mirror) => mirror.len(),
        }
    }
}

/// Which part of a file, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    /// A multiple of the page size.
    pub offset: u64,
    /// At least 1.
    pub length: usize,
    /// Fetch the pages now.
    pub populate: bool,
}
