//! The sizes of pages, shards and index.

use super::class::Classes;
use super::geometry::SLOTS;

pub(super) const ONE_MIB: u64 = 1 << 20;
/// Load at which a miss still touches 1.3 lines on average.
pub(super) const TARGET_LOAD_PERCENT: u64 = 60;
/// The largest number of shards, a power of two.
pub(crate) const MAX_SHARDS: usize = 256;

/// Page sizes, as powers of two, of segments from this many MiB on. Small segments have small pages, so that a
/// half-filled page per class and shard costs little.
const PAGE_SHIFTS: [(u64, u32); 7] =
    [(0, 10), (4, 11), (16, 12), (256, 13), (512, 14), (4096, 15), (32768, 16)];

/// Returns how many of `PAGE_SHIFTS` start at this size or below.
fn page_step(size: u64) -> usize {
    PAGE_SHIFTS.partition_point(|&(from, _)| from * ONE_MIB <= size)
}

/// Returns the bytes per page in a segment of this size, as a power of two.
pub(super) fn page_shift(size: u64) -> u32 {
    PAGE_SHIFTS[page_step(size) - 1].1
}

/// Returns the number of shards of a dictionary that may take `max_size` bytes: few, because a young one has a page for each
/// shard and class in use.
pub(super) fn growing_shard_count(max_size: u64) -> u64 {
    shard_count(max_size / 32)
}

/// Returns the number of shards that keeps `shards * classes * half a page` under 4 % of the segment, limited to the
/// number of the size at which the next larger pages start, so that a larger segment never has fewer.
pub(super) fn shard_count(size: u64) -> u64 {
    if size < ONE_MIB {
        return 1;
    }
    let fitting = |size: u64, shift: u32| {
        let half_filled = Classes::new(1 << shift).count() as u64 * ((1 << shift) / 2);
        let most = (size / 25 / half_filled).clamp(1, MAX_SHARDS as u64);
        1 << most.ilog2()
    };
    let step = page_step(size);
    let own = fitting(size, page_shift(size));
    match PAGE_SHIFTS.get(step) {
        Some(&(from, shift)) => own.min(fitting(from * ONE_MIB, shift)),
        None => own,
    }
}

fn next_prime(from: u64) -> u64 {
    let is_prime = |n: u64| n > 1 && (2..).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d));
    (from.max(3)..).find(|&n| is_prime(n)).expect("there is always a next prime")
}

/// Returns the buckets per shard for `entries` in total; shards fill unevenly, by at most 4 standard deviations.
pub(super) fn buckets_for(entries: u64, shards: u64) -> u64 {
    let mean = entries.div_ceil(shards);
    let spread = if shards > 1 { 4 * (mean.isqrt() + 1) } else { 0 };
    next_prime(((mean + spread) * 100).div_ceil(SLOTS * TARGET_LOAD_PERCENT))
}

/// Returns the smallest base number and the level at which an index has at least `buckets` buckets. The base is a prime from
/// 61 to 127, or from 3 to 7 in a small segment.
pub(super) fn index_base(buckets: u64, is_small: bool) -> (u64, u32) {
    let (least, most) = if is_small { (3, 7) } else { (61, 127) };
    let level = (0..31).find(|level| most << level >= buckets).unwrap_or(31);
    (next_prime(buckets.div_ceil(1 << level).max(least)), level)
}
