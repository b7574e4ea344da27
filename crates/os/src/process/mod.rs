//! The identity of this process, and the detection and exclusion of forks.

#[cfg(any(target_os = "freebsd", target_os = "macos", all(feature = "kept-descriptors", unix)))]
mod close_on_fork;
#[cfg(unix)]
mod fork;
#[cfg(target_os = "freebsd")]
mod freebsd;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "linux")]
mod memory_group;
#[cfg(windows)]
mod no_fork;
mod pin;
mod processor;
#[cfg(target_os = "linux")]
mod user_namespace;
#[cfg(windows)]
mod windows;

#[cfg(any(target_os = "freebsd", target_os = "macos", all(feature = "kept-descriptors", unix)))]
pub(crate) use close_on_fork::CloseOnFork;
#[cfg(unix)]
pub use fork::{ForkExcluded, exclude_fork, fork_epoch};
#[cfg(target_os = "freebsd")]
pub use freebsd::start_time;
#[cfg(target_os = "linux")]
pub use linux::start_time;
#[cfg(target_os = "macos")]
pub use macos::start_time;
#[cfg(target_os = "linux")]
pub use memory_group::{MemoryGroup, memory_group};
#[cfg(windows)]
pub use no_fork::{ForkExcluded, exclude_fork, fork_epoch};
pub use pin::pin_library;
pub use processor::{pin_to_processor, yield_now};
#[cfg(target_os = "linux")]
pub use user_namespace::is_unmapped_uid;
#[cfg(windows)]
pub use windows::{effective_uid, start_time};
#[cfg(windows)]
pub(crate) use windows::{own_sid, uid_of};

/// Returns the process id, in the pid namespace of this process.
pub fn pid() -> u32 {
    std::process::id()
}

/// Returns the effective user id of this process.
#[cfg(unix)]
#[expect(unsafe_code, reason = "calls geteuid")]
pub fn effective_uid() -> u32 {
    // SAFETY: geteuid takes no arguments and cannot fail.
    unsafe { libc::geteuid() }
}

/// The tightest limit of the groups that this process is in.
#[cfg(not(target_os = "linux"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryGroup {
    /// Its limit in bytes.
    pub limit: u64,
    /// The bytes that it has left.
    pub left: u64,
}

/// Returns `None`: this system has no memory groups.
#[cfg(not(target_os = "linux"))]
pub fn memory_group() -> Option<MemoryGroup> {
    None
}

/// Returns whether a user id may stand for any user: never, because this system has no user namespaces.
#[cfg(not(target_os = "linux"))]
pub fn is_unmapped_uid(_uid: u32) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_of_this_process_is_constant() {
        assert!(start_time() > 0);
        assert_eq!(start_time(), start_time());
        assert_eq!(effective_uid(), effective_uid());
    }
}
