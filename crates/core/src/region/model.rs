//! The bytes of a region while a model checker (loom) runs the engine: `--cfg loom`, never in a build
//! that ships. Words that the modelled calls store to are loom's atomics, of which a load may return
//! any value that the memory model of C++11 allows. All others keep the value of the image: a word
//! that nobody stores to has just one. Which are stored to is learnt from a run of the same calls.

use super::{Memory, Region, outside};
use crate::sync::{AtomicU8, AtomicU32, AtomicU64, Ordering, plain, spin_loop};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// A word that is stored to: its offset and its width in bytes.
pub type Place = (u64, u64);

/// An image, and which of its words change.
#[derive(Debug, Clone, Default)]
pub struct Learnt {
    /// The bytes before the modelled calls.
    pub image: Vec<u8>,
    /// The words that they store to.
    pub places: BTreeSet<Place>,
}

#[derive(Debug)]
enum Shared {
    Word(AtomicU64),
    Half(AtomicU32),
    Byte(AtomicU8),
}

/// The bytes.
#[derive(Debug)]
pub(super) struct Words {
    /// While learning: the bytes as they are, and what was stored to.
    learning: Option<Arc<Mutex<Learnt>>>,
    image: Vec<u8>,
    shared: BTreeMap<Place, Shared>,
}

fn read(image: &[u8], (offset, width): Place) -> u64 {
    let mut bytes = [0; 8];
    let at = offset as usize;
    bytes[..width as usize].copy_from_slice(&image[at..at + width as usize]);
    u64::from_le_bytes(bytes)
}

impl Words {
    /// Plain memory that notes in `learnt` what is stored to.
    pub fn learning(learnt: Arc<Mutex<Learnt>>) -> Words {
        Words { learning: Some(learnt), image: Vec::new(), shared: BTreeMap::new() }
    }

    /// The memory as learnt, its changing words under the checker's control.
    pub fn shared(learnt: &Learnt) -> Words {
        let new = |place: Place| {
            let value = read(&learnt.image, place);
            let shared = match place.1 {
                8 => Shared::Word(AtomicU64::new(value)),
                4 => Shared::Half(AtomicU32::new(value as u32)),
                _ => Shared::Byte(AtomicU8::new(value as u8)),
            };
            (place, shared)
        };
        let shared = learnt.places.iter().copied().map(new).collect();
        Words { learning: None, image: learnt.image.clone(), shared }
    }

    fn atomic(&self, place: Place) -> &Shared {
        self.shared.get(&place).unwrap_or_else(|| panic!("nobody stored to {place:?} while it was learnt"))
    }

    /// Changes a word of plain memory, and notes that it does.
    fn change(learnt: &Mutex<Learnt>, place: Place, change: impl FnOnce(u64) -> u64) -> u64 {
        let mut learnt = learnt.lock().unwrap_or_else(PoisonError::into_inner);
        learnt.places.insert(place);
        let before = read(&learnt.image, place);
        let at = place.0 as usize;
        learnt.image[at..at + place.1 as usize]
            .copy_from_slice(&change(before).to_le_bytes()[..place.1 as usize]);
        before
    }

    fn load(&self, place: Place, order: Ordering) -> u64 {
        if let Some(learnt) = &self.learning {
            return read(&learnt.lock().unwrap_or_else(PoisonError::into_inner).image, place);
        }
        match self.shared.get(&place) {
            None => read(&self.image, place),
            Some(Shared::Word(word)) => word.load(order),
            Some(Shared::Half(half)) => u64::from(half.load(order)),
            Some(Shared::Byte(byte)) => u64::from(byte.load(order)),
        }
    }

    fn store(&self, place: Place, value: u64, order: Ordering) {
        if let Some(learnt) = &self.learning {
            Self::change(learnt, place, |_| value);
            return;
        }
        match self.atomic(place) {
            Shared::Word(word) => word.store(value, order),
            Shared::Half(half) => half.store(value as u32, order),
            Shared::Byte(byte) => byte.store(value as u8, order),
        }
    }

    fn swap_if(&self, place: Place, current: u64, new: u64, order: [Ordering; 2]) -> Result<u64, u64> {
        if let Some(learnt) = &self.learning {
            let before = Self::change(learnt, place, |now| if now == current { new } else { now });
            return if before == current { Ok(before) } else { Err(before) };
        }
        match self.atomic(place) {
            Shared::Word(word) => word.compare_exchange(current, new, order[0], order[1]),
            Shared::Half(half) => half
                .compare_exchange(current as u32, new as u32, order[0], order[1])
                .map(u64::from)
                .map_err(u64::from),
            Shared::Byte(_) => unreachable!("bytes are never swapped"),
        }
    }

    fn add(&self, place: Place, delta: u64, order: Ordering) {
        if let Some(learnt) = &self.learning {
            Self::change(learnt, place, |now| now.wrapping_add(delta));
            return;
        }
        match self.atomic(place) {
            Shared::Word(word) => drop(word.fetch_add(delta, order)),
            _ => unreachable!("only words are added to"),
        }
    }
}

/// What stands for a reference to an atomic of type `T`.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a, T> {
    words: &'a Words,
    place: Place,
    value: std::marker::PhantomData<T>,
}

macro_rules! atomic {
    ($value:ty) => {
        impl At<'_, $value> {
            pub fn load(self, order: Ordering) -> $value {
                self.words.load(self.place, order) as $value
            }
            pub fn store(self, value: $value, order: Ordering) {
                self.words.store(self.place, u64::from(value), order);
            }
            pub fn compare_exchange(
                self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.words
                    .swap_if(self.place, u64::from(current), u64::from(new), [success, failure])
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
        self.words.load(self.place, order) as u8
    }
    pub fn store(self, value: u8, order: Ordering) {
        self.words.store(self.place, u64::from(value), order);
    }
}

impl At<'_, u64> {
    pub fn fetch_add(self, delta: u64, order: Ordering) {
        self.words.add(self.place, delta, order);
    }
}

/// A word of shared memory.
#[derive(Debug, Clone, Copy)]
pub struct Word<'a>(At<'a, u64>);

impl Word<'_> {
    /// Acquire, as [`Region::load`].
    pub fn load(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

impl Region {
    /// The seven index words of the bucket at `offset`.
    pub fn index_words(&self, offset: u64) -> [Word<'_>; 7] {
        std::array::from_fn(|slot| Word(self.word(offset + slot as u64 * 8)))
    }

    /// The memory as learnt, its changing words under the checker's control.
    pub fn shared(learnt: &Learnt) -> Region {
        Region::over(Words::shared(learnt), learnt.image.len() as u64)
    }

    /// Plain memory that notes what is stored to.
    pub fn learning(learnt: Arc<Mutex<Learnt>>) -> Region {
        let len = learnt.lock().unwrap_or_else(PoisonError::into_inner).image.len() as u64;
        Region::over(Words::learning(learnt), len)
    }

    /// No mapping is ever looked at through the model.
    pub fn new(memory: Arc<dyn Memory>) -> Region {
        panic!("{} bytes of real memory in a model", memory.len());
    }

    fn over(words: Words, len: u64) -> Region {
        Region { words: Arc::new(words), len, end: len & !63, writable: true }
    }

    /// There is no address.
    pub fn start(&self) -> *mut u8 {
        std::ptr::null_mut()
    }

    fn place<T>(&self, offset: u64) -> At<'_, T> {
        let bytes = size_of::<T>() as u64;
        if !offset.is_multiple_of(bytes) || offset > self.end || self.end - offset < bytes {
            outside(offset, bytes);
        }
        At { words: &self.words, place: (offset, bytes), value: std::marker::PhantomData }
    }

    pub(super) fn word(&self, offset: u64) -> At<'_, u64> {
        self.place(offset)
    }

    pub(super) fn half(&self, offset: u64) -> At<'_, u32> {
        self.place(offset)
    }

    pub(super) fn byte(&self, offset: u64) -> At<'_, u8> {
        self.place(offset)
    }

    /// Sleeping comes down to letting the others go on: no word is ever what the caller expects here.
    pub fn futex(&self, _offset: u64) -> &'static plain::AtomicU32 {
        static NEVER: plain::AtomicU32 = plain::AtomicU32::new(0);
        spin_loop();
        &NEVER
    }

    /// As in a build that ships, by relaxed words.
    pub fn copy_out(&self, offset: u64, len: usize, out: &mut Vec<u8>) {
        let end = out.len() + len;
        for at in (0..len as u64).step_by(8) {
            out.extend(self.word(offset + at).load(Ordering::Relaxed).to_le_bytes());
        }
        out.truncate(end);
    }

    /// As in a build that ships, by relaxed words.
    pub fn copy_to(&self, offset: u64, target: &mut [u8]) {
        let mut bytes = Vec::new();
        self.copy_out(offset, target.len(), &mut bytes);
        target.copy_from_slice(&bytes);
    }

    /// As in a build that ships, by relaxed words.
    pub fn has_bytes(&self, offset: u64, bytes: &[u8]) -> bool {
        let word = |index: usize| self.load_relaxed(offset + index as u64 * 8).to_le_bytes();
        bytes.chunks(8).enumerate().all(|(index, chunk)| word(index)[..chunk.len()] == *chunk)
    }

    /// As in a build that ships, by relaxed words.
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

    /// As for the region that ships.
    pub fn append_bytes(&self, offset: u64, len: usize, out: &mut Vec<u8>) {
        let before = offset & 7;
        let mut words = Vec::new();
        self.copy_out(offset - before, before as usize + len, &mut words);
        out.extend_from_slice(&words[before as usize..]);
    }

    /// There are no caches.
    pub fn prefetch(&self, _offset: u64) {}
}
