//! A dictionary on the heap, shared by any number of simulated processes.

use crate::dict::Dict;
use crate::error::Result;
use crate::layout::geometry::Geometry;
use crate::layout::superblock::Superblock;
use crate::lifecycle::Blueprint;
use crate::participant;
use crate::region::{Memory, Region};
use crate::segment::{Clock, FORMAT, Liveness, Segment, option_bits};
use crate::sync::{AtomicU32, Ordering};
use crate::value::{Condition, Key, Kind, Ttl, Value};
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Zeroed, cache-line aligned memory.
pub struct Heap {
    base: *mut u8,
    layout: Layout,
}

// SAFETY: the memory is owned by the value and only accessed through a `Region`.
unsafe impl Send for Heap {}
// SAFETY: as for Send.
unsafe impl Sync for Heap {}

// SAFETY: `base` is aligned to 64, zeroed, and lives as long as the value.
unsafe impl Memory for Heap {
    fn base(&self) -> *mut u8 {
        self.base
    }
    fn len(&self) -> usize {
        self.layout.size()
    }
    fn is_writable(&self) -> bool {
        true
    }
}

impl Heap {
    pub fn new(size: usize) -> Arc<Heap> {
        let layout = Layout::from_size_align(size, 64).unwrap();
        // SAFETY: the layout's size is not 0.
        let base = unsafe { alloc_zeroed(layout) };
        assert!(!base.is_null());
        Arc::new(Heap { base, layout })
    }

    /// A copy of all bytes: nobody may write meanwhile.
    pub fn image(&self) -> Vec<u8> {
        // SAFETY: `base` is valid for the whole size, and no thread of the test writes now.
        unsafe { std::slice::from_raw_parts(self.base, self.layout.size()) }.to_vec()
    }

    /// Puts an image back: nobody may use the memory meanwhile.
    pub fn restore(&self, image: &[u8]) {
        assert_eq!(image.len(), self.layout.size());
        // SAFETY: both are valid for the size, and no thread of the test uses the memory now.
        unsafe { std::ptr::copy_nonoverlapping(image.as_ptr(), self.base, image.len()) };
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout in `new`.
        unsafe { dealloc(self.base, self.layout) };
    }
}

/// Which simulated processes are dead.
#[derive(Default, Clone)]
pub struct Graveyard(Arc<Mutex<Vec<u32>>>);

impl Graveyard {
    pub fn bury(&self, slot: u32) {
        self.0.lock().unwrap().push(slot);
    }

    pub fn exhume(&self) {
        self.0.lock().unwrap().clear();
    }
}

impl Liveness for Graveyard {
    fn is_dead(&self, slot: u32) -> bool {
        self.0.lock().unwrap().contains(&slot)
    }
}

/// The superblock of an object of any kind.
pub fn superblock_for(blueprint: &Blueprint) -> Superblock {
    Superblock {
        size: blueprint.size,
        parameters: blueprint.parameters,
        options: blueprint.options,
        persist: false,
        owned: false,
        hash_key: *b"a fixed test key",
        boot_id: [0; 16],
        time_namespace: 0,
        segment_id: 1,
        created: 1,
    }
}

/// A machine: one segment, and who is dead on it.
pub struct Machine {
    pub heap: Arc<Heap>,
    pub graveyard: Graveyard,
    clock: Arc<AtomicU32>,
}

#[derive(Clone, Copy, Default)]
pub struct Options {
    pub size: u64,
    pub evict: bool,
    pub checksums: bool,
    pub max_entries: Option<u64>,
}

impl Machine {
    pub fn new(options: Options) -> Machine {
        let geometry = Geometry::derive(options.size, options.max_entries).unwrap();
        let heap = Heap::new(geometry.size as usize);
        let superblock = superblock_for(&Blueprint {
            size: geometry.size,
            parameters: geometry.parameters(),
            options: option_bits(options.evict, options.checksums),
            behind: 0,
        });
        crate::crash::arm(crate::crash::Plan::default());
        superblock.format(&Region::new(heap.clone()), &FORMAT);
        Machine { heap, graveyard: Graveyard::default(), clock: Arc::new(AtomicU32::new(1000)) }
    }

    pub fn small() -> Machine {
        Machine::new(Options { size: 64 << 10, ..Options::default() })
    }

    /// A process with its own mapping, registered in `slot`.
    pub fn process(&self, slot: u32) -> Dict {
        self.try_process(slot).unwrap()
    }

    /// As `process`, over memory that may be damaged.
    pub fn try_process(&self, slot: u32) -> Result<Dict> {
        let region = Region::new(self.heap.clone());
        let clock = Clock::Fixed(self.clock.clone());
        let mut segment = Segment::attach(region, Box::new(self.graveyard.clone()), clock)?;
        participant::register(&mut segment, slot, slot, 0);
        Ok(Dict::new(Arc::new(segment), Duration::from_secs(2)))
    }
}

/// Moves the clock of a process's machine.
pub fn set_clock(dict: &Dict, ms: u32) {
    match &dict.segment().clock {
        Clock::Fixed(clock) => clock.store(ms, Ordering::Relaxed),
        Clock::Boot => panic!("a test's clock is fixed"),
    }
}

pub fn key(name: &str) -> Key<'_> {
    Key::new(name.as_bytes(), false).unwrap()
}

pub fn text(value: &str) -> Value<'_> {
    Value::bytes(Kind::Latin1, value.as_bytes())
}

pub fn bytes(value: &[u8]) -> Value<'_> {
    Value::bytes(Kind::Bytes, value)
}

pub fn set(dict: &Dict, name: &str, value: Value<'_>) {
    assert!(dict.set(key(name), value, Ttl::Never, Condition::Always).unwrap(), "set {name}");
}

pub fn get(dict: &Dict, name: &str) -> Option<Vec<u8>> {
    let mut buffer = Vec::new();
    dict.get(key(name), &mut buffer).unwrap().map(|entry| entry.value.bytes.to_vec())
}

pub fn assert_sound(dict: &Dict) {
    assert_eq!(dict.verify().unwrap(), Vec::<String>::new());
}

/// Of tests that try everything, one try of so many will do in an emulator, which is slow.
pub fn one_of() -> usize {
    std::env::var("SHMKIT_TEST_ONE_OF").map_or(1, |number| number.parse().unwrap())
}
