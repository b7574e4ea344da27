//! The size of a page.

use std::sync::OnceLock;

static SIZE: OnceLock<usize> = OnceLock::new();

/// Bytes of a page of memory: a power of two.
pub fn page_size() -> usize {
    // SAFETY: sysconf takes a number and touches nothing of ours.
    *SIZE.get_or_init(|| usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_page_is_a_power_of_two() {
        assert!(super::page_size().is_power_of_two());
    }
}
