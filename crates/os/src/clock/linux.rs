//! Linux: `CLOCK_BOOTTIME`, and what /proc says about the boot.

use super::unix::{parse_uuid, read};
use std::os::unix::fs::MetadataExt;

/// Miri knows no boot clock.
const BOOT_CLOCK: libc::clockid_t = if cfg!(miri) { libc::CLOCK_MONOTONIC } else { libc::CLOCK_BOOTTIME };

/// Nanoseconds since boot, time spent suspended included.
pub fn boot_ns() -> u64 {
    read(BOOT_CLOCK)
}

/// Nanoseconds since some point in the past, time spent suspended left out: for waiting.
pub fn monotonic_ns() -> u64 {
    read(libc::CLOCK_MONOTONIC)
}

/// The random identity of this boot; all zeros if there is no /proc to tell.
pub fn boot_id() -> [u8; 16] {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    parse_uuid(text.trim()).unwrap_or_default()
}

/// Identity of the time namespace that [`boot_ns`] is read in; 0 if unknown.
pub fn time_namespace() -> u64 {
    std::fs::metadata("/proc/self/ns/time").map_or(0, |status| status.ino())
}

#[cfg(test)]
mod tests {
    use super::boot_id;

    #[test]
    fn the_boot_is_known() {
        assert_ne!(boot_id(), [0; 16]);
    }
}
