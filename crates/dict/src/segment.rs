//! An attached dictionary: checked memory, private geometry, and our participant id.

#![expect(clippy::disallowed_types, reason = "a clock that tests advance while threads read it")]

mod extent;
mod levels;

use crate::layout::geometry::Geometry;
use crate::layout::hash::Secret;
use crate::layout::plain::PlainLayouts;
use crate::layout::shard;
use crate::layout::statistics::{self, Statistic};
use crate::structures;
use extent::Extent;
pub(crate) use levels::level_of;
use shmkit_object::error::{Error, Result};
pub use shmkit_object::membership::{Liveness, Membership, Participant};
use shmkit_object::region::Region;
use shmkit_object::superblock::{self, Format, PARAMETERS, Superblock, feature};
use shmkit_object::sync::{AtomicU32, Ordering};
use shmkit_os as os;
use std::sync::{Arc, Mutex};

/// Time source.
#[derive(Debug)]
pub enum Clock {
    /// Nanoseconds since boot.
    Boot,
    /// A clock set by a test, in milliseconds.
    Fixed(Arc<AtomicU32>),
}

/// Deadlines closer than this many nanoseconds need the precise clock; over 100 coarse-clock ticks.
const NEAR: u64 = 1_000_000_000;

impl Clock {
    /// Returns the time in nanoseconds; never 0.
    #[inline]
    pub fn now(&self) -> u64 {
        match self {
            Clock::Boot => os::clock::boot_ns().max(1),
            Clock::Fixed(ms) => u64::from(ms.load(Ordering::Relaxed)) * 1_000_000 + 1,
        }
    }

    /// Returns whether a deadline is past. The coarse clock, which costs little, decides if the deadline is far
    /// from now.
    #[inline]
    pub fn is_past(&self, deadline: u64) -> bool {
        if let Clock::Boot = self {
            let coarse = os::clock::boot_ns_coarse();
            if coarse.abs_diff(deadline) > NEAR {
                return deadline <= coarse;
            }
        }
        deadline <= self.now()
    }
}

/// The format of dictionaries; `docs/format.md` has the bytes.
pub static FORMAT: Format = Format {
    kind: "dict",
    title: "dictionary",
    magic: u64::from_le_bytes(*b"shmkit\r\xD1"),
    major: 3,
    minor: 2,
    stores_times: true,
    head: None,
    kept_while: None,
    features: &[feature::FLAGS, feature::FIRST_SIZE, feature::FEED, feature::RECORDS, feature::MAX_SIZE],
    check: |superblock| geometry_of(superblock).map(drop),
    body: format_shards,
};

/// The flag of a dictionary that grows.
pub(crate) const FLAG_ELASTIC: u64 = 1;
const OPTION_EVICT: u64 = 1;
const OPTION_CHECKSUMS: u64 = 2;
const OPTION_WIPE: u64 = 16;

/// Returns the option bits that a dictionary's superblock stores.
pub fn option_bits(evict: bool, checksums: bool, wipe: bool) -> u64 {
    let bit = |set: bool, bit: u64| if set { bit } else { 0 };
    bit(evict, OPTION_EVICT) | bit(checksums, OPTION_CHECKSUMS) | bit(wipe, OPTION_WIPE)
}

impl Geometry {
    /// Returns the parameters that the superblock stores.
    pub fn parameters(&self) -> [u64; PARAMETERS] {
        [
            self.max_entries,
            u64::from(self.page_shift),
            u64::from(self.shards),
            u64::from(self.base_buckets),
            u64::from(self.pages),
            u64::from(self.participants),
            u64::from(self.stripes),
            u64::from(self.leases),
        ]
    }
}

/// Derives the geometry anew and compares it with the one stored.
pub(crate) fn geometry_of(superblock: &Superblock) -> Result<Geometry> {
    let max_entries = superblock.parameters[0];
    let (max_entries, features) = ((max_entries > 0).then_some(max_entries), &superblock.features);
    if !structures::is_table_size(features[feature::RECORDS]) {
        return Err(Error::Layout(
            "the table of record structures has a size that this build does not make".into(),
        ));
    }
    let derived = match (features[feature::FLAGS], features[feature::MAX_SIZE]) {
        (0, 0) => Geometry::with(superblock.size, max_entries, features),
        (FLAG_ELASTIC, max_size) if max_size > 0 => Geometry::elastic(max_size, max_entries, features),
        _ => return Err(Error::Layout("the file uses features of a later version of shmkit".into())),
    };
    let geometry = derived.map_err(|error| Error::Corrupt(error.to_string()))?;
    if superblock.parameters != geometry.parameters() || superblock.size != geometry.size {
        return Err(Error::Layout("the section table is not the one this build derives".into()));
    }
    Ok(geometry)
}

/// The levels of four shards' indexes, none of which was ever doubled: for each the level and its complement,
/// a byte each.
const UNDOUBLED: u64 = 0xFF00_FF00_FF00_FF00;

fn format_shards(region: &Region, superblock: &Superblock) {
    let geometry = geometry_of(superblock).expect("its creator derived it by the same rules");
    for id in 0..geometry.shards {
        let at = geometry.shard(id);
        region.store(at + shard::SEQUENCE, 1);
        region.store(at + shard::LIVE, live_word(1, 0));
        region.store(at + shard::NEXT_DEADLINE, u64::MAX);
        region.store(at + shard::SWEPT_EPOCH, 1);
    }
    for at in geometry.level_words() {
        region.store(at, UNDOUBLED);
    }
    let pages = match geometry.is_elastic() {
        true => geometry.first_pages(superblock.features[feature::FIRST_SIZE]),
        false => geometry.pages,
    };
    region.store(superblock::COMMITTED_PAGES, u64::from(pages));
    region.hint(superblock::FREE_PAGES, u64::from(pages));
}

/// An attached dictionary.
#[derive(Debug)]
pub struct Segment {
    /// The file and our participant id.
    pub membership: Membership,
    /// Our private copy of its geometry.
    pub geometry: Geometry,
    extent: Extent,
    /// The secret its keys are hashed with.
    pub secret: Secret,
    /// Whether full writes evict instead of failing.
    pub evict: bool,
    /// Whether entries carry checksums of header, key and value.
    pub checksums: bool,
    /// Whether freed memory is overwritten.
    pub wipe: bool,
    /// The layouts of its plain entries.
    pub plain_layouts: PlainLayouts,
    /// The clock of its deadlines.
    pub clock: Clock,
    /// The number of this participant's watchers.
    pub(crate) watchers: Mutex<u32>,
}

impl std::ops::Deref for Segment {
    type Target = Membership;

    #[inline(always)]
    fn deref(&self) -> &Membership {
        &self.membership
    }
}

impl Segment {
    /// Returns the dictionary in a file that this process is attached to.
    ///
    /// # Errors
    /// Those of [`Superblock::read`].
    pub fn of(membership: Membership, clock: Clock) -> Result<Segment> {
        let geometry = geometry_of(&membership.superblock)?;
        let options = membership.superblock.options;
        let has = |option: u64| options & option != 0;
        let (evict, checksums) = (has(OPTION_EVICT), has(OPTION_CHECKSUMS));
        let secret = Secret::new(&membership.superblock.hash_key);
        let extent = Extent::of(&membership.region, &geometry)?;
        Ok(Segment {
            membership,
            geometry,
            extent,
            secret,
            evict,
            checksums,
            wipe: has(OPTION_WIPE),
            plain_layouts: PlainLayouts::new(checksums),
            clock,
            watchers: Mutex::default(),
        })
    }

    /// Attaches to a formatted region as a reader until `register` is called.
    ///
    /// # Errors
    /// Those of [`Superblock::read`].
    pub fn attach(region: Region, liveness: Box<dyn Liveness>, clock: Clock) -> Result<Segment> {
        Segment::of(Membership::attach(region, &FORMAT, liveness)?, clock)
    }

    /// Counts a sleep for a lock.
    #[cold]
    pub fn count_lock_wait(&self) {
        self.count(Statistic::LockWaits);
    }

    /// Counts a recovery.
    #[cold]
    pub fn count_recovery(&self) {
        self.count(Statistic::Recoveries);
    }

    fn count(&self, statistic: Statistic) {
        self.region.hint_add(self.geometry.stripe(self.me.slot) + statistics::offset(statistic), 1);
    }
}

/// Returns the live entries of `epoch` that a shard's live word counts.
#[inline]
pub(crate) fn live_of(word: u64, epoch: u64) -> u64 {
    if word >> 32 == epoch & 0xFFFF_FFFF { word & 0xFFFF_FFFF } else { 0 }
}

/// Returns a shard's live word: the count belongs to `epoch`; under any other epoch it reads as 0.
#[inline]
pub fn live_word(epoch: u64, live: u64) -> u64 {
    epoch << 32 | live & 0xFFFF_FFFF
}

#[cfg(test)]
mod tests {
    use super::{Clock, NEAR};

    #[test]
    fn a_deadline_is_past_when_the_precise_clock_has_reached_it_near_and_far() {
        let distances = [0, 1, 1_000, NEAR / 2, NEAR - 1, NEAR, NEAR + 1, 2 * NEAR, 1_000 * NEAR];
        for round in 0..20_000 {
            let (distance, clock) = (distances[round % distances.len()], Clock::Boot);
            let before = clock.now();
            for deadline in [before.saturating_add(distance), before.saturating_sub(distance)] {
                let is_past = clock.is_past(deadline);
                let after = clock.now();
                assert!(is_past || deadline > before, "{deadline} was past at {before}");
                assert!(!is_past || deadline <= after, "{deadline} was not past at {after}");
            }
        }
    }
}
