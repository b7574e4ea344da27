//! Linux: `CLOCK_BOOTTIME`, and the boot identity from /proc.

use super::unix::{parse_uuid, read};
use std::os::unix::fs::MetadataExt;

/// Miri does not support the boot clock.
const BOOT_CLOCK: libc::clockid_t = if cfg!(miri) { libc::CLOCK_MONOTONIC } else { libc::CLOCK_BOOTTIME };

/// Returns the nanoseconds since boot, including time spent suspended.
pub fn boot_ns() -> u64 {
    read(BOOT_CLOCK)
}

/// Returns the nanoseconds since some point in the past, without time spent suspended; for timeouts of waits.
pub fn monotonic_ns() -> u64 {
    read(libc::CLOCK_MONOTONIC)
}

/// Returns the random identity of this boot; all zeros without /proc.
pub fn boot_id() -> [u8; 16] {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    parse_uuid(text.trim()).unwrap_or_default()
}

/// Returns the identity of the time namespace of this process; 0 if unknown.
pub fn time_namespace() -> u64 {
    std::fs::metadata("/proc/self/ns/time").map_or(0, |status| status.ino())
}

#[cfg(test)]
mod tests {
    use super::boot_id;

    #[test]
    fn boot_id_is_known() {
        assert_ne!(boot_id(), [0; 16]);
    }
}
