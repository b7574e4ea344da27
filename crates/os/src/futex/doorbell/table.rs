//! A table of sleeping threads: in a file that the processes of a directory share, or in the memory of this one.
//!
//! ```text
//!   0  magic (8) | random number in the names of the events (8) | slots ever used (4)
//!  64  slot 0, 64 bytes: state (4) | generation (4) | key (8) | mask (8)
//! ```
//! Nothing in it is trusted: wrong bytes wake a thread without a cause, or too late.

#![allow(unsafe_code, reason = "accesses mapped memory")]

use super::event::Event;
use super::slot::{ASLEEP, AWAKE, OwnSlot, SleepsOn, Slot, WOKEN, bit};
use crate::entropy;
use crate::range_lock::{LockMode, Range, RangeLock};
use crate::shm::open_or_create;
use memmap2::{MmapOptions, MmapRaw};
use std::collections::HashMap;
use std::fs::File;
use std::os::windows::io::AsHandle;
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The name of the file.
const FILE: &str = ".shmkit.bells";
/// Of this layout.
const MAGIC: u64 = u64::from_le_bytes(*b"shmkitB1");
const SLOTS: usize = 1023;
const BYTES: u64 = size_of::<Bytes>() as u64;
/// Where the bytes of the slots' locks are: past the end of the file.
const LOCKS: u64 = 1 << 40;

/// The bytes of a table.
#[derive(Debug)]
#[repr(C, align(64))]
struct Bytes {
    magic: AtomicU64,
    nonce: AtomicU64,
    used: AtomicU32,
    slots: [Slot; SLOTS],
}

#[derive(Debug)]
enum Memory {
    Own(Box<Bytes>),
    Shared(MmapRaw, File),
}

/// A table, and what this process holds of it.
#[derive(Debug)]
pub(super) struct Table {
    memory: Memory,
    /// Slots that no thread of this process uses now.
    free: Mutex<Vec<OwnSlot>>,
    /// The events of slots, by slot and generation.
    events: Mutex<HashMap<(u32, u32), Arc<Event>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Table {
    /// Makes a table for words of this process alone.
    pub(super) fn own() -> Table {
        let used = AtomicU32::new(0);
        let slots = std::array::from_fn(|_| Slot::default());
        let bytes = Bytes { magic: AtomicU64::new(MAGIC), nonce: AtomicU64::new(0), used, slots };
        Table::of(Memory::Own(Box::new(bytes)))
    }

    /// Opens or creates the table of a directory; returns `None` if this user cannot, or if the file has another layout.
    pub(super) fn open(directory: &Path) -> Option<Table> {
        let file = open_or_create(&directory.join(FILE)).ok()?;
        if file.metadata().ok()?.len() < BYTES {
            file.set_len(BYTES).ok()?;
        }
        let memory = MmapOptions::new().len(BYTES as usize).map_raw(&file).ok()?;
        let table = Table::of(Memory::Shared(memory, file));
        let bytes = table.bytes();
        // The first process decides; the others find its numbers. AcqRel: nothing else depends on them.
        let random = u64::from_ne_bytes(entropy::random().ok()?).max(1);
        let _ = bytes.nonce.compare_exchange(0, random, Ordering::AcqRel, Ordering::Acquire);
        let magic = bytes.magic.compare_exchange(0, MAGIC, Ordering::AcqRel, Ordering::Acquire);
        matches!(magic, Ok(_) | Err(MAGIC)).then_some(table)
    }

    fn of(memory: Memory) -> Table {
        Table { memory, free: Mutex::default(), events: Mutex::default() }
    }

    fn bytes(&self) -> &Bytes {
        match &self.memory {
            Memory::Own(bytes) => bytes,
            // SAFETY: the mapping is at least BYTES long, starts at a page, and stays while `self` does. `Bytes` consists
            // of atomics, for which every bit pattern is valid and which other processes may change.
            Memory::Shared(memory, _) => unsafe { &*memory.as_ptr().cast::<Bytes>() },
        }
    }

    fn slot(&self, index: u32) -> &Slot {
        &self.bytes().slots[index as usize]
    }

    /// Returns a slot for this thread; `None` if all are taken, or the system makes no event.
    pub(super) fn take_slot(&self) -> Option<OwnSlot> {
        locked(&self.free).pop().or_else(|| self.claim())
    }

    fn claim(&self) -> Option<OwnSlot> {
        let bytes = self.bytes();
        let (index, lock) = match &self.memory {
            // Relaxed: each number is given once.
            Memory::Own(_) => (bytes.used.fetch_add(1, Ordering::Relaxed), None),
            Memory::Shared(_, file) => (0..SLOTS as u32).find_map(|index| {
                let range = Range { offset: LOCKS + u64::from(index), length: 1 };
                let lock = RangeLock::try_acquire(file.as_handle(), LockMode::Exclusive, range).ok()??;
                Some((index, Some(lock)))
            })?,
        };
        if index as usize >= SLOTS {
            bytes.used.store(SLOTS as u32, Ordering::Relaxed);
            return None;
        }
        let named = lock.is_some().then(|| (bytes.nonce.load(Ordering::Acquire), index));
        let event = Arc::new(Event::create(named)?);
        let slot = self.slot(index);
        // Before the generation: its last owner may have died asleep.
        slot.state.store(AWAKE, Ordering::Release);
        let generation = slot.generation.fetch_add(1, Ordering::AcqRel).wrapping_add(1);
        locked(&self.events).insert((index, generation), Arc::clone(&event));
        // Release: pairs with the Acquire in `wake`.
        bytes.used.fetch_max(index + 1, Ordering::AcqRel);
        Some(OwnSlot { index, event, _lock: lock })
    }

    /// Says what a thread is about to sleep on. A full fence must follow.
    pub(super) fn announce(&self, own: &OwnSlot, sleeps_on: SleepsOn) {
        let slot = self.slot(own.index);
        slot.key.store(sleeps_on.key, Ordering::Relaxed);
        slot.mask.store(sleeps_on.mask, Ordering::Relaxed);
        // Release: pairs with the Acquire in `wake`.
        slot.state.store(ASLEEP, Ordering::Release);
    }

    /// Says that the thread is awake, and keeps the slot for the next one.
    pub(super) fn give_back(&self, own: OwnSlot) {
        self.slot(own.index).state.store(AWAKE, Ordering::Release);
        locked(&self.free).push(own);
    }

    /// Wakes at most `count` threads that sleep on the word alone, and the ones that may sleep on it besides others. The caller has
    /// made a full fence after its change.
    pub(super) fn wake(&self, key: u64, count: u32) {
        // Acquire: pairs with the Release in `claim`.
        let used = self.bytes().used.load(Ordering::Acquire).min(SLOTS as u32);
        let mut woken = 0;
        for index in 0..used {
            let slot = self.slot(index);
            // Acquire: pairs with the Release in `announce`.
            if woken >= count || slot.state.load(Ordering::Acquire) != ASLEEP {
                continue;
            }
            let sleeps_on = slot.key.load(Ordering::Relaxed);
            if sleeps_on != key && (sleeps_on != 0 || slot.mask.load(Ordering::Relaxed) & bit(key) == 0) {
                continue;
            }
            // Only one waker counts it.
            let chosen =
                slot.state.compare_exchange(ASLEEP, WOKEN, Ordering::AcqRel, Ordering::Relaxed).is_ok();
            if chosen && self.ring(index) && sleeps_on == key {
                woken += 1;
            }
        }
    }

    /// Sets the event of a slot; returns false if its process is gone.
    fn ring(&self, index: u32) -> bool {
        let generation = self.slot(index).generation.load(Ordering::Acquire);
        let mut events = locked(&self.events);
        if let Some(event) = events.get(&(index, generation)) {
            return event.set();
        }
        if matches!(self.memory, Memory::Own(_)) {
            return false;
        }
        // Those of the slot's earlier owners are of no use any more.
        events.retain(|(slot, _), _| *slot != index);
        let Some(event) = Event::open(self.bytes().nonce.load(Ordering::Acquire), index) else {
            return false;
        };
        let is_set = event.set();
        events.insert((index, generation), Arc::new(event));
        is_set
    }
}
