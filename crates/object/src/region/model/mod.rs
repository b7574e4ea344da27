//! The bytes of a region while the model checker loom runs the engine: with `--cfg loom`, never in a build that ships.
//! Words that the modelled calls store to are loom's atomics: a load may return any value that the memory model of
//! C++11 allows. All other words keep the value of the image. A recording run of the same calls finds out which words
//! are stored to.

mod words;

pub(super) use words::Words as Bytes;
pub use words::{Recording, WordLocation};

use super::{Memory, Region, outside};
use crate::sync::{Ordering, plain, spin_loop};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

/// The model of a reference to an atomic of type `T`.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a, T> {
    words: &'a Bytes,
    location: WordLocation,
    value: PhantomData<T>,
}

macro_rules! atomic {
    ($value:ty) => {
        impl At<'_, $value> {
            pub fn load(self, order: Ordering) -> $value {
                self.words.load(self.location, order) as $value
            }
            pub fn store(self, value: $value, order: Ordering) {
                self.words.store(self.location, u64::from(value), order);
            }
            pub fn compare_exchange(
                self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.words
                    .swap_if(self.location, u64::from(current), u64::from(new), [success, failure])
                    .map(|value| value as $value)
                    .map_err(|value| value as $value)
            }
        }
    };
}
atomic!(u64);
atomic!(u32);

impl At<'_, u8> {
    pub fn load(self, order: Ordering) -> u8 {
        self.words.load(self.location, order) as u8
    }
    pub fn store(self, value: u8, order: Ordering) {
        self.words.store(self.location, u64::from(value), order);
    }
}

impl At<'_, u64> {
    pub fn fetch_add(self, delta: u64, order: Ordering) {
        self.words.add(self.location, delta, order);
    }
}

/// Like in a build that ships.
#[derive(Debug, Clone, Copy)]
pub struct Word<'a>(At<'a, u64>);

impl Word<'_> {
    /// Loads it with Acquire, like [`Region::load`].
    pub fn load(self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Loads it with Relaxed, like [`Region::load_relaxed`].
    pub fn load_relaxed(self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Like in a build that ships.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a, const N: usize>([Word<'a>; N]);

impl<'a, const N: usize> Words<'a, N> {
    /// Returns one of them.
    pub fn word(self, index: usize) -> Word<'a> {
        self.0[index]
    }

    /// Returns them in order.
    pub fn iter(self) -> impl Iterator<Item = Word<'a>> {
        self.0.into_iter()
    }
}

/// Like in a build that ships.
#[derive(Debug, Clone, Copy)]
pub struct CacheLine<'a> {
    region: &'a Region,
    at: u64,
}

impl<'a> CacheLine<'a> {
    /// Returns one of its first seven words.
    pub fn word(self, slot: u32) -> Word<'a> {
        Word(self.region.word(self.at + u64::from(slot) * 8))
    }

    /// Loads one half of its eighth word; Acquire, like [`Region::load32`].
    pub fn last_half(self, half: u32) -> u32 {
        self.region.load32(self.at + 56 + u64::from(half) * 4)
    }
}

/// Like in a build that ships.
#[derive(Debug, Clone)]
pub struct StatsStripe<const N: usize> {
    words: Arc<Bytes>,
    at: u64,
}

impl<const N: usize> StatsStripe<N> {
    /// Adds to one of them, not atomically: an addition by another thread at the same time may be lost.
    pub fn count(&self, index: usize, by: u64) {
        let word =
            At::<u64> { words: &self.words, location: (self.at + index as u64 * 8, 8), value: PhantomData };
        word.store(word.load(Ordering::Relaxed).wrapping_add(by), Ordering::Relaxed);
    }
}

impl Region {
    /// Memory of a model is never in swap.
    ///
    /// # Errors
    /// None.
    pub fn keep_in_memory(&self) -> Result<(), shmkit_os::OsError> {
        Ok(())
    }

    /// Like in a build that ships.
    pub fn words<const N: usize>(&self, offset: u64) -> Words<'_, N> {
        Words(std::array::from_fn(|index| Word(self.word(offset + index as u64 * 8))))
    }

    /// Like in a build that ships.
    pub fn cache_line(&self, offset: u64) -> CacheLine<'_> {
        CacheLine { region: self, at: offset & !63 }
    }

    /// Like in a build that ships.
    pub fn stats_stripe<const N: usize>(&self, offset: u64) -> Option<StatsStripe<N>> {
        Some(StatsStripe { words: Arc::clone(&self.words), at: offset })
    }

    /// Returns the seven index words of the bucket at `offset`.
    pub fn index_words(&self, offset: u64) -> Words<'_, 7> {
        self.words(offset)
    }

    /// Returns the recorded memory, with its changing words under the control of the checker.
    pub fn shared(recording: &Recording) -> Region {
        Region::over(Bytes::shared(recording), recording.image.len() as u64)
    }

    /// Returns plain memory that records which words are stored to.
    pub fn recording(recording: Arc<Mutex<Recording>>) -> Region {
        let len = recording.lock().unwrap_or_else(PoisonError::into_inner).image.len() as u64;
        Region::over(Bytes::recording(recording), len)
    }

    /// Panics: the model has no real memory.
    pub fn new(memory: Arc<dyn Memory>) -> Region {
        panic!("{} bytes of real memory in a model", memory.len());
    }

    fn over(words: Bytes, len: u64) -> Region {
        Region { words: Arc::new(words), len, end: len & !63, writable_end: len & !63 }
    }

    /// Returns true: the model has all its words.
    pub fn cover(&self, _from: u64, _to: u64) -> bool {
        true
    }

    /// Does nothing: the model has all its words.
    ///
    /// # Errors
    /// None.
    pub fn take(&self, _from: u64, _to: u64) -> shmkit_os::error::Result<()> {
        Ok(())
    }

    /// Returns `None`: no file system is modelled.
    pub fn free_bytes(&self) -> Option<u64> {
        None
    }

    /// Returns null: there is no address.
    pub fn start(&self) -> *mut u8 {
        std::ptr::null_mut()
    }

    fn location<T>(&self, offset: u64) -> At<'_, T> {
        let bytes = size_of::<T>() as u64;
        if !offset.is_multiple_of(bytes) || offset > self.end || self.end - offset < bytes {
            outside(offset, bytes);
        }
        At { words: &self.words, location: (offset, bytes), value: PhantomData }
    }

    pub(super) fn word(&self, offset: u64) -> At<'_, u64> {
        self.location(offset)
    }

    pub(super) fn words_to_store<const N: usize>(&self, offset: u64) -> [At<'_, u64>; N] {
        std::array::from_fn(|index| self.word(offset + index as u64 * 8))
    }

    pub(super) fn word_to_store(&self, offset: u64) -> At<'_, u64> {
        self.location(offset)
    }

    pub(super) fn half_to_store(&self, offset: u64) -> At<'_, u32> {
        self.location(offset)
    }

    pub(super) fn byte_to_store(&self, offset: u64) -> At<'_, u8> {
        self.location(offset)
    }

    pub(super) fn half(&self, offset: u64) -> At<'_, u32> {
        self.location(offset)
    }

    pub(super) fn byte(&self, offset: u64) -> At<'_, u8> {
        self.location(offset)
    }

    /// Returns a word that never has the value that a caller expects, so that sleeping only lets the other threads run.
    pub fn futex(&self, _offset: u64) -> &'static plain::AtomicU32 {
        static NEVER: plain::AtomicU32 = plain::AtomicU32::new(0);
        spin_loop();
        &NEVER
    }

    /// Like in a build that ships, by relaxed words.
    pub fn copy_out(&self, offset: u64, len: usize, out: &mut Vec<u8>) {
        let end = out.len() + len;
        for at in (0..len as u64).step_by(8) {
            out.extend(self.word(offset + at).load(Ordering::Relaxed).to_le_bytes());
        }
        out.truncate(end);
    }

    /// Like in a build that ships, by relaxed words.
    pub fn copy_to(&self, offset: u64, target: &mut [u8]) {
        let mut bytes = Vec::new();
        self.copy_out(offset, target.len(), &mut bytes);
        target.copy_from_slice(&bytes);
    }

    /// Like in a build that ships, by relaxed words.
    pub fn has_bytes(&self, offset: u64, bytes: &[u8]) -> bool {
        let word = |index: usize| self.load_relaxed(offset + index as u64 * 8).to_le_bytes();
        bytes.chunks(8).enumerate().all(|(index, chunk)| word(index)[..chunk.len()] == *chunk)
    }

    /// Like in a build that ships, by relaxed words.
    pub fn copy_in(&self, offset: u64, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        let mut at = offset;
        for chunk in &mut chunks {
            let word = chunk.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
            self.word(at).store(word, Ordering::Relaxed);
            at += 8;
        }
        let rest = chunks.remainder();
        if !rest.is_empty() {
            self.store(at, rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        }
    }

    /// Like in a build that ships.
    pub fn copy_in_both(&self, offset: u64, first: &[u8], second: &[u8]) {
        self.copy_in(offset, &[first, second].concat());
    }

    /// Like in a build that ships.
    pub fn append_bytes(&self, offset: u64, len: usize, out: &mut Vec<u8>) {
        let before = offset & 7;
        let mut words = Vec::new();
        self.copy_out(offset - before, before as usize + len, &mut words);
        out.extend_from_slice(&words[before as usize..]);
    }

    /// Does nothing: there are no caches.
    pub fn prefetch(&self, _offset: u64) {}
}
