//! Checked access to shared memory: the only module that converts an offset to an address.
//!
//! Another process may change any byte at any time, so:
//! 1. No reference or slice to plain data in the region ever exists, only `&Atomic*`.
//! 2. Every access is checked against the region's private length and the word's alignment. A failed check
//!    panics, and the addon converts the panic to an error. So no content of a segment, however hostile, leads
//!    outside the region.
//! 3. Bytes are copied out before they are inspected, and never read twice for one decision.
//! 4. Every store passes `crash::allows_store`, so that tests can simulate death between any two stores.
//!
//! Stores are Release: after a death the image is then a prefix of the program order.
//!
//! Loads from a read-only mapping are Acquire as well. The standard library promises only of Relaxed loads that they
//! work there, because a target may implement the others by instructions that also store. Those that are supported do
//! not: an Acquire load of at most 8 bytes is `mov` on x86-64, and `ldar` or `ldapr` on AArch64, which only load. A port
//! to another architecture has to show the same of it.

#![allow(
    unsafe_code,
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "shared memory is reached by pointers, and only through atomics"
)]

#[cfg(not(loom))]
mod bytes;
#[cfg(not(loom))]
mod copy;
mod mapped;
#[cfg(loom)]
pub mod model;
#[cfg(not(loom))]
mod raw;
mod tags;

#[cfg(loom)]
pub use model::{CacheLine, StatsStripe, Word, Words};
#[cfg(not(loom))]
pub use raw::{CacheLine, StatsStripe, Word, Words};

use crate::crash;
use crate::sync::{Ordering, fence};
use shmkit_os::OsError;
use std::sync::Arc;

/// The ordering of stores: after a death the image is a prefix of the program order. Relaxed stores could become
/// visible late: `tests::crash` simulates deaths where they would.
const IN_ORDER: Ordering = Ordering::Release;
/// The ordering of swaps.
const SWAP: Ordering = Ordering::AcqRel;

/// The memory of a region: a mapping, or heap memory in tests.
///
/// # Safety
/// `base()` must be aligned to 64 bytes and stay valid for reads (and for writes, if `is_writable`)
/// of `len()` bytes for as long as the value lives, at an address that does not change.
pub unsafe trait Memory: Send + Sync {
    /// Returns the address of the first byte.
    fn base(&self) -> *mut u8;
    /// Returns the number of bytes.
    fn len(&self) -> usize;
    /// Returns false for a read-only mapping.
    fn is_writable(&self) -> bool;
    /// Keeps all pages in memory, never in swap, as long as the value lives.
    ///
    /// # Errors
    /// System errors; unsupported for memory of other kinds than mappings of files.
    fn lock(&self) -> Result<(), OsError> {
        Err(OsError::unsupported("mlock"))
    }
    /// Returns whether there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Makes sure that an access to the bytes from `from` to `to` needs no memory that was not reserved. Returns false if
    /// that is not so.
    fn cover(&self, _from: u64, _to: u64) -> bool {
        true
    }
    /// Reserves memory for the bytes from `from` to `to`, and covers them.
    ///
    /// # Errors
    /// Any system error.
    fn take(&self, _from: u64, _to: u64) -> shmkit_os::error::Result<()> {
        Ok(())
    }
    /// Returns the bytes that its file system has free, if that is known.
    fn free_bytes(&self) -> Option<u64> {
        None
    }
}

/// Checked access to memory by offset.
#[derive(Clone)]
pub struct Region {
    #[cfg(not(loom))]
    base: std::ptr::NonNull<u8>,
    #[cfg(loom)]
    words: Arc<model::Bytes>,
    len: u64,
    /// `len` without a last partial cache line, which is never accessed.
    end: u64,
    /// `end`, or 0 if nothing may be stored.
    writable_end: u64,
    /// Keeps `base` valid.
    #[cfg(not(loom))]
    memory: Arc<dyn Memory>,
}

impl std::fmt::Debug for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Region").field("len", &self.len).finish_non_exhaustive()
    }
}

#[cold]
#[inline(never)]
fn outside(offset: u64, bytes: u64) -> ! {
    panic!("offset {offset} (+{bytes}) is outside the segment, is not aligned, or must not be stored to");
}

/// Returns whether `bytes` bytes from `offset` on end at or before `end`.
#[inline(always)]
fn ends_by(end: u64, offset: u64, bytes: u64) -> bool {
    offset.checked_add(bytes).is_some_and(|last| last <= end)
}

impl Region {
    /// Returns the bytes in the region.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Returns whether the region has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns false for a read-only mapping, where every store panics.
    pub fn is_writable(&self) -> bool {
        self.writable_end > 0
    }

    /// Returns whether all of `bytes` bytes from `offset` on can be accessed.
    #[inline(always)]
    pub fn reaches(&self, offset: u64, bytes: u64) -> bool {
        ends_by(self.end, offset, bytes)
    }

    /// Loads a word; Acquire: pairs with the Release in `store` and `swap_if`.
    #[inline]
    pub fn load(&self, offset: u64) -> u64 {
        self.word(offset).load(Ordering::Acquire)
    }

    /// Loads a word that only the holder of its lock depends on, or that `read_fence` covers.
    #[inline]
    pub fn load_relaxed(&self, offset: u64) -> u64 {
        self.word(offset).load(Ordering::Relaxed)
    }

    /// Loads a half word; Acquire: pairs with the Release in `store32` and `swap_if32`.
    #[inline]
    pub fn load32(&self, offset: u64) -> u32 {
        self.half(offset).load(Ordering::Acquire)
    }

    /// Loads a byte that is only a hint.
    #[inline]
    pub fn load8_hint(&self, offset: u64) -> u8 {
        self.byte(offset).load(Ordering::Relaxed)
    }

    /// Orders all loads before it before the loads after it: between the copy of an entry and the checks of its
    /// index word and version. Pairs with `write_fence`.
    #[inline]
    pub fn read_fence(&self) {
        fence(Ordering::Acquire);
    }

    /// Orders the stores after it after the stores before it: between the odd version of a block and its payload.
    /// Pairs with `read_fence`.
    #[inline]
    pub fn write_fence(&self) {
        fence(Ordering::Release);
    }

    /// Stores a word; Release: pairs with the Acquire in `load`.
    #[cfg_attr(feature = "crash-points", track_caller)]
    #[inline]
    pub fn store(&self, offset: u64, value: u64) {
        if crash::allows_store(IN_ORDER) {
            self.word_to_store(offset).store(value, IN_ORDER);
        }
    }

    /// Stores consecutive words in this order, each as `store` does.
    #[cfg_attr(feature = "crash-points", track_caller)]
    #[inline(always)]
    pub fn store_all<const N: usize>(&self, offset: u64, values: [u64; N]) {
        for (word, value) in self.words_to_store::<N>(offset).iter().zip(values) {
            if crash::allows_store(IN_ORDER) {
                word.store(value, IN_ORDER);
            }
        }
    }

    /// Stores a half word; Release: pairs with the Acquire in `load32`.
    #[cfg_attr(feature = "crash-points", track_caller)]
    #[inline]
    pub fn store32(&self, offset: u64, value: u32) {
        if crash::allows_store(IN_ORDER) {
            self.half_to_store(offset).store(value, IN_ORDER);
        }
    }

    /// Replaces a word if it is `current`, else returns its value. AcqRel: pairs with every `load`,
    /// `store` and `swap_if` of the word.
    #[cfg_attr(feature = "crash-points", track_caller)]
    #[inline]
    pub fn swap_if(&self, offset: u64, current: u64, new: u64) -> Result<(), u64> {
        if !crash::allows_store(SWAP) {
            return Ok(());
        }
        self.word_to_store(offset).compare_exchange(current, new, SWAP, Ordering::Acquire).map(drop)
    }

    /// Like `swap_if`, for a half word. Acquiring a lock pairs with its release.
    #[cfg_attr(feature = "crash-points", track_caller)]
    #[inline]
    pub fn swap_if32(&self, offset: u64, current: u32, new: u32) -> Result<(), u32> {
        if !crash::allows_store(SWAP) {
            return Ok(());
        }
        self.half_to_store(offset).compare_exchange(current, new, SWAP, Ordering::Acquire).map(drop)
    }

    /// Stores a word that is only a hint or a statistic: not a crash point, and never trusted.
    #[inline]
    pub fn hint(&self, offset: u64, value: u64) {
        self.word_to_store(offset).store(value, Ordering::Relaxed);
    }

    /// Stores a half word that is only a hint.
    #[inline]
    pub fn hint32(&self, offset: u64, value: u32) {
        self.half_to_store(offset).store(value, Ordering::Relaxed);
    }

    /// Stores a byte that is only a hint.
    #[inline]
    pub fn hint8(&self, offset: u64, value: u8) {
        self.byte_to_store(offset).store(value, Ordering::Relaxed);
    }

    /// Adds to a statistic that other processes may add to as well.
    #[inline]
    pub fn hint_add(&self, offset: u64, delta: u64) {
        self.word_to_store(offset).fetch_add(delta, Ordering::Relaxed);
    }
}
