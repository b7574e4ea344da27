//! Comparison of all tags of a bucket at once.

use super::CacheLine;

impl CacheLine<'_> {
    /// Returns which of the first seven words have these upper 16 bits, one bit each. Each word is read once, as if
    /// loaded by itself; a caller that follows one loads it again.
    #[cfg(all(target_arch = "x86_64", not(any(loom, miri, feature = "word-copies"))))]
    #[inline(always)]
    pub fn tagged(self, tag: u16) -> u32 {
        let line = self.start();
        let (mut low, mut high): (u32, u32);
        // Compares by 16 bits: a tag is one such unit, and the sign of its comparison is that of its word. Aligned 16
        // bits are loaded at once, and more is not needed; processors that load these 16 bytes in two parts split
        // them between words.
        // SAFETY: reads the line's 64 bytes, which are valid and aligned (`cache_line`), even while another process stores to
        // them; SSE2 is part of every x86-64; the block counts as reading all memory.
        unsafe {
            std::arch::asm!(
                "punpcklqdq {tag}, {tag}",
                "movdqa {a}, {tag}",
                "movdqa {b}, {tag}",
                "movdqa {c}, {tag}",
                "pcmpeqw {a}, [{line}]",
                "pcmpeqw {b}, [{line} + 16]",
                "pcmpeqw {c}, [{line} + 32]",
                "pcmpeqw {tag}, [{line} + 48]",
                // Gathers the upper halves of four words, for their signs.
                "shufps {a}, {b}, 0xDD",
                "shufps {c}, {tag}, 0xDD",
                "movmskps {low:e}, {a}",
                "movmskps {high:e}, {c}",
                line = in(reg) line,
                tag = inout(xmm_reg) f64::from_bits(u64::from(tag) << 48) => _,
                a = out(xmm_reg) _,
                b = out(xmm_reg) _,
                c = out(xmm_reg) _,
                low = out(reg) low,
                high = out(reg) high,
                options(nostack, preserves_flags, readonly),
            );
        }
        // The eighth word is not an index word.
        low | (high & 7) << 4
    }

    /// Like above, word by word. All seven are compared, because the exit of a loop that ends at the first match is
    /// mispredicted most of the time.
    #[cfg(not(all(target_arch = "x86_64", not(any(loom, miri, feature = "word-copies")))))]
    #[inline(always)]
    pub fn tagged(self, tag: u16) -> u32 {
        let has_tag = |word: u64| u32::from((word >> 48) as u16 == tag);
        (0..7).rev().fold(0, |tagged, slot| tagged << 1 | has_tag(self.word(slot).load()))
    }
}
