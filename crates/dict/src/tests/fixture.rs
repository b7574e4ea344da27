//! A dictionary on the heap, shared by any number of simulated processes.

use crate::entry::view::ValueView;
use crate::layout::feed::{feed_bytes, growing_feed_bytes};
use crate::layout::geometry::Geometry;
use crate::ops::Dict;
use crate::segment::{Clock, FLAG_ELASTIC, FORMAT, Segment, option_bits};
use crate::value::{Condition, Key, Ttl, Value, ValueKind};
use shmkit_object::error::Result;
use shmkit_object::lifecycle::CreateParams;

use shmkit_object::region::Region;
use shmkit_object::superblock::feature;
use shmkit_object::sync::{AtomicU32, Ordering};
use shmkit_testkit::{DeadSlots, Heap, register, superblock_for};
use std::sync::Arc;
use std::time::Duration;

/// A machine: one segment, and its dead participants.
pub struct Machine {
    pub heap: Arc<Heap>,
    pub dead: DeadSlots,
    clock: Arc<AtomicU32>,
}

#[derive(Clone, Copy, Default)]
pub struct Options {
    pub size: u64,
    pub evict: bool,
    pub checksums: bool,
    pub wipe: bool,
    pub max_entries: Option<u64>,
    /// Bytes of the table of record structures.
    pub structures: u64,
    /// Bytes of the change feed, rounded up; 0 for none.
    pub feed: u64,
    /// The most bytes of a dictionary that begins with `size`; 0 for one of fixed size.
    pub max_size: u64,
}

impl Machine {
    pub fn new(options: Options) -> Machine {
        let mut features = [0; feature::COUNT];
        features[feature::RECORDS] = options.structures;
        features[feature::FEED] = match options.max_size {
            0 => feed_bytes(options.size, Some(options.feed)),
            max_size => growing_feed_bytes(max_size, Some(options.feed)),
        };
        let geometry = match options.max_size {
            0 => Geometry::with(options.size, options.max_entries, &features).unwrap(),
            max_size => {
                features[feature::FLAGS] = FLAG_ELASTIC;
                features[feature::FIRST_SIZE] = options.size;
                features[feature::MAX_SIZE] = max_size;
                Geometry::elastic(max_size, options.max_entries, &features).unwrap()
            }
        };
        let heap = Heap::new(geometry.size as usize);
        let superblock = superblock_for(&CreateParams {
            size: geometry.size,
            parameters: geometry.parameters(),
            features,
            options: option_bits(options.evict, options.checksums, options.wipe),
            ..CreateParams::default()
        });
        shmkit_object::crash::arm(shmkit_object::crash::CrashPlan::default());
        superblock.format(&Region::new(heap.clone()), &FORMAT);
        Machine { heap, dead: DeadSlots::default(), clock: Arc::new(AtomicU32::new(1000)) }
    }

    pub fn small() -> Machine {
        Machine::new(Options { size: 64 << 10, ..Options::default() })
    }

    /// Returns a small machine with a change feed.
    pub fn watched() -> Machine {
        Machine::new(Options { size: 64 << 10, feed: 1, ..Options::default() })
    }

    /// Returns a process with its own mapping, registered in `slot`.
    pub fn process(&self, slot: u32) -> Dict {
        self.try_process(slot).unwrap()
    }

    /// Returns a process that is attached read-only.
    pub fn reader(&self) -> Dict {
        let region = Region::new(self.heap.clone());
        let clock = Clock::Fixed(self.clock.clone());
        let segment = Segment::attach(region, Box::new(self.dead.clone()), clock).unwrap();
        Dict::new(Arc::new(segment), Duration::from_secs(2))
    }

    /// Like `process`, for memory that may be damaged.
    pub fn try_process(&self, slot: u32) -> Result<Dict> {
        let region = Region::new(self.heap.clone());
        let clock = Clock::Fixed(self.clock.clone());
        let mut segment = Segment::attach(region, Box::new(self.dead.clone()), clock)?;
        register(&mut segment, slot);
        Ok(Dict::new(Arc::new(segment), Duration::from_secs(2)))
    }
}

/// Sets the clock of a process's machine.
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
    Value::bytes(ValueKind::Latin1, value.as_bytes())
}

pub fn bytes(value: &[u8]) -> Value<'_> {
    Value::bytes(ValueKind::Bytes, value)
}

pub fn set(dict: &Dict, name: &str, value: Value<'_>) {
    assert!(dict.set(key(name), value, Ttl::Never, Condition::Always).unwrap(), "set {name}");
}

pub fn get(dict: &Dict, name: &str) -> Option<Vec<u8>> {
    let mut buffer = Vec::new();
    dict.get(key(name), &mut buffer).unwrap().map(|entry| entry.value.bytes.to_vec())
}

/// Like `get`, with the bytes copied straight from shared memory to their destination.
pub fn read_direct(dict: &Dict, name: &str) -> Option<Vec<u8>> {
    let mut buffer = Vec::new();
    let copy = |view: ValueView<'_>| {
        let mut copy = vec![7; view.bytes.len()];
        // SAFETY: `copy` has that many bytes.
        unsafe { view.bytes.copy_to(copy.as_mut_ptr()) };
        copy
    };
    dict.read_with(key(name), &mut buffer, copy).unwrap().map(|(result, _)| result.output)
}

pub fn assert_sound(dict: &Dict) {
    assert_eq!(dict.verify().unwrap(), Vec::<String>::new());
}
