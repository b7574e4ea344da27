//! A populated segment on the heap, whose bytes the fuzzer damages before or while it is used.

use arbitrary::Arbitrary;
use shmkit_dict::{Dict, Geometry};
use shmkit_dict::segment::{Clock, FORMAT, Segment, option_bits};
use shmkit_object::error::Result;
use shmkit_object::lifecycle::CreateParams;
use shmkit_object::region::Region;
use shmkit_testkit::{AllAlive, Heap, register, superblock_for};
use std::sync::Arc;
use std::time::Duration;

const SIZE: u64 = 64 << 10;
/// Few buckets, so that most of the index is in use.
const ENTRIES: u64 = 60;
/// Short, because damage may make a lock look as if a live process held it.
const LOCK_TIMEOUT: Duration = Duration::from_millis(2);

/// A change of one word of the segment.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub struct Damage {
    position: u16,
    kind: DamageKind,
    low: u32,
    high: u32,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum DamageKind {
    /// Replaced with arbitrary bits.
    Word,
    /// A few bits flipped.
    Flip,
    /// Replaced with another word of the segment.
    Copy,
    /// Changed by a small amount: an offset, length or count that is slightly wrong.
    Add,
}

impl Damage {
    /// Changes the word. The superblock, whose checksum would only cause a refusal, is hit rarely.
    pub fn apply(&self, region: &Region) {
        let words = SIZE / 8;
        let at = u64::from(self.position) % words * 8;
        let now = region.load(at);
        let word = u64::from(self.low) | u64::from(self.high) << 32;
        let new = match self.kind {
            DamageKind::Word => word,
            DamageKind::Flip => now ^ 1 << (self.low % 64) ^ 1 << (self.high % 64),
            DamageKind::Copy => region.load(u64::from(self.low) % words * 8),
            DamageKind::Add => now.wrapping_add(u64::from(self.low as u8)).wrapping_sub(u64::from(self.high as u8)),
        };
        region.hint(at, new);
    }
}

/// A machine with one segment.
pub struct Machine {
    pub region: Region,
}

impl Machine {
    /// Creates an empty segment.
    pub fn new(evict: bool, checksums: bool) -> Machine {
        let geometry = Geometry::derive(SIZE, Some(ENTRIES)).expect("a geometry");
        let superblock = superblock_for(&CreateParams {
            size: geometry.size,
            parameters: geometry.parameters(),
            options: option_bits(evict, checksums, false),
            ..CreateParams::default()
        });
        let region = Region::new(Heap::new(SIZE as usize));
        superblock.format(&region, &FORMAT);
        Machine { region }
    }

    /// Attaches a process and registers it in `slot`.
    pub fn process(&self, slot: u32) -> Result<Dict> {
        let mut segment = Segment::attach(self.region.clone(), Box::new(AllAlive), Clock::Boot)?;
        register(&mut segment, slot);
        Ok(Dict::new(Arc::new(segment), LOCK_TIMEOUT))
    }
}
