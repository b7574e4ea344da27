//! Support for the tests of this crate.

#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

mod actor;
#[cfg(target_os = "linux")]
mod cgroup;
mod forked;
mod not_run;

pub use actor::{Actor, receive, role, send};
#[cfg(target_os = "linux")]
pub use cgroup::Cgroup;
pub use forked::ForkedChild;
pub use not_run::not_run;

use shmkit_os::entropy;
use shmkit_os::liveness::Probe;
use shmkit_os::shm::{Access, Directory, ShmFile};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A program between fork and exec has copies of all descriptors, and so keeps a lock that another test is just
/// acquiring held. So one test runs at a time.
static ONE_TEST: Mutex<()> = Mutex::new(());

/// A directory in shared memory with one file, removed with its contents when this is dropped.
pub struct TestSegment {
    pub folder: PathBuf,
    _one_test: MutexGuard<'static, ()>,
}

pub const FILE: &str = "segment";

impl TestSegment {
    pub fn new() -> Self {
        let one_test = ONE_TEST.lock().unwrap_or_else(PoisonError::into_inner);
        let random = u64::from_ne_bytes(entropy::random().unwrap());
        let parent = if cfg!(target_os = "linux") { "/dev/shm".into() } else { std::env::temp_dir() };
        let folder = parent.join(format!("shmkit-os-test-{random:x}"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join(FILE), [0; 4096]).unwrap();
        TestSegment { folder, _one_test: one_test }
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

const HOLDS_BY_DESCRIPTOR: bool = cfg!(feature = "kept-descriptors") || !cfg!(target_os = "linux");

/// Sets a flag when it is dropped, also by a panic, so that threads that work until it is set end with the test.
pub struct SetOnDrop<'a>(pub &'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Returns whether a slot becomes free soon. If a mapping keeps the lock held, a forked child never has it, so the slot
/// must be free at once. If a descriptor does, the child has a copy until it first runs.
pub fn is_soon_free(probe: &Probe, slot: u32) -> bool {
    let end = Instant::now() + Duration::from_secs(if HOLDS_BY_DESCRIPTOR { 10 } else { 0 });
    while !probe.is_free(slot) {
        if Instant::now() > end {
            return false;
        }
        std::thread::yield_now();
    }
    true
}
