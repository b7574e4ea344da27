//! A segment in memory of this process alone, the same in every run: its secret is fixed.

use shmkit_dict::segment::{Clock, FORMAT, Segment, option_bits};
use shmkit_dict::{Dict, Geometry};
use shmkit_object::lifecycle::{CreateParams, DEFAULT_LOCK_TIMEOUT};
use shmkit_object::region::Region;
use shmkit_testkit::{AllAlive, Heap, register, superblock_for};
use std::sync::Arc;

/// One segment, for any number of threads.
pub struct Machine(Arc<Heap>);

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
        let memory = Heap::new(geometry.size as usize);
        let superblock = superblock_for(&CreateParams {
            size: geometry.size,
            tail: 0,
            parameters: geometry.parameters(),
            options: option_bits(evict, false),
        });
        superblock.format(&Region::new(memory.clone()), &FORMAT);
        Machine(memory)
    }

    /// Attaches as the process of a slot from 1 on.
    pub fn attach(&self, slot: u32) -> Dict {
        let region = Region::new(self.0.clone());
        let mut segment =
            Segment::attach(region, Box::new(AllAlive), Clock::Boot).expect("it was just formatted");
        register(&mut segment, slot);
        Dict::new(Arc::new(segment), DEFAULT_LOCK_TIMEOUT)
    }
}
