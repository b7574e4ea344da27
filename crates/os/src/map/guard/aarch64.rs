//! arm64: 64 bytes per iteration, then single bytes.

use std::arch::naked_asm;

/// Copies `length` bytes; returns how many were left when it stopped (up to 63 of them may have been copied).
///
/// # Safety
/// The same as for [`super::copy`].
#[unsafe(naked)]
pub(super) unsafe extern "C" fn copy(to: *mut u8, from: *const u8, unused: usize, length: usize) -> usize {
    naked_asm!(
        "2: cmp x3, #64",
        "b.lo 3f",
        "ldp q0, q1, [x1]",
        "ldp q2, q3, [x1, #32]",
        "stp q0, q1, [x0]",
        "stp q2, q3, [x0, #32]",
        "add x0, x0, #64",
        "add x1, x1, #64",
        "sub x3, x3, #64",
        "b 2b",
        "3: cbz x3, 4f",
        "ldrb w4, [x1], #1",
        "strb w4, [x0], #1",
        "sub x3, x3, #1",
        "b 3b",
        // RESUME_OFFSET is the length of the instructions above.
        "4: mov x0, x3",
        "ret",
    )
}

/// Bytes before label 4: fifteen instructions.
const RESUME_OFFSET: usize = 15 * 4;

/// Returns where to resume after a fault at `counter`, if that is within the routine.
pub(super) fn resume_address(counter: usize) -> Option<usize> {
    let start = copy as *const () as usize;
    (start..start + RESUME_OFFSET).contains(&counter).then_some(start + RESUME_OFFSET)
}
