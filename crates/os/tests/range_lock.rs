//! Range locks against the classic locks of other programs.

#![allow(unsafe_code, clippy::disallowed_types, reason = "the tests fork, and take locks of other kinds")]
#![cfg(target_os = "linux")]

mod support;

use shmkit_os::range_lock::{LockMode, Range, RangeLock};
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd};
use std::path::Path;
use support::{Actor, TestSegment, receive, role, send};

const FIRST: Range = Range { offset: 0, length: 1 };
const ELSEWHERE: Range = Range { offset: 100, length: 10 };

fn open(folder: &Path) -> File {
    let path = folder.join("locked");
    File::options().read(true).write(true).create(true).truncate(false).open(path).unwrap()
}

fn take(file: &File, range: Range) -> Option<RangeLock> {
    RangeLock::try_acquire(file.as_fd(), LockMode::Exclusive, range).unwrap()
}

/// The other process: locks and unlocks the first byte with a POSIX lock, which belongs to the whole process.
#[test]
fn actor() {
    let Some((_, folder)) = role() else { return };
    let file = open(folder.as_ref());
    loop {
        let kind = if receive() == "lock" { libc::F_WRLCK } else { libc::F_UNLCK };
        // SAFETY: `flock` consists of integers, so all zeros is a valid value; its fields are set below.
        let mut request: libc::flock = unsafe { std::mem::zeroed() };
        request.l_type = kind as libc::c_short;
        request.l_len = 1;
        // SAFETY: `file` keeps the descriptor open; the command takes a pointer to a `flock`, which `request` is.
        let done = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLK, &raw mut request) } == 0;
        send(if done { "done" } else { "refused" });
    }
}

#[test]
fn range_locks_and_classic_locks_of_other_programs_exclude_each_other() {
    let test = TestSegment::new();
    let file = open(&test.folder);
    let mut other = Actor::start("other program", test.folder.to_str().unwrap());
    let mut ask = |what: &str| {
        other.send(what);
        other.receive()
    };
    assert_eq!(ask("lock"), "done");
    assert!(take(&file, FIRST).is_none());
    assert!(take(&file, ELSEWHERE).is_some());
    assert_eq!(ask("unlock"), "done");
    let ours = take(&file, FIRST);
    assert!(ours.is_some());
    assert_eq!(ask("lock"), "refused");
    drop(ours);
    assert_eq!(ask("lock"), "done");
    drop(other);
    assert!(take(&file, FIRST).is_some());
}
