//! Linux: `CLOCK_BOOTTIME`, and what /proc says about the boot.

use std::os::unix::fs::MetadataExt;

/// Miri knows no boot clock.
const BOOT_CLOCK: libc::clockid_t = if cfg!(miri) { libc::CLOCK_MONOTONIC } else { libc::CLOCK_BOOTTIME };

fn read(clock: libc::clockid_t) -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is a valid place for a timespec for the whole call.
    unsafe { libc::clock_gettime(clock, &mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Nanoseconds since boot, time spent suspended included.
pub fn boot_ns() -> u64 {
    read(BOOT_CLOCK)
}

/// Nanoseconds since some point in the past, time spent suspended left out: for waiting.
pub fn monotonic_ns() -> u64 {
    read(libc::CLOCK_MONOTONIC)
}

/// Sleeps for about that long.
pub fn pause(time: std::time::Duration) {
    std::thread::sleep(time);
}

/// The random identity of this boot; all zeros if there is no /proc to tell.
pub fn boot_id() -> [u8; 16] {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    parse_uuid(text.trim()).unwrap_or_default()
}

fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<u8> =
        text.chars().filter(|&c| c != '-').map(|c| c.to_digit(16).map(|d| d as u8)).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    (digits.len() == 32).then(|| bytes.try_into().ok())?
}

/// Identity of the time namespace that [`boot_ns`] is read in; 0 if unknown.
pub fn time_namespace() -> u64 {
    std::fs::metadata("/proc/self/ns/time").map_or(0, |status| status.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clocks_never_go_backwards() {
        for clock in [boot_ns, monotonic_ns] {
            let (first, second) = (clock(), clock());
            assert!(first > 0 && first <= second);
        }
    }

    #[test]
    fn a_boot_has_one_identity() {
        assert_ne!(boot_id(), [0; 16]);
        assert_eq!(boot_id(), boot_id());
    }

    #[test]
    fn only_whole_uuids_are_identities() {
        assert_eq!(parse_uuid("00010203-0405-0607-0809-0a0b0c0d0eff").unwrap()[15], 0xff);
        for text in
            ["", "0001", "zz010203-0405-0607-0809-0a0b0c0d0eff", "00010203-0405-0607-0809-0a0b0c0d0eff00"]
        {
            assert_eq!(parse_uuid(text), None, "{text}");
        }
    }
}
