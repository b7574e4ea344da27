//! A control group that limits the memory of the processes in it, or stops them. Only root can make one, and only
//! where the kernel's file system of them is mounted to be written: elsewhere there is nothing to test.

use std::path::PathBuf;

/// Where the two versions of the interface are, and what the limit is called there.
const LIMITS: [(&str, &str); 2] =
    [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")];
/// As above, with what stops, and what lets go on.
const FREEZERS: [(&str, &str, [&str; 2]); 2] = [
    ("/sys/fs/cgroup/freezer", "freezer.state", ["THAWED", "FROZEN"]),
    ("/sys/fs/cgroup", "cgroup.freeze", ["0", "1"]),
];

/// Removed when it is dropped; nobody may be in it any more then.
pub struct Cgroup {
    path: PathBuf,
    /// What is written to stop it, and to let it go on.
    freezer: Option<(PathBuf, [&'static str; 2])>,
}

impl Cgroup {
    /// With so many bytes for all who are in it; `None`, and said why, where none can be made.
    pub fn with_memory(bytes: u64) -> Option<Cgroup> {
        let made = LIMITS.iter().find_map(|(place, limit)| Cgroup::made(place, limit, &bytes.to_string()));
        if made.is_none() {
            println!("NOT RUN: this user can make no control group that limits memory here");
        }
        made
    }

    /// One that can stop those who are in it; as above.
    pub fn that_freezes() -> Option<Cgroup> {
        let made = FREEZERS.iter().find_map(|(place, control, words)| {
            let mut group = Cgroup::made(place, control, words[0])?;
            group.freezer = Some((group.path.join(control), *words));
            Some(group)
        });
        if made.is_none() {
            println!("NOT RUN: this user can make no control group that freezes here");
        }
        made
    }

    fn made(place: &str, control: &str, value: &str) -> Option<Cgroup> {
        let path = PathBuf::from(place).join(format!("shmkit-{control}-{}", std::process::id()));
        std::fs::create_dir(&path).ok()?;
        if std::fs::write(path.join(control), value).is_err() {
            // Not a group of that kind.
            std::fs::remove_dir(&path).ok()?;
            return None;
        }
        Some(Cgroup { path, freezer: None })
    }

    /// Stops those who are in it, or lets them go on. Not even a signal ends them while they are stopped.
    pub fn set_frozen(&self, is_frozen: bool) {
        let (control, words) = self.freezer.as_ref().expect("it is one that freezes");
        std::fs::write(control, words[usize::from(is_frozen)]).unwrap();
    }

    /// Puts a process into it. What it used before counts where it was.
    pub fn take(&self, pid: i32) {
        std::fs::write(self.path.join("cgroup.procs"), pid.to_string()).unwrap();
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        // The dead leave it a moment after they were waited for.
        for _ in 0..1000 {
            if std::fs::remove_dir(&self.path).is_ok() || !self.path.exists() {
                return;
            }
            std::thread::yield_now();
        }
    }
}
