//! Removing and replacing files that another process has mapped, for every system that can run tests.

#![allow(unsafe_code, reason = "the test accesses mapped memory")]

#[path = "support/actor.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod actor;

use actor::{Actor, receive, role, send};
use shmkit_os::process::exclude_fork;
use shmkit_os::shm::{Access, Directory, Mapping, NewFile, TEMPORARY_PREFIX};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const BYTES: u64 = 65_536;
const REPLACEMENTS: usize = 100;
const KILLS: usize = 20;

fn directory(folder: &Path) -> Directory {
    Directory::open(folder).unwrap()
}

fn create(dir: &Directory) {
    let fork = exclude_fork().unwrap();
    let mut new = NewFile::create(&fork, dir).unwrap();
    new.file().reserve(BYTES).unwrap();
    new.link(&fork, "name").unwrap();
}

fn replace(dir: &Directory) {
    let fork = exclude_fork().unwrap();
    let mut new = NewFile::named(&fork, dir).unwrap();
    new.file().reserve(BYTES).unwrap();
    new.link_over(&fork, "name", || ()).unwrap();
}

fn map(dir: &Directory) -> Mapping {
    Mapping::of(&dir.open_file("name", Access::ReadWrite).unwrap(), BYTES as usize).unwrap()
}

fn set(mapping: &Mapping, value: u8) {
    // SAFETY: the first byte is mapped and writable.
    unsafe { mapping.base().write_volatile(value) };
}

fn get(mapping: &Mapping) -> u8 {
    // SAFETY: the first byte is mapped.
    unsafe { mapping.base().read_volatile() }
}

#[test]
fn actor() {
    let Some((role, folder)) = role() else { return };
    let dir = directory(folder.as_ref());
    let mapping = map(&dir);
    send("ready");
    if role == "replace" {
        (0..REPLACEMENTS).for_each(|_| replace(&dir));
        send("done");
    }
    if role == "replace until it is killed" {
        loop {
            replace(&dir);
        }
    }
    while receive() == "value" {
        let value = get(&mapping);
        set(&mapping, value + 1);
        send(&value.to_string());
    }
}

/// A directory with a file, removed when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        let random = u64::from_ne_bytes(shmkit_os::entropy::random().unwrap());
        let parent = if cfg!(target_os = "linux") { "/dev/shm".into() } else { std::env::temp_dir() };
        let path = parent.join(format!("shmkit-os-removal-{random:x}"));
        std::fs::create_dir(&path).unwrap();
        create(&directory(&path));
        Folder(path)
    }

    fn start(&self, role: &str) -> Actor {
        let mut actor = Actor::start(role, self.0.to_str().unwrap());
        assert_eq!(actor.receive(), "ready");
        actor
    }

    /// Returns the names of the files that are as large as those of the test.
    fn large_files(&self) -> Vec<std::ffi::OsString> {
        let files = std::fs::read_dir(&self.0).unwrap().map(Result::unwrap);
        let is_bells = |name: &std::ffi::OsStr| name == ".shmkit.bells";
        let is_large = |file: &std::fs::DirEntry| file.metadata().is_ok_and(|data| data.len() >= BYTES);
        files.filter(is_large).map(|file| file.file_name()).filter(|name| !is_bells(name)).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_removed_file_stays_usable_and_is_gone_when_the_process_that_mapped_it_was_killed() {
    let folder = Folder::new();
    let dir = directory(&folder.0);
    let mut other = folder.start("map");
    let mapping = map(&dir);
    set(&mapping, 7);
    assert!(dir.unlink("name").unwrap());
    assert!(!dir.unlink("name").unwrap());
    assert!(dir.open_file("name", Access::ReadWrite).unwrap_err().is_not_found());
    other.send("value");
    assert_eq!(other.receive(), "7");
    other.send("value");
    assert_eq!((other.receive().as_str(), get(&mapping)), ("8", 9));
    create(&dir);
    assert_eq!(get(&map(&dir)), 0);
    drop(mapping);
    other.kill();
    let end = Instant::now() + Duration::from_secs(30);
    while folder.large_files() != ["name"] {
        assert!(Instant::now() < end, "{:?}", folder.large_files());
        std::thread::yield_now();
    }
}

#[test]
fn a_mapped_file_that_is_replaced_over_and_over_is_never_missing() {
    let folder = Folder::new();
    let dir = directory(&folder.0);
    let mut other = folder.start("replace");
    let mut opened = 0;
    std::thread::scope(|scope| {
        let done = scope.spawn(|| other.receive());
        while !done.is_finished() {
            let mapping = map(&dir);
            assert_eq!(get(&mapping), 0);
            opened += 1;
        }
        assert_eq!(done.join().unwrap(), "done");
    });
    assert!(opened > 0);
}

#[test]
fn a_mapped_file_whose_replacer_is_killed_at_any_moment_is_never_missing() {
    let folder = Folder::new();
    let dir = directory(&folder.0);
    for round in 0..KILLS {
        let replacer = folder.start("replace until it is killed");
        // Where the system refuses to replace a mapped file, no file has the name for a moment.
        let mapped: Vec<_> = (0..round * 3).map(|_| map(&dir)).collect();
        replacer.kill();
        assert_eq!(get(&map(&dir)), 0, "round {round}");
        replace(&dir);
        drop(mapped);
    }
    // Which the next creation of an object removes.
    let is_left_over = |name: &str| name.starts_with(TEMPORARY_PREFIX) || name.starts_with(".shmkit.gone.");
    let is_expected = |name: &std::ffi::OsString| name == "name" || name.to_str().is_some_and(is_left_over);
    let files = folder.large_files();
    assert!(files.iter().all(is_expected), "{files:?}");
}
