//! A control group that limits the memory of the processes in it. Only root can make one, and only where the kernel's
//! file system of them is mounted to be written: elsewhere there is nothing to test.

use std::path::PathBuf;

/// Where the two versions of the interface are, and what the limit is called there..
const PLACES: [(&str, &str); 2] =
    [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")];

/// Removed when it is dropped; nobody may be in it any more then.
pub struct Cgroup(PathBuf);

impl Cgroup {
    /// With so many bytes for all who are in it; `None`, and said why, where none can be made.
    pub fn with_memory(bytes: u64) -> Option<Cgroup> {
        let made = PLACES.iter().find_map(|(place, limit)| {
            let group = Cgroup(PathBuf::from(place).join(format!("shmkit-test-{}", std::process::id())));
            std::fs::create_dir(&group.0).ok()?;
            std::fs::write(group.0.join(limit), bytes.to_string()).ok()?;
            Some(group)
        });
        if made.is_none() {
            println!("NOT RUN: this user can make no control group that limits memory here");
        }
        made
    }

    /// Puts a process into it. What it used before counts where it was.
    pub fn take(&self, pid: i32) {
        std::fs::write(self.0.join("cgroup.procs"), pid.to_string()).unwrap();
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        // The dead leave it a moment after they were waited for.
        for _ in 0..1000 {
            if std::fs::remove_dir(&self.0).is_ok() || !self.0.exists() {
                return;
            }
            std::thread::yield_now();
        }
    }
}
