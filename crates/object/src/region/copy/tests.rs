use super::{LARGE, LONG, into, out, out_of_another_core, unaligned};

#[test]
fn large_copies_are_exact_at_any_alignment_of_source_and_target() {
    let bytes: Vec<u8> =
        (0..LARGE + 4096).map(|at| (at as u32).wrapping_mul(0x9E37_79B9).to_le_bytes()[2]).collect();
    for (from, to, more) in [(0, 0, 0), (8, 0, 8), (0, 8, 56), (16, 40, 64), (24, 3, 1000), (8, 61, 4000)] {
        let source = &bytes[from..from + ((LARGE + more) & !7)];
        let mut target = vec![7_u8; LARGE + 8192];
        // SAFETY: `to` plus the length of `source` is within the target.
        let place = unsafe { target.as_mut_ptr().add(to) };
        // SAFETY: both are valid for the length of `source`, and are different allocations.
        unsafe { out_of_another_core(source.as_ptr(), place, source.len()) };
        assert_eq!(target[to..to + source.len()], *source);
        assert!(target[..to].iter().chain(&target[to + source.len()..]).all(|byte| *byte == 7));
    }
}

#[test]
fn copies_of_every_short_length_are_exact_at_any_alignment_of_the_source() {
    let bytes: Vec<u8> = (0..700_u32).map(|at| (at * 37 % 251) as u8).collect();
    for from in 0..17 {
        for length in 0..600 {
            let mut target = vec![7; length + 1];
            // SAFETY: the source has `from + length` bytes, the target has `length`.
            unsafe { unaligned(bytes[from..].as_ptr(), target.as_mut_ptr(), length) };
            assert_eq!(target[..length], bytes[from..from + length], "{length} bytes from {from}");
            assert_eq!(target[length], 7, "{length} bytes from {from}");
        }
    }
}

#[test]
fn long_copies_are_exact_at_any_alignment_of_source_and_target() {
    let bytes: Vec<u64> = (0..2048).map(|at: u64| at.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
    for copy in [into, out] {
        for ahead in 0..12 {
            for words in LONG / 8..LONG / 8 + 20 {
                let mut target = vec![7_u64; 2048];
                // The same distance into its page as the source, plus some words.
                let same = (bytes.as_ptr().addr().wrapping_sub(target.as_ptr().addr()) % 4096) / 8;
                let start = same + ahead;
                // SAFETY: `start + words` is below 2048, so both ranges are within their vectors, which are
                // different; words are 8-aligned.
                let place = unsafe { target.as_mut_ptr().add(start) };
                // SAFETY: as above.
                unsafe { copy(bytes.as_ptr().cast(), place.cast(), words * 8) };
                assert_eq!(target[start..start + words], bytes[..words]);
                assert!(target[..start].iter().chain(&target[start + words..]).all(|word| *word == 7));
            }
        }
    }
}
