//! Shared by the Unix systems: reading a clock, and parsing UUIDs.

#![allow(unsafe_code, reason = "reads clocks of the system")]

/// Returns the nanoseconds of a clock that every supported release of the system has.
pub(super) fn read(clock: libc::clockid_t) -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is valid for writes of a timespec for the whole call.
    unsafe { libc::clock_gettime(clock, &mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Parses a UUID in its usual notation.
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(super) fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<u8> =
        text.chars().filter(|&c| c != '-').map(|c| c.to_digit(16).map(|d| d as u8)).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    (digits.len() == 32).then(|| bytes.try_into().ok())?
}

#[cfg(all(test, any(target_os = "linux", target_os = "macos")))]
mod tests {
    use super::parse_uuid;

    #[test]
    fn parse_uuid_rejects_text_that_is_not_one_whole_uuid() {
        assert_eq!(parse_uuid("00010203-0405-0607-0809-0a0b0c0d0eff").unwrap()[15], 0xff);
        for text in
            ["", "0001", "zz010203-0405-0607-0809-0a0b0c0d0eff", "00010203-0405-0607-0809-0a0b0c0d0eff00"]
        {
            assert_eq!(parse_uuid(text), None, "{text}");
        }
    }
}
