//! Copies by whole cache lines.

/// The bytes of a cache line.
pub const LINE: usize = 64;

/// Like `move_bytes`, for short ranges, and for a target that lies slightly further into its page than the source:
/// `rep movsb` then repeatedly waits for its own stores (3.5 GB/s instead of 50, at a distance of 8 bytes, on an EPYC),
/// and these loads and stores of whole lines do not (40 GB/s).
///
/// # Safety
/// Like `move_bytes`; `len` must be at least [`LINE`].
#[inline(never)]
pub unsafe fn move_lines(source: *const u8, target: *mut u8, len: usize) {
    // The first line and the last may overlap the ones between.
    let last = len - LINE;
    #[cfg(not(target_feature = "avx"))]
    if has_lines() {
        // SAFETY: the caller's guarantee: `last + LINE` is `len`; the processor supports it.
        return unsafe { at_once(source, target, last) };
    }
    // SAFETY: the caller's guarantee: `last + LINE` is `len`.
    unsafe { by_quarters(source, target, last) }
}

/// Returns the bytes up to the target's next line boundary: a store that crosses one takes as long as two. 33 blocks of
/// 2 KiB take 1.8 us when aligned this way, and 2.2 us otherwise (a Xeon of 2023).
#[inline]
fn to_aligned(target: *mut u8) -> usize {
    LINE - target.addr() % LINE
}

/// Copies the lines from 0 to `last`, each by four loads and four stores.
///
/// # Safety
/// Like [`move_lines`], with `last + LINE` bytes.
unsafe fn by_quarters(source: *const u8, target: *mut u8, last: usize) {
    // SAFETY: reads and writes only the two ranges that the caller guarantees; SSE2 is part of every x86-64; the
    // block counts as touching all memory.
    unsafe {
        std::arch::asm!(
            "2:",
            "movups {a}, [{source} + {at}]",
            "movups {b}, [{source} + {at} + 16]",
            "movups {c}, [{source} + {at} + 32]",
            "movups {d}, [{source} + {at} + 48]",
            "movups [{target} + {at}], {a}",
            "movups [{target} + {at} + 16], {b}",
            "movups [{target} + {at} + 32], {c}",
            "movups [{target} + {at} + 48], {d}",
            "cmp {at}, {last}",
            "je 3f",
            "add {at}, {step}",
            "mov {step:e}, 64",
            "cmp {at}, {last}",
            "cmova {at}, {last}",
            "jmp 2b",
            "3:",
            source = in(reg) source,
            target = in(reg) target,
            last = in(reg) last,
            at = inout(reg) 0_usize => _,
            step = inout(reg) to_aligned(target) => _,
            a = out(xmm_reg) _,
            b = out(xmm_reg) _,
            c = out(xmm_reg) _,
            d = out(xmm_reg) _,
            options(nostack),
        );
    }
}

/// Returns whether registers hold a whole line, on a processor that using them does not slow down: one with VBMI2,
/// which came with Ice Lake and Zen 4.
#[cfg(not(target_feature = "avx"))]
fn has_lines() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vbmi2")
}

/// Copies the lines from 0 to `last`, each by one load and one store: a line that is stored as a whole need not be
/// fetched first. 33 blocks of 2 KiB take 1.44 us, and 1.78 us by the four of SSE (Xeon of 2023).
///
/// # Safety
/// Like [`move_lines`], with `last + LINE` bytes; the processor must have AVX-512.
#[cfg(not(target_feature = "avx"))]
unsafe fn at_once(source: *const u8, target: *mut u8, last: usize) {
    // SAFETY: reads and writes only the two ranges that the caller guarantees; the upper halves of registers,
    // which `vzeroupper` clears, are unknown to code that is compiled without AVX; the block counts as touching
    // all memory.
    unsafe {
        std::arch::asm!(
            "2:",
            "vmovups {line:z}, [{source} + {at}]",
            "vmovups [{target} + {at}], {line:z}",
            "cmp {at}, {last}",
            "je 3f",
            "add {at}, {step}",
            "mov {step:e}, 64",
            "cmp {at}, {last}",
            "cmova {at}, {last}",
            "jmp 2b",
            "3:",
            "vzeroupper",
            source = in(reg) source,
            target = in(reg) target,
            last = in(reg) last,
            at = inout(reg) 0_usize => _,
            step = inout(reg) to_aligned(target) => _,
            line = out(xmm_reg) _,
            options(nostack),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tests both ways that this processor supports; it always supports the first one.
    #[test]
    fn both_ways_copy_exactly_at_any_alignment_of_source_and_target() {
        let mut ways: Vec<unsafe fn(*const u8, *mut u8, usize)> = vec![by_quarters];
        #[cfg(not(target_feature = "avx"))]
        if has_lines() {
            ways.push(at_once);
        }
        let bytes: Vec<u8> = (0..700_u32).map(|at| (at * 37 % 251) as u8).collect();
        for way in ways {
            for (from, to) in [(0, 0), (1, 0), (0, 3), (8, 61), (16, 40)] {
                for length in LINE..600 {
                    let mut target = vec![7; to + length + 1];
                    let place = target[to..].as_mut_ptr();
                    // SAFETY: the source has `from + length` bytes, the target `to + length`; they are two vectors,
                    // and the processor supports it.
                    unsafe { way(bytes[from..].as_ptr(), place, length - LINE) };
                    assert_eq!(
                        target[to..to + length],
                        bytes[from..from + length],
                        "{length} bytes, {from} to {to}"
                    );
                    assert!(target[..to].iter().chain(&target[to + length..]).all(|byte| *byte == 7));
                }
            }
        }
    }
}
