//! What the tests of this crate share.

#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

mod actor;
#[cfg(target_os = "linux")]
mod cgroup;
mod forked;

pub use actor::{Actor, hear, role, tell};
#[cfg(target_os = "linux")]
pub use cgroup::Cgroup;
pub use forked::ForkedChild;

use shmkit_os::beacon::Probe;
use shmkit_os::entropy;
use shmkit_os::shm::{Access, Directory, ShmFile};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A program on its way from fork to exec has copies of all descriptors, and so keeps the lock of a
/// beacon that another test is just lighting: one test at a time.
static ONE_TEST: Mutex<()> = Mutex::new(());

/// A folder in shared memory with one file, removed with all it holds when it is dropped.
pub struct TestSegment {
    pub folder: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

pub const FILE: &str = "segment";

impl TestSegment {
    pub fn new() -> Self {
        let turn = ONE_TEST.lock().unwrap_or_else(PoisonError::into_inner);
        let random = u64::from_ne_bytes(entropy::random().unwrap());
        let parent = if cfg!(target_os = "linux") { "/dev/shm".into() } else { std::env::temp_dir() };
        let folder = parent.join(format!("shmkit-os-test-{random:x}"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join(FILE), [0; 4096]).unwrap();
        TestSegment { folder, _turn: turn }
    }

    pub fn path(&self) -> String {
        self.folder.to_str().unwrap().to_owned()
    }

    pub fn open(&self, access: Access) -> ShmFile {
        open(&self.folder, access)
    }
}

pub fn open(folder: &Path, access: Access) -> ShmFile {
    Directory::open(folder).unwrap().open_file(FILE, access).unwrap()
}

impl Drop for TestSegment {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

const HANGS_ON_DESCRIPTORS: bool = cfg!(feature = "kept-descriptors") || !cfg!(target_os = "linux");

/// Where a beacon hangs on a mapping, a forked child never has it. Where it hangs on a descriptor, the child
/// has it until it comes to run for the first time.
pub fn is_soon_free(probe: &Probe, slot: u32) -> bool {
    let end = Instant::now() + Duration::from_secs(if HANGS_ON_DESCRIPTORS { 10 } else { 0 });
    while !probe.is_free(slot) {
        if Instant::now() > end {
            return false;
        }
        std::thread::yield_now();
    }
    true
}
