//! The bytes of a region in builds that ship: addresses within memory that stays valid.

use super::{Memory, Region, ends_by, outside};
use crate::sync::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use shmkit_os::OsError;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::Arc;

/// A word, checked to be within the region.
#[derive(Debug, Clone, Copy)]
pub struct Word<'a>(&'a AtomicU64);

impl Word<'_> {
    /// Loads it with Acquire, like [`Region::load`].
    #[inline]
    pub fn load(self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Loads it with Relaxed, like [`Region::load_relaxed`].
    #[inline]
    pub fn load_relaxed(self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// `N` consecutive words, checked to be within the region.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a, const N: usize>(&'a [AtomicU64; N]);

impl<'a, const N: usize> Words<'a, N> {
    /// Returns one of them.
    #[inline]
    pub fn word(self, index: usize) -> Word<'a> {
        Word(&self.0[index])
    }

    /// Returns them in order.
    pub fn iter(self) -> impl Iterator<Item = Word<'a>> {
        self.0.iter().map(Word)
    }
}

/// A cache line, checked to be within the region: a bucket.
#[derive(Debug, Clone, Copy)]
pub struct CacheLine<'a> {
    start: NonNull<u8>,
    region: PhantomData<&'a Region>,
}

impl<'a> CacheLine<'a> {
    /// Returns the address of its first byte.
    #[cfg(all(target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
    #[inline]
    pub(super) fn start(self) -> *mut u8 {
        self.start.as_ptr()
    }

    /// Returns one of its first seven words; the eighth is used by halves.
    #[inline]
    pub fn word(self, slot: u32) -> Word<'a> {
        debug_assert!(slot < 7);
        // SAFETY: at most the eighth word from the start of the line.
        let place = unsafe { self.start.cast::<AtomicU64>().add(slot as usize & 7) };
        // SAFETY: within the line, which is valid for as long as the region (`cache_line`), and aligned, because a line is;
        // shared words are only accessed atomically.
        Word(unsafe { place.as_ref() })
    }

    /// Loads one half of its eighth word; Acquire, like [`Region::load32`].
    #[inline]
    pub fn last_half(self, half: u32) -> u32 {
        // SAFETY: one of the last two of the 16 halves from the start of the line.
        let place = unsafe { self.start.cast::<AtomicU32>().add(14 + (half as usize & 1)) };
        // SAFETY: as for `word`; no 8-byte access overlaps this word.
        unsafe { place.as_ref() }.load(Ordering::Acquire)
    }
}

/// Statistics, checked to be within writable memory, and a reference to that memory.
#[derive(Clone)]
pub struct StatsStripe<const N: usize> {
    words: NonNull<[AtomicU64; N]>,
    _memory: Arc<dyn Memory>,
}

impl<const N: usize> std::fmt::Debug for StatsStripe<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StatsStripe").finish_non_exhaustive()
    }
}

// SAFETY: as for `Region`.
unsafe impl<const N: usize> Send for StatsStripe<N> {}
// SAFETY: as for `Region`.
unsafe impl<const N: usize> Sync for StatsStripe<N> {}

impl<const N: usize> StatsStripe<N> {
    /// Adds to one of them, not atomically: an addition by another thread at the same time may be lost.
    #[inline]
    pub fn count(&self, index: usize, by: u64) {
        // SAFETY: `stats_stripe` checked that they are valid for loads and stores as long as the memory, which is kept;
        // they are only accessed atomically.
        let word = &unsafe { self.words.as_ref() }[index];
        word.store(word.load(Ordering::Relaxed).wrapping_add(by), Ordering::Relaxed);
    }
}

// SAFETY: `base` points into memory kept by `memory`, which is Send + Sync, and is only used for
// atomic accesses and race-tolerant copies.
unsafe impl Send for Region {}
// SAFETY: as for Send; every access is atomic or a race-tolerant copy.
unsafe impl Sync for Region {}

impl Region {
    /// Returns a view of all of `memory`.
    pub fn new(memory: Arc<dyn Memory>) -> Self {
        assert!(memory.base().addr().is_multiple_of(64), "a segment starts at a cache line");
        Region {
            base: NonNull::new(memory.base()).expect("memory is somewhere"),
            len: memory.len() as u64,
            end: memory.len() as u64 & !63,
            writable_end: if memory.is_writable() { memory.len() as u64 & !63 } else { 0 },
            memory,
        }
    }

    /// Keeps all pages in memory, never in swap, as long as the memory is mapped.
    ///
    /// # Errors
    /// The system's, at the limit of the user (`ulimit -l`).
    pub fn keep_in_memory(&self) -> Result<(), OsError> {
        self.memory.lock()
    }

    /// Returns the address of the first byte, for a view that the runtime of another language makes of the memory. A
    /// caller that keeps the address also keeps a clone of the region, and follows rules 1 to 3.
    pub fn start(&self) -> *mut u8 {
        self.base.as_ptr()
    }

    /// [`Memory::cover`].
    pub fn cover(&self, from: u64, to: u64) -> bool {
        to <= self.len && self.memory.cover(from, to)
    }

    /// [`Memory::take`].
    ///
    /// # Errors
    /// Any system error.
    pub fn take(&self, from: u64, to: u64) -> shmkit_os::error::Result<()> {
        self.memory.take(from, to)
    }

    /// [`Memory::free_bytes`].
    pub fn free_bytes(&self) -> Option<u64> {
        self.memory.free_bytes()
    }

    #[inline(always)]
    fn below(&self, end: u64, offset: u64, bytes: u64, align: u64) -> NonNull<u8> {
        debug_assert!(align.is_power_of_two());
        // `end` is a multiple of 64: a range that is aligned to its size or more, and starts below `end`, also ends there.
        let is_aligned_throughout = bytes <= align && align <= 64;
        let fits = if is_aligned_throughout { offset < end } else { ends_by(end, offset, bytes) };
        if !offset.is_multiple_of(align) || !fits {
            outside(offset, bytes);
        }
        // SAFETY: offset + bytes <= end: checked, or because all three are multiples of `align`, which divides 64; and
        // base is valid for `self.end` bytes (Memory), of which `end` is never more.
        unsafe { self.base.add(offset as usize) }
    }

    #[inline]
    pub(super) fn at(&self, offset: u64, bytes: u64, align: u64) -> *mut u8 {
        self.below(self.end, offset, bytes, align).as_ptr()
    }

    /// Like `at`, for memory that may be stored to.
    #[inline]
    pub(super) fn at_to_store(&self, offset: u64, bytes: u64, align: u64) -> *mut u8 {
        self.below(self.writable_end, offset, bytes, align).as_ptr()
    }

    #[inline]
    fn word_below(&self, end: u64, offset: u64) -> &AtomicU64 {
        if !offset.is_multiple_of(8) || offset >= end {
            outside(offset, 8);
        }
        // SAFETY: below `end`, which is a multiple of 64, and 8-aligned: all 8 bytes lie within.
        let place = unsafe { self.base.add(offset as usize) };
        // SAFETY: in bounds and 8-aligned (base is 64-aligned); shared words are only accessed atomically.
        unsafe { place.cast().as_ref() }
    }

    #[inline]
    pub(super) fn word(&self, offset: u64) -> &AtomicU64 {
        self.word_below(self.end, offset)
    }

    #[inline]
    pub(super) fn word_to_store(&self, offset: u64) -> &AtomicU64 {
        self.word_below(self.writable_end, offset)
    }

    /// Returns `count` consecutive words from `offset` on.
    ///
    /// # Safety
    /// All of them must be below `self.end`, and `offset` must be a multiple of 8.
    #[inline(always)]
    pub(super) unsafe fn run(&self, offset: u64, count: usize) -> &[AtomicU64] {
        // SAFETY: the caller's guarantee: below `self.end`, for which base is valid (Memory).
        let place = unsafe { self.base.add(offset as usize) };
        // SAFETY: valid for `count` words and 8-aligned (base is 64-aligned), and a slice of atomic words has no gaps;
        // shared words are only accessed atomically.
        unsafe { std::slice::from_raw_parts(place.cast().as_ptr(), count) }
    }

    /// Returns `N` consecutive words from `offset` on, checked once.
    #[inline(always)]
    pub fn words<const N: usize>(&self, offset: u64) -> Words<'_, N> {
        let place = self.below(self.end, offset, 8 * N as u64, 8);
        // SAFETY: `place` is valid for `N` words and 8-aligned (`below`); shared words are only accessed atomically.
        Words(unsafe { place.cast::<[AtomicU64; N]>().as_ref() })
    }

    /// Returns the cache line that contains `offset`, checked once.
    #[inline(always)]
    pub fn cache_line(&self, offset: u64) -> CacheLine<'_> {
        CacheLine { start: self.below(self.end, offset & !63, 64, 64), region: PhantomData }
    }

    /// Returns `N` consecutive statistics, checked once; `None` for read-only memory.
    pub fn stats_stripe<const N: usize>(&self, offset: u64) -> Option<StatsStripe<N>> {
        let words = self.is_writable().then(|| self.below(self.writable_end, offset, 8 * N as u64, 8))?;
        Some(StatsStripe { words: words.cast(), _memory: Arc::clone(&self.memory) })
    }

    /// Returns the seven index words of the bucket at `offset`, checked once.
    #[inline(always)]
    pub fn index_words(&self, offset: u64) -> Words<'_, 7> {
        let place = self.at(offset, 64, 64);
        // SAFETY: `place` is valid for 64 bytes and aligned (`at`); the eighth word of a bucket, which is used by
        // halves, is excluded; shared words are only accessed atomically.
        Words(unsafe { &*place.cast::<[AtomicU64; 7]>() })
    }

    /// Prefetches the cache line at `offset`. A hint: any offset is allowed.
    #[inline]
    pub fn prefetch(&self, offset: u64) {
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        if offset < self.end {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            // SAFETY: below `end`, so within the memory.
            let place = unsafe { self.base.add(offset as usize) };
            // SAFETY: returns nothing and cannot fault; every x86-64 has it.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast::<i8>().as_ptr()) };
        }
        #[cfg(not(all(target_arch = "x86_64", not(miri))))]
        let _ = offset;
    }

    /// Returns `N` consecutive words that may be stored to, checked once.
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

    /// Returns the half word at `offset`, for waiting on it.
    pub fn futex(&self, offset: u64) -> &AtomicU32 {
        self.half(offset)
    }
}
