//! Copies between shared and private memory while another process may write.
//!
//! A plain `memcpy` of memory that changes meanwhile is undefined behaviour in Rust. Single words are copied as relaxed
//! atomics; pairs of words and long ranges by assembly blocks, which the compiler must treat as opaque: 64 KiB take
//! 1.4 us, and 4 us by word loads. Miri and ThreadSanitizer cannot analyse assembly, so they use the words.

#[cfg(all(target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
mod lines;

use crate::sync::{AtomicU8, AtomicU64, Ordering};
#[cfg(all(target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
use lines::{LINE, move_lines};

/// From this length on, assembly is faster than words.
#[cfg(all(target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
const LONG: usize = 256;
/// The bytes of an SSE register.
#[cfg(all(target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
pub const PAIR: usize = 16;
/// From this length on, it matters which core wrote the bytes.
#[cfg(all(target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
const LARGE: usize = 64 << 10;

/// Below this length the start-up time of `rep movsb` matters: with it, 32 ranges of 2 KiB take an eighth longer than
/// by lines.
#[cfg(all(target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
const STARTED: usize = 8192;

/// Copies `len` bytes out of shared memory.
///
/// # Safety
/// `source` must be 8-aligned shared memory valid for `len` bytes; `target` must be private and valid
/// for `len` bytes; `len` must be a multiple of 8.
#[inline]
pub unsafe fn out(source: *const u8, target: *mut u8, len: usize) {
    #[cfg(all(target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
    if len >= LONG {
        // SAFETY: the caller's guarantee.
        return unsafe { move_bytes(source, target, len) };
    }
    // SAFETY: the caller's guarantee.
    let mut at = unsafe { move_pairs(source, target, len) };
    while at < len {
        // SAFETY: `at + 8 <= len` (both are multiples of 8), within the memory that the caller guarantees.
        let place = unsafe { source.add(at) };
        // SAFETY: `place` is 8-aligned and valid; shared words are read atomically.
        let word = unsafe { AtomicU64::from_ptr(place.cast_mut().cast()) };
        // SAFETY: `at + 8 <= len`.
        let to = unsafe { target.add(at) };
        // SAFETY: `to` is valid for 8 bytes; the write is an unaligned one.
        unsafe { to.cast::<u64>().write_unaligned(word.load(Ordering::Relaxed)) };
        at += 8;
    }
}

/// Like [`out`], for bytes that another core has probably just written. On AMD processors loads of whole lines are
/// faster there than `rep movsb` (1 MiB takes 52 us instead of 74, with a sender on the other core of an EPYC). On Intel
/// processors it makes no difference, except that `rep movsb` is faster if the target is in no cache (150 us instead of
/// 190 on a Xeon).
///
/// # Safety
/// Like [`out`].
#[inline]
pub unsafe fn out_of_another_core(source: *const u8, target: *mut u8, len: usize) {
    #[cfg(all(target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
    if len >= LARGE && prefers_lines() {
        // SAFETY: the caller's guarantee; `LARGE` is more than a line.
        return unsafe { move_lines(source, target, len) };
    }
    // SAFETY: the caller's guarantee.
    unsafe { out(source, target, len) }
}

/// Returns whether this is a processor by AMD or Hygon.
#[cfg(all(target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
fn prefers_lines() -> bool {
    static ANSWER: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *ANSWER.get_or_init(|| {
        let vendor = std::arch::x86_64::__cpuid(0).ebx.to_le_bytes();
        vendor == *b"Auth" || vendor == *b"Hygo"
    })
}

/// Copies `len` bytes out of shared memory from an address of any alignment.
///
/// # Safety
/// `source` must be shared memory valid for `len` bytes; `target` must be private and valid for `len` bytes.
#[inline]
pub unsafe fn unaligned(source: *const u8, target: *mut u8, len: usize) {
    #[cfg(all(target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
    match len {
        // SAFETY: the caller's guarantee.
        ..PAIR => unsafe { single(source, target, len) },
        PAIR..LONG => {
            // SAFETY: the caller's guarantee.
            unsafe { move_pairs(source, target, len) };
            let last = len - PAIR;
            // Some bytes are copied twice; the caller checks later whether they are torn.
            // SAFETY: `last + PAIR` is `len`.
            let from = unsafe { source.add(last) };
            // SAFETY: the same.
            let to = unsafe { target.add(last) };
            // SAFETY: both are valid for `PAIR` bytes.
            unsafe { move_pairs(from, to, PAIR) };
        }
        // SAFETY: the caller's guarantee.
        _ => unsafe { move_bytes(source, target, len) },
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri), not(feature = "word-copies"))))]
    {
        let head = source.align_offset(8).min(len);
        let body = (len - head) & !7;
        // SAFETY: `head` bytes are within `len`.
        unsafe { single(source, target, head) };
        // SAFETY: `head <= len`.
        let from = unsafe { source.add(head) };
        // SAFETY: likewise.
        let to = unsafe { target.add(head) };
        // SAFETY: `from` is 8-aligned, and the `body` bytes from there are within `len`.
        unsafe { out(from, to, body) };
        // SAFETY: `head + body <= len`.
        let from = unsafe { from.add(body) };
        // SAFETY: likewise.
        let to = unsafe { to.add(body) };
        // SAFETY: the rest of `len`.
        unsafe { single(from, to, len - head - body) };
    }
}

/// Copies byte by byte.
///
/// # Safety
/// Like [`unaligned`].
unsafe fn single(source: *const u8, target: *mut u8, len: usize) {
    for at in 0..len {
        // SAFETY: `at < len`, within the memory that the caller guarantees.
        let place = unsafe { source.add(at) };
        // SAFETY: a byte needs no alignment; shared bytes are read atomically.
        let byte = unsafe { AtomicU8::from_ptr(place.cast_mut()) };
        // SAFETY: `at < len`.
        let to = unsafe { target.add(at) };
        // SAFETY: `to` is valid for a byte.
        unsafe { to.write(byte.load(Ordering::Relaxed)) };
    }
}

/// Copies `len` bytes into shared memory that no other process writes.
///
/// # Safety
/// `target` must be 8-aligned shared memory valid for `len` bytes; `source` must be private and valid
/// for `len` bytes; `len` must be a multiple of 8.
#[inline]
pub unsafe fn into(source: *const u8, target: *mut u8, len: usize) {
    #[cfg(all(target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
    if len >= LONG {
        // SAFETY: the caller's guarantee.
        return unsafe { move_bytes(source, target, len) };
    }
    // SAFETY: the caller's guarantee.
    let mut at = unsafe { move_pairs(source, target, len) };
    while at < len {
        // SAFETY: `at + 8 <= len` (both are multiples of 8), within the memory that the caller guarantees.
        let from = unsafe { source.add(at) };
        // SAFETY: `from` is valid for 8 bytes; the read is an unaligned one.
        let value = unsafe { from.cast::<u64>().read_unaligned() };
        // SAFETY: `at + 8 <= len`.
        let place = unsafe { target.add(at) };
        // SAFETY: `place` is 8-aligned and valid; shared words are written atomically.
        unsafe { AtomicU64::from_ptr(place.cast()) }.store(value, Ordering::Relaxed);
        at += 8;
    }
}

/// Copies bytes by the fastest way for this length and these addresses.
///
/// # Safety
/// Both pointers must be valid for `len` bytes, and the ranges must not overlap.
#[cfg(all(target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
#[inline]
unsafe fn move_bytes(source: *const u8, target: *mut u8, len: usize) {
    let ahead = target.addr().wrapping_sub(source.addr()) % PAGE;
    if len >= LONG && (len < STARTED || (1..LINE).contains(&ahead)) {
        // SAFETY: the caller's guarantee; `LONG` is more than a line.
        return unsafe { move_lines(source, target, len) };
    }
    // SAFETY: reads and writes only the two ranges that the caller guarantees; the direction flag
    // is clear on entry (ABI) and remains clear; the block counts as touching all memory.
    unsafe {
        std::arch::asm!(
            "rep movsb",
            inout("rcx") len => _,
            inout("rsi") source => _,
            inout("rdi") target => _,
            options(nostack, preserves_flags),
        );
    }
}

/// Copies all whole pairs of words, and returns the number of bytes copied.
///
/// # Safety
/// Both pointers must be valid for `len` bytes, and the ranges must not overlap.
#[cfg(all(target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
#[inline(always)]
unsafe fn move_pairs(source: *const u8, target: *mut u8, len: usize) -> usize {
    let mut at = 0;
    while at + PAIR <= len {
        // SAFETY: reads and writes 16 bytes at `at`, within the memory that the caller guarantees; SSE2 is part of
        // every x86-64; the block counts as touching all memory.
        unsafe {
            std::arch::asm!(
                "movups {pair}, [{source} + {at}]",
                "movups [{target} + {at}], {pair}",
                source = in(reg) source,
                target = in(reg) target,
                at = in(reg) at,
                pair = out(xmm_reg) _,
                options(nostack, preserves_flags),
            );
        }
        at += PAIR;
    }
    at
}

/// Returns whether shared memory has these bytes, of which there must be at least [`PAIR`]. Compares 16 at a time; if
/// the length is no multiple of 16, the last comparison overlaps the one before.
///
/// # Safety
/// `source` must be shared memory valid for this many bytes.
#[cfg(all(target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
#[inline(always)]
pub unsafe fn is_same(source: *const u8, bytes: &[u8]) -> bool {
    let last = bytes.len() - PAIR;
    let mut at = 0;
    loop {
        let same: u32;
        // SAFETY: reads 16 bytes at `at`, which is `last` at most, of the memory that the caller guarantees and of `bytes`; SSE2 is
        // part of every x86-64.
        unsafe {
            std::arch::asm!(
                "movdqu {shared}, [{source} + {at}]",
                "movdqu {private}, [{bytes} + {at}]",
                "pcmpeqb {shared}, {private}",
                "pmovmskb {same:e}, {shared}",
                source = in(reg) source,
                bytes = in(reg) bytes.as_ptr(),
                at = in(reg) at,
                shared = out(xmm_reg) _,
                private = out(xmm_reg) _,
                same = out(reg) same,
                options(nostack, preserves_flags, readonly),
            );
        }
        if same != 0xFFFF {
            return false;
        }
        if at == last {
            return true;
        }
        at = (at + PAIR).min(last);
    }
}

/// Copies nothing.
///
/// # Safety
/// None: nothing is copied.
#[cfg(not(all(target_arch = "x86_64", not(miri), not(feature = "word-copies"))))]
#[inline(always)]
unsafe fn move_pairs(_source: *const u8, _target: *mut u8, _len: usize) -> usize {
    0
}

/// Loads and stores whose addresses are equal modulo this number look dependent to the processor.
#[cfg(all(target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
const PAGE: usize = 4096;

#[cfg(all(test, target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
mod tests;
