//! The bytes of a region as they ship: addresses within memory that stays valid.

use super::{Memory, Region, outside};
use crate::sync::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::Arc;

/// A word of shared memory.
#[derive(Debug)]
#[repr(transparent)]
pub struct Word(AtomicU64);

impl Word {
    /// Acquire, as [`Region::load`].
    #[inline]
    pub fn load(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

// SAFETY: `base` points into memory kept by `_memory`, which is Send + Sync, and is only used for
// atomic accesses and race-tolerant copies.
unsafe impl Send for Region {}
// SAFETY: as for Send; every access is atomic or a race-tolerant copy.
unsafe impl Sync for Region {}

impl Region {
    /// A view of all of `memory`.
    pub fn new(memory: Arc<dyn Memory>) -> Self {
        assert!(memory.base().addr().is_multiple_of(64), "a segment starts at a cache line");
        Region {
            base: memory.base(),
            len: memory.len() as u64,
            end: memory.len() as u64 & !63,
            writable_end: if memory.is_writable() { memory.len() as u64 & !63 } else { 0 },
            _memory: memory,
        }
    }

    /// The first byte, for a view that the runtime of another language makes of the memory. Who keeps
    /// the address keeps a clone of the region, and goes by rules 1 to 3.
    pub fn start(&self) -> *mut u8 {
        self.base
    }

    #[inline(always)]
    fn below(&self, end: u64, offset: u64, bytes: u64, align: u64) -> *mut u8 {
        debug_assert!(align.is_power_of_two());
        // `end` is a multiple of 64: what is aligned to its size or more, and begins below, ends below.
        let is_aligned_throughout = bytes <= align && align <= 64;
        let fits = if is_aligned_throughout { offset < end } else { offset <= end && end - offset >= bytes };
        if !offset.is_multiple_of(align) || !fits {
            outside(offset, bytes);
        }
        // SAFETY: offset + bytes <= end: checked, or because all three are multiples of `align`, which divides 64; and
        // base is valid for `self.end` bytes (Memory), of which `end` is never more.
        unsafe { self.base.add(offset as usize) }
    }

    #[inline]
    pub(super) fn at(&self, offset: u64, bytes: u64, align: u64) -> *mut u8 {
        self.below(self.end, offset, bytes, align)
    }

    /// As `at`, of memory that may be stored to.
    #[inline]
    pub(super) fn at_to_store(&self, offset: u64, bytes: u64, align: u64) -> *mut u8 {
        self.below(self.writable_end, offset, bytes, align)
    }

    #[inline]
    fn word_below(&self, end: u64, offset: u64) -> &AtomicU64 {
        if !offset.is_multiple_of(8) || offset >= end {
            outside(offset, 8);
        }
        // SAFETY: below `end`, which is a multiple of 64, and 8-aligned: all 8 bytes lie within.
        let place = unsafe { self.base.add(offset as usize) };
        // SAFETY: in bounds and 8-aligned (base is 64-aligned); shared words are only accessed atomically.
        unsafe { AtomicU64::from_ptr(place.cast()) }
    }

    #[inline]
    pub(super) fn word(&self, offset: u64) -> &AtomicU64 {
        self.word_below(self.end, offset)
    }

    #[inline]
    pub(super) fn word_to_store(&self, offset: u64) -> &AtomicU64 {
        self.word_below(self.writable_end, offset)
    }

    /// `count` words one behind the other, checked once.
    #[inline]
    pub(super) fn words(&self, offset: u64, count: usize) -> &[AtomicU64] {
        let place = self.at(offset, 8 * count as u64, 8);
        // SAFETY: `place` is valid for `count` words and 8-aligned (`at`), and a slice of atomic words has no
        // gaps; shared words are only accessed atomically.
        unsafe { std::slice::from_raw_parts(place.cast(), count) }
    }

    /// The seven index words of the bucket at `offset`, checked once.
    #[inline(always)]
    pub fn index_words(&self, offset: u64) -> &[Word; 7] {
        let place = self.at(offset, 64, 64);
        // SAFETY: `place` is valid for 64 bytes and aligned (`at`); a `Word` is an atomic word, and the
        // eighth word of a bucket, which is used by halves, is left out.
        unsafe { &*place.cast::<[Word; 7]>() }
    }

    /// Asks for the cache line at `offset`, which will be read soon. A hint: any offset will do.
    #[inline]
    pub fn prefetch(&self, offset: u64) {
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        if offset < self.end {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            // SAFETY: below `end`, so within the memory.
            let place = unsafe { self.base.add(offset as usize) };
            // SAFETY: gives the program nothing and cannot fault; every x86-64 has it.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast::<i8>()) };
        }
        #[cfg(not(all(target_arch = "x86_64", not(miri))))]
        let _ = offset;
    }

    /// `N` words one behind the other, checked once.
    #[inline]
    pub(super) fn words_to_store<const N: usize>(&self, offset: u64) -> &[AtomicU64; N] {
        let place = self.at_to_store(offset, 8 * N as u64, 8);
        // SAFETY: as for `words`.
        unsafe { &*place.cast::<[AtomicU64; N]>() }
    }

    #[inline]
    pub(super) fn half(&self, offset: u64) -> &AtomicU32 {
        // SAFETY: in bounds and 4-aligned; no 8-byte access overlaps a word that is used by halves.
        unsafe { AtomicU32::from_ptr(self.at(offset, 4, 4).cast()) }
    }

    #[inline]
    pub(super) fn half_to_store(&self, offset: u64) -> &AtomicU32 {
        // SAFETY: as for `half`.
        unsafe { AtomicU32::from_ptr(self.at_to_store(offset, 4, 4).cast()) }
    }

    #[inline]
    pub(super) fn byte(&self, offset: u64) -> &AtomicU8 {
        // SAFETY: in bounds; no wider access overlaps a byte that is used by itself.
        unsafe { AtomicU8::from_ptr(self.at(offset, 1, 1)) }
    }

    #[inline]
    pub(super) fn byte_to_store(&self, offset: u64) -> &AtomicU8 {
        // SAFETY: as for `byte`.
        unsafe { AtomicU8::from_ptr(self.at_to_store(offset, 1, 1)) }
    }

    /// The half word at `offset`, for waiting on it.
    pub fn futex(&self, offset: u64) -> &AtomicU32 {
        self.half(offset)
    }
}
