//! Every bit of the metadata flipped in turn, and one bit of every word of the entries.

use super::super::share::Share;
use super::population::MACHINES;
use super::trial::{Bench, Tally, watch};
use crate::layout::geometry::Geometry;
use shmkit_object::superblock::EPOCH;

/// Flips every bit past the index as well, not only one of each word; `npm run torture` sets it.
const ALL_BITS: &str = "SHMKIT_ALL_BITS";

/// Flips every bit from `from` to the pages, and one bit of every nonzero word in the pages.
fn flip_from(bench: &mut Bench, geometry: &Geometry, from: u64) {
    let mut image = bench.image.clone();
    let pages = geometry.page(0);
    let share = Share::chosen();
    // The bit differs from word to word.
    let bits = if std::env::var_os(ALL_BITS).is_some() { 64 } else { 1 };
    let bits_of = move |at: u64| (0..bits).map(move |more| at * 8 + (at / 8 * 7 + more) % 64);
    let entries = (pages..geometry.size).step_by(8).flat_map(bits_of);
    for bit in (from * 8..pages * 8).chain(entries).filter(|bit| share.has(*bit)) {
        let (byte, mask) = ((bit / 8) as usize, 1 << (bit % 8));
        let word = byte & !7;
        if bit >= pages * 8 && image[word..word + 8] == [0; 8] {
            continue;
        }
        image[byte] ^= mask;
        bench.try_image(&image, &|| format!("bit {} of byte {byte} flipped", bit % 8));
        image[byte] ^= mask;
    }
}

fn flip(number: usize, from: fn(&Geometry) -> u64) -> Tally {
    let (name, options) = MACHINES[number];
    let geometry = Geometry::derive(options.size, options.max_entries).unwrap();
    watch(&format!("flips, {name}"), options, move |bench| flip_from(bench, &geometry, from(&geometry)))
}

#[test]
fn a_flipped_bit_does_no_harm() {
    let tally = flip(0, |_| 0);
    assert!(tally.wrong_values > 0, "wrong values are not detected");
}

#[test]
fn a_flipped_bit_never_gives_a_wrong_value_when_checksums_are_on() {
    // The fields before are covered by the superblock's own checksum.
    flip(1, |_| EPOCH);
}

#[test]
fn a_flipped_bit_of_shards_and_pages_does_no_harm_when_evicting() {
    flip(2, |geometry| geometry.shard(0));
}
