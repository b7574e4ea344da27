//! A control group that limits the memory of its processes, or freezes them. Only root can create one, and only if
//! the cgroup file system is mounted writable; otherwise the tests that need one report that they did not run.

use super::not_run;
use std::path::PathBuf;

/// The directory of each version of the interface, and its file for the memory limit.
const LIMITS: [(&str, &str); 2] =
    [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")];
/// The directory of each version of the interface, its file to freeze, and the words that thaw and freeze.
const FREEZERS: [(&str, &str, [&str; 2]); 2] = [
    ("/sys/fs/cgroup/freezer", "freezer.state", ["THAWED", "FROZEN"]),
    ("/sys/fs/cgroup", "cgroup.freeze", ["0", "1"]),
];

/// A control group, removed when this is dropped; its processes must have exited by then.
pub struct Cgroup {
    path: PathBuf,
    /// The file to freeze the group, and the words that thaw and freeze.
    freezer: Option<(PathBuf, [&'static str; 2])>,
}

impl Cgroup {
    /// Creates a group with this memory limit; reports the test as not run and returns `None` if this user cannot.
    pub fn with_memory(bytes: u64) -> Option<Cgroup> {
        let group = LIMITS.iter().find_map(|(place, limit)| Cgroup::create(place, limit, &bytes.to_string()));
        if group.is_none() {
            not_run("needs a control group that limits memory");
        }
        group
    }

    /// Creates a group that can be frozen; prints why and returns `None` if this user cannot.
    pub fn freezable() -> Option<Cgroup> {
        let group = FREEZERS.iter().find_map(|(place, control, words)| {
            let mut group = Cgroup::create(place, control, words[0])?;
            group.freezer = Some((group.path.join(control), *words));
            Some(group)
        });
        if group.is_none() {
            not_run("needs a control group that freezes");
        }
        group
    }

    fn create(place: &str, control: &str, value: &str) -> Option<Cgroup> {
        let path = PathBuf::from(place).join(format!("shmkit-{control}-{}", std::process::id()));
        std::fs::create_dir(&path).ok()?;
        if std::fs::write(path.join(control), value).is_err() {
            // The directory is not one of this version of the interface.
            std::fs::remove_dir(&path).ok()?;
            return None;
        }
        Some(Cgroup { path, freezer: None })
    }

    /// Freezes or thaws its processes. Not even a signal ends them while they are frozen.
    pub fn set_frozen(&self, is_frozen: bool) {
        let (control, words) = self.freezer.as_ref().expect("a group that can be frozen");
        std::fs::write(control, words[usize::from(is_frozen)]).unwrap();
    }

    /// Moves a process into the group. Its present memory still counts for its former group.
    pub fn add(&self, pid: i32) {
        std::fs::write(self.path.join("cgroup.procs"), pid.to_string()).unwrap();
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        // A process leaves the group a moment after it was waited for.
        for _ in 0..1000 {
            if std::fs::remove_dir(&self.path).is_ok() || !self.path.exists() {
                return;
            }
            std::thread::yield_now();
        }
    }
}
