//! A populated segment on the heap, whose bytes the fuzzer damages before or while it is used.

use arbitrary::Arbitrary;
use shmkit_core::dict::Dict;
use shmkit_core::error::Result;
use shmkit_core::layout::geometry::Geometry;
use shmkit_core::layout::superblock::Superblock;
use shmkit_core::participant;
use shmkit_core::region::{Memory, Region};
use shmkit_core::segment::{Clock, FORMAT, Liveness, Segment, option_bits};
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::sync::Arc;
use std::time::Duration;

const SIZE: u64 = 64 << 10;
/// Few buckets, so that most of the index is in use.
const ENTRIES: u64 = 60;
/// Damage may make a lock look held by somebody who lives.
const PATIENCE: Duration = Duration::from_millis(2);

/// Zeroed, cache-line aligned memory of its own allocation: AddressSanitizer guards its ends.
struct Heap {
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

impl Drop for Heap {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout in `memory`.
        unsafe { dealloc(self.base, self.layout) };
    }
}

fn memory() -> Region {
    let layout = Layout::from_size_align(SIZE as usize, 64).expect("a layout");
    // SAFETY: the layout's size is not 0.
    let base = unsafe { alloc_zeroed(layout) };
    assert!(!base.is_null());
    Region::new(Arc::new(Heap { base, layout }))
}

/// Nobody is known to be dead.
struct AllLive;

impl Liveness for AllLive {
    fn is_dead(&self, _slot: u32) -> bool {
        false
    }
}

/// A word of the segment that is changed.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub struct Damage {
    place: u16,
    kind: Kind,
    low: u32,
    high: u32,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Kind {
    /// Any bits.
    Word,
    /// A few bits flipped.
    Flip,
    /// The word that stands elsewhere.
    Copy,
    /// Something smaller, added: an offset, a length, a count that is a little wrong.
    Add,
}

impl Damage {
    /// Does it. Places are words; the superblock, whose checksum would only refuse, is hit rarely.
    pub fn inflict(&self, region: &Region) {
        let words = SIZE / 8;
        let at = u64::from(self.place) % words * 8;
        let now = region.load(at);
        let word = u64::from(self.low) | u64::from(self.high) << 32;
        let new = match self.kind {
            Kind::Word => word,
            Kind::Flip => now ^ 1 << (self.low % 64) ^ 1 << (self.high % 64),
            Kind::Copy => region.load(u64::from(self.low) % words * 8),
            Kind::Add => now.wrapping_add(u64::from(self.low as u8)).wrapping_sub(u64::from(self.high as u8)),
        };
        region.hint(at, new);
    }
}

/// A machine with one segment.
pub struct Machine {
    pub region: Region,
}

impl Machine {
    /// An empty segment.
    pub fn new(evict: bool, checksums: bool) -> Machine {
        let geometry = Geometry::derive(SIZE, Some(ENTRIES)).expect("a geometry");
        let superblock = Superblock {
            size: geometry.size,
            parameters: geometry.parameters(),
            options: option_bits(evict, checksums),
            persist: false,
            owned: false,
            hash_key: *b"a fixed test key",
            boot_id: [0; 16],
            time_namespace: 0,
            segment_id: 1,
            created: 1,
        };
        let region = memory();
        superblock.format(&region, &FORMAT);
        Machine { region }
    }

    /// A process registered in `slot`.
    pub fn process(&self, slot: u32) -> Result<Dict> {
        let mut segment = Segment::attach(self.region.clone(), Box::new(AllLive), Clock::Boot)?;
        participant::register(&mut segment, slot, slot, 0);
        Ok(Dict::new(Arc::new(segment), PATIENCE))
    }
}
