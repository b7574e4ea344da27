//! A segment in memory of this process alone, the same in every run: its secret is fixed.

use memmap2::MmapMut;
use shmkit_core::dict::{DEFAULT_LOCK_TIMEOUT, Dict};
use shmkit_core::layout::geometry::Geometry;
use shmkit_core::layout::superblock::Superblock;
use shmkit_core::participant;
use shmkit_core::region::{Memory, Region};
use shmkit_core::segment::{Clock, FORMAT, Liveness, Segment, option_bits};
use std::sync::Arc;

struct Anonymous(MmapMut);

// SAFETY: a mapping starts at a page, and stays where it is, readable and writable, until it is dropped.
unsafe impl Memory for Anonymous {
    fn base(&self) -> *mut u8 {
        self.0.as_ptr().cast_mut()
    }
    fn len(&self) -> usize {
        self.0.len()
    }
    fn is_writable(&self) -> bool {
        true
    }
}

/// All participants are threads of this process.
struct Immortal;

impl Liveness for Immortal {
    fn is_dead(&self, _slot: u32) -> bool {
        false
    }
}

/// One segment, for any number of threads.
pub struct Machine(Arc<Anonymous>);

impl Machine {
    /// An empty dictionary of `size` bytes for `entries`.
    pub fn new(size: u64, entries: u64) -> Machine {
        Machine::with(size, entries, false)
    }

    /// The same, which evicts when it is full.
    pub fn evicting(size: u64, entries: u64) -> Machine {
        Machine::with(size, entries, true)
    }

    fn with(size: u64, entries: u64, evict: bool) -> Machine {
        let geometry = Geometry::derive(size, Some(entries)).expect("a size that holds the entries");
        let map = MmapMut::map_anon(geometry.size as usize).expect("there is memory");
        let memory = Arc::new(Anonymous(map));
        let superblock = Superblock {
            size: geometry.size,
            parameters: geometry.parameters(),
            options: option_bits(evict, false),
            persist: false,
            owned: false,
            hash_key: *b"a fixed test key",
            boot_id: [0; 16],
            time_namespace: 0,
            segment_id: 1,
            created: 1,
        };
        superblock.format(&Region::new(memory.clone()), &FORMAT);
        Machine(memory)
    }

    /// Attaches as the process of a slot from 1 on.
    pub fn attach(&self, slot: u32) -> Dict {
        let region = Region::new(self.0.clone());
        let mut segment =
            Segment::attach(region, Box::new(Immortal), Clock::Boot).expect("it was just formatted");
        participant::register(&mut segment, slot, slot, 0);
        Dict::new(Arc::new(segment), DEFAULT_LOCK_TIMEOUT)
    }
}
