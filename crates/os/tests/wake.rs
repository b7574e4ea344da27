//! Waiting on words of a file that two processes have mapped, for every system that can run tests.

#![allow(unsafe_code, clippy::disallowed_types, reason = "the tests access words of mapped files")]

#[path = "support/actor.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod actor;

use actor::{Actor, receive, role, send};
use shmkit_os::futex;
use shmkit_os::shm::{Access, Directory, Mapping};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const TURNS: u32 = 500;
/// Far longer than all turns together take: a wake-up that is lost fails the test.
const LONG: Duration = Duration::from_secs(60);

/// Words of a mapped file.
struct Words(Mapping);

impl Words {
    fn of(folder: &Path) -> Words {
        let file = Directory::open(folder).unwrap().open_file("words", Access::ReadWrite).unwrap();
        Words(Mapping::of(&file, 4096).unwrap())
    }

    fn at(&self, index: usize) -> &AtomicU32 {
        // SAFETY: the words are within the mapping, which is aligned to pages.
        let word = unsafe { self.0.base().cast::<u32>().add(index) };
        // SAFETY: the word stays mapped while `self` exists, and all processes access it as an atomic.
        unsafe { AtomicU32::from_ptr(word) }
    }

    fn set(&self, index: usize, value: u32) {
        self.at(index).store(value, Ordering::Release);
        futex::wake(self.at(index), u32::MAX);
    }

    fn wait_for(&self, index: usize, value: u32) {
        loop {
            let now = self.at(index).load(Ordering::Acquire);
            if now == value {
                return;
            }
            futex::wait(self.at(index), now, LONG);
        }
    }

    /// Waits until one of many words is 1, and makes it 0 again; returns which.
    fn wait_for_any(&self, indexes: std::ops::Range<usize>) -> usize {
        loop {
            let changed = |index: &usize| self.at(*index).swap(0, Ordering::AcqRel) == 1;
            if let Some(changed) = indexes.clone().find(changed) {
                return changed;
            }
            let words: Vec<_> = indexes.clone().map(|index| (self.at(index), 0)).collect();
            futex::wait_any(&words, LONG);
        }
    }
}

#[test]
fn actor() {
    let Some((role, folder)) = role() else { return };
    let words = Words::of(folder.as_ref());
    send("ready");
    match role.as_str() {
        "answer" => (1..=TURNS).for_each(|turn| {
            words.wait_for(0, turn);
            words.set(1, turn);
        }),
        "answer any" => loop {
            let changed = words.wait_for_any(100..200);
            words.set(1, changed as u32);
        },
        "sleep" => words.wait_for(2, 1),
        other => panic!("no such role: {other}"),
    }
    send("done");
    receive();
}

/// A directory with a file of words, removed when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        let random = u64::from_ne_bytes(shmkit_os::entropy::random().unwrap());
        let parent = if cfg!(target_os = "linux") { "/dev/shm".into() } else { std::env::temp_dir() };
        let path = parent.join(format!("shmkit-os-wake-{random:x}"));
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("words"), [0; 4096]).unwrap();
        Folder(path)
    }

    fn start(&self, role: &str) -> Actor {
        let mut actor = Actor::start(role, self.0.to_str().unwrap());
        assert_eq!(actor.receive(), "ready");
        actor
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn two_processes_wake_each_other_without_waiting_for_a_timeout() {
    let folder = Folder::new();
    let words = Words::of(&folder.0);
    let mut other = folder.start("answer");
    let start = Instant::now();
    for turn in 1..=TURNS {
        words.set(0, turn);
        words.wait_for(1, turn);
    }
    let took = start.elapsed();
    assert_eq!(other.receive(), "done");
    println!("one way: {:?}", took / (2 * TURNS));
    assert!(took < LONG, "{took:?}");
}

#[test]
fn a_wake_up_on_any_of_many_words_ends_a_sleep_on_all_of_them() {
    let folder = Folder::new();
    let words = Words::of(&folder.0);
    let _other = folder.start("answer any");
    let start = Instant::now();
    for turn in 0..TURNS {
        let index = 100 + (turn as usize * 37) % 100;
        words.set(index, 1);
        words.wait_for(1, index as u32);
    }
    let took = start.elapsed();
    println!("one way, of 100 words: {:?}", took / (2 * TURNS));
    assert!(took < LONG, "{took:?}");
}

#[test]
fn a_wake_up_reaches_a_living_sleeper_when_another_was_killed_in_its_sleep() {
    let folder = Folder::new();
    let words = Words::of(&folder.0);
    let killed: Vec<_> = (0..3).map(|_| folder.start("sleep")).collect();
    killed.into_iter().for_each(Actor::kill);
    let mut living = folder.start("sleep");
    let start = Instant::now();
    words.set(2, 1);
    assert_eq!(living.receive(), "done");
    assert!(start.elapsed() < LONG);
}
