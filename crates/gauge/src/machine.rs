//! A dictionary in private memory, the same in every run: its secret is fixed.

use shmkit_dict::kind::SegmentOptions;
use shmkit_dict::segment::{Clock, FORMAT, Segment, option_bits};
use shmkit_dict::{Dict, Geometry};
use shmkit_object::lifecycle::{CreateParams, DEFAULT_LOCK_TIMEOUT, Kind};
use shmkit_object::region::Region;
use shmkit_testkit::{AllAlive, Heap, register, superblock_for};
use std::sync::Arc;

/// The memory of one dictionary, for any number of threads.
pub struct Machine(Arc<Heap>);

impl Machine {
    /// Creates an empty dictionary of `size` bytes for `entries`.
    pub fn new(size: u64, entries: u64) -> Machine {
        Machine::create(size, entries, false)
    }

    /// Creates an empty dictionary that evicts entries when it is full.
    pub fn evicting(size: u64, entries: u64) -> Machine {
        Machine::create(size, entries, true)
    }

    /// Creates an empty dictionary that grows to `size` bytes.
    pub fn growing(size: u64) -> Machine {
        let options = SegmentOptions { max_size: Some(size), feed: Some(0), ..SegmentOptions::default() };
        Machine::format(&Segment::create_params(&options).expect("a size that is possible"))
    }

    fn create(size: u64, entries: u64, evict: bool) -> Machine {
        let geometry = Geometry::derive(size, Some(entries)).expect("a size that holds the entries");
        Machine::format(&CreateParams {
            size: geometry.size,
            parameters: geometry.parameters(),
            options: option_bits(evict, false, false),
            ..CreateParams::default()
        })
    }

    fn format(params: &CreateParams) -> Machine {
        let memory = Heap::new(params.size as usize);
        superblock_for(params).format(&Region::new(memory.clone()), &FORMAT);
        Machine(memory)
    }

    /// Attaches and registers in `slot`, which is at least 1.
    pub fn attach(&self, slot: u32) -> Dict {
        let region = Region::new(self.0.clone());
        let mut segment =
            Segment::attach(region, Box::new(AllAlive), Clock::Boot).expect("it was just formatted");
        register(&mut segment, slot);
        Dict::new(Arc::new(segment), DEFAULT_LOCK_TIMEOUT)
    }
}
