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
pub struct Cgroup(PathBuf);

impl Cgroup {
    /// With so many bytes for all who are in it; `None`, and said why, where none can be made.
    pub fn with_memory(bytes: u64) -> Option<Cgroup> {
        let make = |(place, limit): &(&str, &str)| Cgroup::made(place, limit, &bytes.to_string());
        let made = LIMITS.iter().find_map(make);
        if made.is_none() {
            println!("NOT RUN: this user can make no control group that limits memory here");
        }
        made
    }

    /// One that can stop those who are in it, and a function that does, or lets them go on; as above.
    pub fn that_freezes() -> Option<(Cgroup, impl Fn(&Cgroup, bool))> {
        let make = |(place, control, words): &(&'static str, &'static str, [&'static str; 2])| {
            Some((Cgroup::made(place, control, words[0])?, *control, *words))
        };
        let Some((group, control, words)) = FREEZERS.iter().find_map(make) else {
            println!("NOT RUN: this user can make no control group that freezes here");
            return None;
        };
        let set = move |group: &Cgroup, frozen: bool| {
            std::fs::write(group.0.join(control), words[usize::from(frozen)]).unwrap();
        };
        Some((group, set))
    }

    fn made(place: &str, control: &str, value: &str) -> Option<Cgroup> {
        let group = Cgroup(PathBuf::from(place).join(format!("shmkit-{control}-{}", std::process::id())));
        std::fs::create_dir(&group.0).ok()?;
        std::fs::write(group.0.join(control), value).ok()?;
        Some(group)
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
