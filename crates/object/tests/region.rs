//! Access to the bytes of a region.

use shmkit_object::region::Region;
use shmkit_testkit::Heap;

#[test]
fn has_bytes_detects_a_difference_in_any_byte() {
    let region = Region::new(Heap::new(4096));
    for length in 1..80 {
        let bytes: Vec<u8> = (0..length).map(|at| (at * 37 + length) as u8).collect();
        region.copy_in(64, &bytes);
        assert!(region.has_bytes(64, &bytes), "{length} bytes");
        for at in 0..length as usize {
            let mut others = bytes.clone();
            others[at] ^= 0x80;
            assert!(!region.has_bytes(64, &others), "{length} bytes, another at {at}");
        }
    }
}

#[test]
fn has_bytes_is_false_past_the_end_of_the_region() {
    let region = Region::new(Heap::new(4096));
    for length in [1, 7, 8, 9, 16, 17, 40] {
        let bytes = vec![0; length];
        let last = (4096 - length as u64) & !7;
        assert!(region.has_bytes(last, &bytes), "{length} bytes");
        assert!(!region.has_bytes(last + 8, &bytes), "{length} bytes");
        assert!(!region.has_bytes(last + 1, &bytes), "{length} bytes, not aligned");
        assert!(!region.has_bytes(u64::MAX - 7, &bytes), "{length} bytes");
    }
}

#[test]
fn tagged_finds_exactly_the_words_with_the_tag() {
    let region = Region::new(Heap::new(64 << 10));
    let (line, tag) = (128, 0x8001_u16);
    for tagged in 0..256_u64 {
        for slot in 0..8 {
            // The other words have the tag at every position except its own, or differ from it in one bit.
            let others =
                [u64::from(tag) * 0x1_0001_0001, u64::from(tag ^ 1) << 48, u64::from(tag ^ 0x8000) << 48];
            let word =
                if tagged >> slot & 1 == 1 { u64::from(tag) << 48 | slot } else { others[slot as usize % 3] };
            region.store(line + slot * 8, word);
        }
        assert_eq!(region.cache_line(line).tagged(tag), tagged as u32 & 0x7F);
    }
}
