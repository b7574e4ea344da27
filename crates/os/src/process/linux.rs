//! Linux: the start time, from /proc.

/// Returns when this process started, in clock ticks since boot; 0 without /proc. Together with the pid, which is
/// reused, it identifies a process in messages.
pub fn start_time() -> u64 {
    std::fs::read_to_string("/proc/self/stat").ok().and_then(|stat| parse_start_time(&stat)).unwrap_or(0)
}

/// Returns field 22. The second field, the command in parentheses, may itself contain spaces and parentheses.
fn parse_start_time(stat: &str) -> Option<u64> {
    let (_, after_command) = stat.rsplit_once(')')?;
    after_command.split_ascii_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_time_is_parsed_when_the_command_contains_spaces_and_parentheses() {
        let stat = "7 (a) b) (c) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456 1 2";
        assert_eq!(parse_start_time(stat), Some(123_456));
        assert_eq!(parse_start_time(""), None);
        assert_eq!(parse_start_time("7 (x) S 1"), None);
    }
}
