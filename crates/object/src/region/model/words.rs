//! The words of a modelled region: plain while recording which of them change, loom's afterwards.

use crate::sync::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// The location of a word: its offset and its width in bytes.
pub type WordLocation = (u64, u64);

/// A recorded image, and the words of it that change.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    /// The bytes before the modelled calls.
    pub image: Vec<u8>,
    /// The words that these calls store to.
    pub locations: BTreeSet<WordLocation>,
}

#[derive(Debug)]
enum Shared {
    Word(AtomicU64),
    Half(AtomicU32),
    Byte(AtomicU8),
}

/// The bytes of a modelled region.
#[derive(Debug)]
pub(in crate::region) struct Words {
    /// While recording: the current bytes, and the words stored to.
    recording: Option<Arc<Mutex<Recording>>>,
    image: Vec<u8>,
    shared: BTreeMap<WordLocation, Shared>,
}

fn read(image: &[u8], (offset, width): WordLocation) -> u64 {
    let mut bytes = [0; 8];
    let at = offset as usize;
    bytes[..width as usize].copy_from_slice(&image[at..at + width as usize]);
    u64::from_le_bytes(bytes)
}

impl Words {
    /// Returns plain memory that records in `recording` which words are stored to.
    pub fn recording(recording: Arc<Mutex<Recording>>) -> Words {
        Words { recording: Some(recording), image: Vec::new(), shared: BTreeMap::new() }
    }

    /// Returns the recorded memory, with its changing words under the control of the checker.
    pub fn shared(recording: &Recording) -> Words {
        let new = |location: WordLocation| {
            let value = read(&recording.image, location);
            let shared = match location.1 {
                8 => Shared::Word(AtomicU64::new(value)),
                4 => Shared::Half(AtomicU32::new(value as u32)),
                _ => Shared::Byte(AtomicU8::new(value as u8)),
            };
            (location, shared)
        };
        let shared = recording.locations.iter().copied().map(new).collect();
        Words { recording: None, image: recording.image.clone(), shared }
    }

    fn atomic(&self, location: WordLocation) -> &Shared {
        self.shared
            .get(&location)
            .unwrap_or_else(|| panic!("no call stored to {location:?} in the recording"))
    }

    /// Changes a word of plain memory, and records it.
    fn change(recording: &Mutex<Recording>, location: WordLocation, change: impl FnOnce(u64) -> u64) -> u64 {
        let mut recording = recording.lock().unwrap_or_else(PoisonError::into_inner);
        recording.locations.insert(location);
        let before = read(&recording.image, location);
        let at = location.0 as usize;
        recording.image[at..at + location.1 as usize]
            .copy_from_slice(&change(before).to_le_bytes()[..location.1 as usize]);
        before
    }

    pub(super) fn load(&self, location: WordLocation, order: Ordering) -> u64 {
        if let Some(recording) = &self.recording {
            return read(&recording.lock().unwrap_or_else(PoisonError::into_inner).image, location);
        }
        match self.shared.get(&location) {
            None => read(&self.image, location),
            Some(Shared::Word(word)) => word.load(order),
            Some(Shared::Half(half)) => u64::from(half.load(order)),
            Some(Shared::Byte(byte)) => u64::from(byte.load(order)),
        }
    }

    pub(super) fn store(&self, location: WordLocation, value: u64, order: Ordering) {
        if let Some(recording) = &self.recording {
            Self::change(recording, location, |_| value);
            return;
        }
        match self.atomic(location) {
            Shared::Word(word) => word.store(value, order),
            Shared::Half(half) => half.store(value as u32, order),
            Shared::Byte(byte) => byte.store(value as u8, order),
        }
    }

    pub(super) fn swap_if(
        &self,
        location: WordLocation,
        current: u64,
        new: u64,
        order: [Ordering; 2],
    ) -> Result<u64, u64> {
        if let Some(recording) = &self.recording {
            let before = Self::change(recording, location, |now| if now == current { new } else { now });
            return if before == current { Ok(before) } else { Err(before) };
        }
        match self.atomic(location) {
            Shared::Word(word) => word.compare_exchange(current, new, order[0], order[1]),
            Shared::Half(half) => half
                .compare_exchange(current as u32, new as u32, order[0], order[1])
                .map(u64::from)
                .map_err(u64::from),
            Shared::Byte(_) => unreachable!("bytes are never swapped"),
        }
    }

    pub(super) fn add(&self, location: WordLocation, delta: u64, order: Ordering) {
        if let Some(recording) = &self.recording {
            Self::change(recording, location, |now| now.wrapping_add(delta));
            return;
        }
        match self.atomic(location) {
            Shared::Word(word) => drop(word.fetch_add(delta, order)),
            _ => unreachable!("only words are added to"),
        }
    }
}
