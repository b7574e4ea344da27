//! The words of a modelled region: plain while it is learnt which of them change, loom's afterwards.

use crate::sync::{AtomicU8, AtomicU32, AtomicU64, Ordering};
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
pub(in crate::region) struct Words {
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

    pub(super) fn load(&self, place: Place, order: Ordering) -> u64 {
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

    pub(super) fn store(&self, place: Place, value: u64, order: Ordering) {
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

    pub(super) fn swap_if(
        &self,
        place: Place,
        current: u64,
        new: u64,
        order: [Ordering; 2],
    ) -> Result<u64, u64> {
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

    pub(super) fn add(&self, place: Place, delta: u64, order: Ordering) {
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
