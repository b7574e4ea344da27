//! Images with several random faults: bytes, words, and words copied from elsewhere.

use super::super::fixture::Options;
use super::super::share::Share;
use super::population::MACHINES;
use super::random::Random;
use super::trial::{Bench, Tally, watch};
use crate::layout::geometry::Geometry;

/// A fixed seed, so that failures can be reproduced.
const SEED: u64 = 0x5EED_0FDA;
const IMAGES: u64 = 6_000;

struct Mutator {
    random: Random,
    /// End of the metadata, where most faults are placed.
    metadata: u64,
    size: u64,
}

impl Mutator {
    fn below(&mut self, bound: u64) -> u64 {
        self.random.below(bound)
    }

    /// Returns a random offset past the superblock, whose own checksum would detect nearly every fault.
    fn offset(&mut self) -> usize {
        let end = if self.below(4) == 0 { self.size } else { self.metadata };
        (512 + self.below(end - 512)) as usize
    }

    fn word(&mut self, image: &[u8]) -> [u8; 8] {
        match self.below(4) {
            0 => self.random.next().to_le_bytes(),
            1 => [[0; 8], [0xFF; 8]][self.below(2) as usize],
            2 => (1u64 << self.below(64)).to_le_bytes(),
            _ => {
                let from = self.offset() & !7;
                image[from..from + 8].try_into().expect("8 bytes")
            }
        }
    }

    fn mutate(&mut self, image: &mut [u8]) {
        for _ in 0..=self.below(8) {
            let at = self.offset();
            match self.below(4) {
                0 => image[at] = self.random.next() as u8,
                1 => image[at] ^= 1 << self.below(8),
                _ => {
                    let word = self.word(image);
                    image[at & !7..][..8].copy_from_slice(&word);
                }
            }
        }
    }
}

fn mutate_images(bench: &mut Bench, options: Options) {
    let geometry = Geometry::derive(options.size, options.max_entries).unwrap();
    let mut mutator = Mutator { random: Random(SEED), metadata: geometry.page(0), size: geometry.size };
    let share = Share::chosen();
    for number in 0..IMAGES {
        let mut image = bench.image.clone();
        mutator.mutate(&mut image);
        if share.has(number) {
            bench.try_image(&image, &|| format!("image {number}"));
        }
    }
}

fn mutate(number: usize) -> Tally {
    let (name, options) = MACHINES[number];
    watch(&format!("mutations, {name}"), options, move |bench| mutate_images(bench, options))
}

#[test]
fn random_damage_does_no_harm() {
    let tally = mutate(0);
    assert!(tally.wrong_values > 0, "wrong values are not detected");
}

#[test]
fn random_damage_never_gives_a_wrong_value_when_checksums_are_on() {
    mutate(1);
}

#[test]
fn random_damage_does_no_harm_when_evicting() {
    mutate(2);
}
