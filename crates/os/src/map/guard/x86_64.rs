//! x86-64: one string instruction, whose registers record its progress.

use std::arch::naked_asm;

/// Copies `length` bytes; returns how many were left when it stopped.
///
/// `length` is the fourth argument because the calling convention passes that in the register that the instruction
/// counts down. So the routine begins with the only instruction that can fault.
///
/// # Safety
/// The same as for [`super::copy`].
#[unsafe(naked)]
pub(super) unsafe extern "sysv64" fn copy(
    to: *mut u8,
    from: *const u8,
    unused: usize,
    length: usize,
) -> usize {
    naked_asm!("rep movsb", "mov rax, rcx", "ret")
}

/// Bytes of `rep movsb`.
const MOVE_LENGTH: usize = 2;

/// Returns where to resume after a fault at `counter`, if that is within the routine.
pub(super) fn resume_address(counter: usize) -> Option<usize> {
    (counter == copy as *const () as usize).then_some(counter + MOVE_LENGTH)
}
