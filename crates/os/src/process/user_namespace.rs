//! Linux: user ids that may stand for any user.
//!
//! In a user namespace, as in a rootless container, the users that have no id there all appear with the same one, the
//! overflow id. A file with that owner may belong to any of them, and a process with that id is not the owner of
//! another's files.

use std::fs::read_to_string;

/// The overflow id of a kernel whose setting cannot be read.
const DEFAULT_OVERFLOW_UID: u32 = 65534;
/// The number of user ids of the initial namespace.
const ALL_UIDS: u64 = u32::MAX as u64;

/// Returns whether a user id may stand for any user without an id in this process's user namespace. Without /proc, it is
/// unknown whether there are such users, so this returns true for the overflow id.
pub fn is_unmapped_uid(uid: u32) -> bool {
    uid == overflow_uid() && !read_to_string("/proc/self/uid_map").is_ok_and(|map| maps_all_users(&map))
}

fn overflow_uid() -> u32 {
    let setting = read_to_string("/proc/sys/kernel/overflowuid").ok();
    setting.and_then(|text| text.trim().parse().ok()).unwrap_or(DEFAULT_OVERFLOW_UID)
}

/// Returns whether a map, with lines of first id inside, first id outside, and number of ids, includes all users.
fn maps_all_users(map: &str) -> bool {
    let count = |line: &str| line.split_ascii_whitespace().nth(2)?.parse::<u64>().ok();
    map.lines().filter_map(count).sum::<u64>() >= ALL_UIDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_of_some_users_does_not_include_all() {
        assert!(maps_all_users("         0          0 4294967295\n"));
        assert!(!maps_all_users(""));
        assert!(!maps_all_users("         0       1000          1\n"));
        assert!(!maps_all_users("0 1000 1\n1 100000 65536\n"));
        assert!(!maps_all_users("nonsense"));
    }

    #[test]
    fn only_the_overflow_uid_can_be_unmapped() {
        assert!(!is_unmapped_uid(0));
        assert!(!is_unmapped_uid(1000));
    }
}
