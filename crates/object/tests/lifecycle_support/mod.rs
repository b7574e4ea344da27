//! Support for the lifecycle tests: directories, actors, and short calls.

#![allow(
    unsafe_code,
    clippy::disallowed_types,
    reason = "the tests trace processes, mount file systems and share memory with children"
)]
#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

#[path = "../../../os/tests/support/actor.rs"]
mod actor;
#[path = "../../../os/tests/support/cgroup.rs"]
mod cgroup;
#[path = "../../../os/tests/support/forked.rs"]
mod forked;
mod mounts;
#[path = "../../../os/tests/support/not_run.rs"]
mod not_run;
mod peer;
mod program;
#[cfg(all(target_arch = "x86_64", target_env = "gnu"))]
mod refusal;
mod siblings;
mod tracer;
#[cfg(all(target_arch = "x86_64", target_env = "gnu"))]
mod trial;

pub use actor::{Actor, receive, role, send};
pub use cgroup::Cgroup;
pub use forked::ForkedChild;
pub use mounts::{
    Mounted, in_another_pid_namespace, mount_over, mount_strictly_over, overlay_over, skipped_without_root,
    with_own_mounts,
};
pub use not_run::not_run;
pub use program::serve_if_actor;
#[cfg(all(target_arch = "x86_64", target_env = "gnu"))]
pub use refusal::Call;
pub use siblings::SIBLINGS;
pub use tracer::Traced;
#[cfg(all(target_arch = "x86_64", target_env = "gnu"))]
pub use trial::Trial;

use shmkit_dict::kind::{self, Handle, SegmentOptions};
use shmkit_dict::value::{Condition, Key, Ttl, Value, ValueKind};
use shmkit_object::error::{Error, Result};
use shmkit_object::lifecycle::{HandleOptions, Listed, TrustedUsers};
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub const NAME: &str = "test";
pub const MIB: u64 = 1 << 20;

/// Lets one test run at a time: a program between fork and exec has copies of all descriptors, and keeps a liveness lock
/// held that another test is acquiring.
static ONE_TEST: Mutex<()> = Mutex::new(());

/// A directory in shared memory, removed with its contents when this is dropped.
pub struct Folder(PathBuf, MutexGuard<'static, ()>);

impl Folder {
    pub fn new() -> Self {
        let turn = ONE_TEST.lock().unwrap_or_else(PoisonError::into_inner);
        let random = u64::from_ne_bytes(shmkit_os::entropy::random().unwrap());
        let path = PathBuf::from(format!("/dev/shm/shmkit-object-test-{random:x}"));
        std::fs::create_dir(&path).unwrap();
        Folder(path, turn)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn text(&self) -> String {
        self.0.to_str().unwrap().to_owned()
    }

    /// Returns the path of the dictionary `test`.
    pub fn file(&self) -> PathBuf {
        file_in(&self.0)
    }

    /// Returns the names of all files in it.
    pub fn files(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub fn create(&self) -> Result<Handle> {
        create(&self.0)
    }

    pub fn create_with(&self, change: impl FnOnce(&mut SegmentOptions)) -> Result<Handle> {
        let mut options = sized();
        change(&mut options);
        kind::create(NAME, &options, &within(&self.0))
    }

    pub fn open(&self) -> Result<Handle> {
        kind::open(NAME, &within(&self.0))
    }

    pub fn open_read_only(&self) -> Result<Handle> {
        kind::open(NAME, &HandleOptions { read_only: true, ..within(&self.0) })
    }

    pub fn open_or_create(&self, options: &SegmentOptions) -> Result<Handle> {
        kind::open_or_create(NAME, options, &within(&self.0))
    }

    pub fn unlink(&self) -> Result<bool> {
        kind::unlink(NAME, &within(&self.0))
    }

    pub fn prune(&self) -> Vec<String> {
        kind::prune(&within(&self.0)).unwrap()
    }

    /// Removes what a failed call may leave: names.
    pub fn clear(&self) {
        self.prune();
        self.unlink().unwrap();
        siblings::clear(&self.0);
    }

    pub fn list(&self) -> Vec<Listed> {
        kind::list(&within(&self.0)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn file_in(folder: &Path) -> PathBuf {
    folder.join(format!("shmkit.dict.{NAME}"))
}

pub fn within(folder: &Path) -> HandleOptions {
    HandleOptions { dir: Some(folder.to_owned()), ..HandleOptions::default() }
}

/// Like `within`, trusting all users.
pub fn trusting_all(folder: &Path) -> HandleOptions {
    HandleOptions { trusted: TrustedUsers::Any, ..within(folder) }
}

pub fn sized() -> SegmentOptions {
    SegmentOptions { size: Some(MIB), ..SegmentOptions::default() }
}

pub fn create(folder: &Path) -> Result<Handle> {
    kind::create(NAME, &sized(), &within(folder))
}

pub fn set(handle: &Handle, key: &str, value: &str) {
    let stored = handle.dict.set(
        Key::new(key.as_bytes(), false).unwrap(),
        Value::bytes(ValueKind::Latin1, value.as_bytes()),
        Ttl::Never,
        Condition::Always,
    );
    assert!(stored.unwrap());
}

pub fn get(handle: &Handle, key: &str) -> Option<String> {
    try_get(handle, key).unwrap()
}

pub fn try_get(handle: &Handle, key: &str) -> Result<Option<String>> {
    let mut buffer = Vec::new();
    let entry = handle.dict.get(Key::new(key.as_bytes(), false)?, &mut buffer)?;
    Ok(entry.map(|entry| String::from_utf8(entry.value.bytes.to_vec()).unwrap()))
}

/// Returns the code of the error that a call must return.
#[track_caller]
pub fn code<T>(result: Result<T>) -> &'static str {
    match result {
        Ok(_) => panic!("the call should have failed"),
        Err(error) => error.code(),
    }
}

pub fn c_path(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap()
}

/// Creates a FIFO.
pub fn make_fifo(path: &Path) {
    // SAFETY: the path is NUL-terminated and outlives the call.
    assert_eq!(unsafe { libc::mkfifo(c_path(path).as_ptr(), 0o600) }, 0);
}

/// Returns an actor's answer about a call: the file's inode, or the error.
pub fn outcome(result: &Result<Handle>) -> String {
    use std::os::unix::fs::MetadataExt;
    match result {
        Ok(handle) => format!("ok {}", std::fs::metadata(&handle.path).map_or(0, |status| status.ino())),
        Err(error) => format!("{}: {error}", error.code()),
    }
}

impl Folder {
    /// Starts a process that runs commands in this directory.
    pub fn actor(&self) -> Actor {
        let mut actor = Actor::start("serve", &self.text());
        assert_eq!(actor.receive(), "ready");
        actor
    }

    /// Starts processes that run the same command at once; returns them and their answers.
    pub fn all_at_once(&self, count: usize, command: &str) -> (Vec<Actor>, Vec<String>) {
        let mut actors: Vec<Actor> = (0..count).map(|_| self.actor()).collect();
        actors.iter_mut().for_each(|actor| actor.send(command));
        let answers = actors.iter_mut().map(Actor::receive).collect();
        (actors, answers)
    }
}

/// Asks an actor and returns its answer.
pub fn ask(actor: &mut Actor, command: &str) -> String {
    actor.send(command);
    actor.receive()
}
