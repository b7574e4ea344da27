//! The memory group (control group) of this process: how close it is to its limit. A group does not refuse memory at its
//! limit: the kernel ends a process.

use std::fs;
use std::path::{Path, PathBuf};

/// The tightest limit of the groups that this process is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryGroup {
    /// Its limit in bytes.
    pub limit: u64,
    /// The bytes that it has left, counting files that the kernel can drop as free.
    pub left: u64,
}

/// Names of a version of control groups: where groups are, and their files for the limit and for what is in use.
struct Hierarchy {
    root: &'static str,
    limit: &'static str,
    used: &'static str,
    /// The line of `memory.stat` with the bytes that can be dropped.
    droppable: &'static str,
}

const V2: Hierarchy = Hierarchy {
    root: "/sys/fs/cgroup",
    limit: "memory.max",
    used: "memory.current",
    droppable: "inactive_file ",
};
const V1: Hierarchy = Hierarchy {
    root: "/sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    droppable: "total_inactive_file ",
};

/// Returns the tightest limit on the memory of this process and what is left of it; `None` if there is no limit, or it
/// cannot be read. A look, not a guarantee: others in the group take memory as well.
pub fn memory_group() -> Option<MemoryGroup> {
    tightest(&fs::read_to_string("/proc/self/cgroup").ok()?, Path::new("/"))
}

/// Returns the tightest limit on a process with this `/proc/self/cgroup`, under a root directory.
fn tightest(groups: &str, root: &Path) -> Option<MemoryGroup> {
    let all = groups.lines().filter_map(|line| {
        let mut fields = line.splitn(3, ':');
        let (number, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
        let hierarchy = match (number, controllers) {
            ("0", "") => &V2,
            (_, controllers) if controllers.split(',').any(|name| name == "memory") => &V1,
            _ => return None,
        };
        hierarchy.tightest(root, path)
    });
    all.min_by_key(|group| group.left)
}

impl Hierarchy {
    /// Looks at a group and all groups that contain it, as far as they are visible.
    fn tightest(&self, root: &Path, path: &str) -> Option<MemoryGroup> {
        let top: PathBuf = root.join(self.root.trim_start_matches('/'));
        let own = top.join(path.trim_start_matches('/'));
        let visible = own.ancestors().take_while(|group| group.starts_with(&top));
        visible.filter_map(|group| self.read(group)).min_by_key(|group| group.left)
    }

    fn read(&self, group: &Path) -> Option<MemoryGroup> {
        // A group without a limit says `max`, or in version 1 a number near 2^63.
        let limit = number(&group.join(self.limit)).filter(|&limit| limit < 1 << 62)?;
        let used = number(&group.join(self.used))?;
        let droppable = fs::read_to_string(group.join("memory.stat")).ok().and_then(|stat| {
            stat.lines().find_map(|line| line.strip_prefix(self.droppable)?.trim().parse::<u64>().ok())
        });
        let used = used.saturating_sub(droppable.unwrap_or(0));
        Some(MemoryGroup { limit, left: limit.saturating_sub(used) })
    }
}

fn number(path: &Path) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shm::testing::TestDirectory;

    fn group(root: &Path, path: &str, files: &[(&str, &str)]) {
        let dir = root.join(path);
        fs::create_dir_all(&dir).unwrap();
        for (name, text) in files {
            fs::write(dir.join(name), text).unwrap();
        }
    }

    #[test]
    fn the_tightest_of_a_group_and_its_ancestors_counts() {
        let test = TestDirectory::new();
        let root = test.path();
        group(root, "sys/fs/cgroup/pod", &[("memory.max", "1000\n"), ("memory.current", "900\n")]);
        group(root, "sys/fs/cgroup/pod/own", &[("memory.max", "max\n"), ("memory.current", "100\n")]);
        assert_eq!(tightest("0::/pod/own\n", root), Some(MemoryGroup { limit: 1000, left: 100 }));
        assert_eq!(tightest("0::/elsewhere\n", root), None);
    }

    #[test]
    fn files_that_can_be_dropped_count_as_free() {
        let test = TestDirectory::new();
        let files = [
            ("memory.limit_in_bytes", "1000"),
            ("memory.usage_in_bytes", "950"),
            ("memory.stat", "cache 700\ninactive_file 1\ntotal_inactive_file 600\n"),
        ];
        group(test.path(), "sys/fs/cgroup/memory/own", &files);
        let groups = "12:cpu,cpuacct:/own\n4:memory:/own\n1:name=systemd:/x\n";
        assert_eq!(tightest(groups, test.path()), Some(MemoryGroup { limit: 1000, left: 650 }));
    }
}
