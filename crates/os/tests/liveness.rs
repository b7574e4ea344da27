//! Liveness locks of real processes, which exit in every way that a process can.

#![allow(unsafe_code, clippy::disallowed_types, reason = "the tests fork, trace and share memory")]
#![cfg(unix)]

mod support;

use shmkit_os::liveness::{AttachLock, LivenessLock, NameLock, Probe, has_attachments, live_slots};
use shmkit_os::process::{exclude_fork, fork_epoch};
use shmkit_os::shm::{Access, ShmFile};
use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use support::{Actor, FILE, ForkedChild, SetOnDrop, TestSegment, is_soon_free, open, receive, role, send};

fn acquire(file: &ShmFile, slot: u32) -> Option<LivenessLock> {
    LivenessLock::acquire(&exclude_fork().unwrap(), file, slot..slot + 1).unwrap()
}

/// The other process: holds slot 1, and does what its role says.
#[test]
fn actor() {
    let Some((role, folder)) = role() else { return };
    let file = open(folder.as_ref(), Access::ReadWrite);
    let lock = std::thread::spawn(move || acquire(&file, 1)).join().unwrap();
    assert_eq!(lock.as_ref().and_then(LivenessLock::slot), Some(1));
    let mut forked = None;
    match role.as_str() {
        "hold" => {}
        #[cfg(target_os = "linux")]
        "close all descriptors" => {
            // SAFETY: close_range takes numbers. No code in this process uses a descriptor above 2 after this.
            unsafe { libc::syscall(libc::SYS_close_range, 3, u32::MAX, 0) };
        }
        "fork" => forked = Some(ForkedChild::reading(0)),
        "open and close" => drop(std::fs::File::open(format!("{folder}/{FILE}"))),
        "release" => {
            send("holding");
            receive();
            drop(lock);
        }
        other => panic!("no such role: {other}"),
    }
    send("ready");
    receive();
    drop(forked);
}

fn start(role: &str, segment: &TestSegment) -> Actor {
    let mut actor = Actor::start(role, &segment.path());
    assert_eq!(actor.receive(), if role == "release" { "holding" } else { "ready" });
    actor
}

/// A probe of this process, and its liveness lock on slot 9.
fn probe(segment: &TestSegment) -> (Probe, LivenessLock) {
    let own_lock = acquire(&segment.open(Access::ReadWrite), 9).unwrap();
    (Probe::new(segment.open(Access::ReadWrite), &own_lock), own_lock)
}

#[test]
fn a_participant_is_alive_until_it_is_killed_even_if_it_is_not_reaped() {
    lives_until_it_is_killed(&["hold", "open and close"]);
}

/// A mapping keeps the lock held on Linux.
#[cfg(all(target_os = "linux", not(feature = "kept-descriptors")))]
#[test]
fn a_participant_that_closes_all_its_descriptors_is_alive_until_it_is_killed() {
    lives_until_it_is_killed(&["close all descriptors"]);
}

fn lives_until_it_is_killed(roles: &[&str]) {
    let segment = TestSegment::new();
    let (probe, _own_lock) = probe(&segment);
    for role in roles {
        assert!(probe.is_free(1));
        let actor = start(role, &segment);
        assert!(!probe.is_free(1), "{role}");
        assert!(acquire(&segment.open(Access::ReadWrite), 1).is_none(), "{role}");
        actor.kill_unreaped();
        assert!(probe.is_free(1), "{role}");
    }
}

#[test]
fn a_stopped_participant_is_alive() {
    let segment = TestSegment::new();
    let (probe, _own_lock) = probe(&segment);
    let actor = start("hold", &segment);
    actor.signal(libc::SIGSTOP);
    assert!(!probe.is_free(1));
}

#[test]
fn a_forked_child_does_not_keep_its_parent_alive() {
    let segment = TestSegment::new();
    let (probe, _own_lock) = probe(&segment);
    let actor = start("fork", &segment);
    assert!(!probe.is_free(1));
    actor.kill_unreaped();
    assert!(is_soon_free(&probe, 1));
    // This would fail without a reader of the pipe: the forked child is still alive.
    actor.send("are you there?");
}

#[test]
fn dropping_a_liveness_lock_frees_its_slot() {
    let segment = TestSegment::new();
    let (probe, own_lock) = probe(&segment);
    let mut actor = start("release", &segment);
    assert!(!probe.is_free(1));
    actor.send("go");
    assert_eq!(actor.receive(), "ready");
    assert!(probe.is_free(1));
    let other = segment.open(Access::ReadWrite);
    assert_eq!(live_slots(&other, 1..20).unwrap(), [9]);
    drop(own_lock);
    assert_eq!(live_slots(&other, 1..20).unwrap(), []);
    assert!(!has_attachments(&other).unwrap());
}

#[test]
fn children_forked_at_any_moment_keep_no_lock() {
    let segment = TestSegment::new();
    let (reader, _writer) = std::io::pipe().unwrap();
    let done = AtomicBool::new(false);
    let children: Vec<ForkedChild> = std::thread::scope(|scope| {
        for slot in 1..3 {
            let (file, done) = (segment.open(Access::ReadWrite), &done);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    let fork = exclude_fork().unwrap();
                    let _attaching = AttachLock::try_acquire_shared(&fork, &file).unwrap();
                    let lock = LivenessLock::acquire(&fork, &file, slot..slot + 1).unwrap();
                    assert!(lock.is_some(), "a child keeps the slot of a dropped lock");
                }
            });
        }
        let _end = SetOnDrop(&done);
        (0..200).map(|_| ForkedChild::reading(reader.as_raw_fd())).collect()
    });
    let file = segment.open(Access::ReadWrite);
    assert!(!has_attachments(&file).unwrap());
    let fork = exclude_fork().unwrap();
    assert!(AttachLock::try_acquire_exclusive(&fork, &file).unwrap().is_some());
    drop((fork, children));
}

#[test]
fn programs_started_at_any_moment_keep_no_lock() {
    let segment = TestSegment::new();
    let file = segment.open(Access::ReadWrite);
    std::thread::scope(|scope| {
        let starter = scope.spawn(|| {
            (0..50).map(|_| start_program()).collect::<Vec<_>>().into_iter().for_each(end_program);
        });
        while !starter.is_finished() {
            drop(acquire(&file, 1));
        }
        assert!(!has_attachments(&file).unwrap());
    });
}

/// Starts a program and waits for its first output: from then on it has none of our descriptors.
fn start_program() -> std::process::Child {
    let mut cat = std::process::Command::new("cat");
    let mut cat = cat.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    cat.stdin.as_mut().unwrap().write_all(b"?").unwrap();
    cat.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    cat
}

fn end_program(mut program: std::process::Child) {
    drop(program.stdin.take());
    program.wait().unwrap();
}

#[test]
fn a_forked_child_does_not_release_the_lock_of_its_parent_when_it_drops_it() {
    let segment = TestSegment::new();
    let (probe, _own) = probe(&segment);
    let lock = acquire(&segment.open(Access::ReadWrite), 2).unwrap();
    let epoch = fork_epoch();
    // SAFETY: the child makes only async-signal-safe calls: atomic loads, the drop, which makes no call, and `_exit`.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let is_detected = fork_epoch() == epoch + 1 && !lock.is_ours();
        drop(lock);
        // SAFETY: _exit takes a number and ends the process.
        unsafe { libc::_exit(if is_detected { 7 } else { 1 }) };
    }
    let mut status = 0;
    // SAFETY: the pointer to `status` is valid for writes.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
    assert_eq!(libc::WEXITSTATUS(status), 7);
    assert!(lock.is_ours());
    assert_eq!(fork_epoch(), epoch);
    assert!(!probe.is_free(2));
}

#[test]
fn the_first_free_slot_is_acquired_and_none_when_all_are_held() {
    let segment = TestSegment::new();
    let file = segment.open(Access::ReadWrite);
    let fork = exclude_fork().unwrap();
    let first = LivenessLock::acquire(&fork, &file, 1..3).unwrap().unwrap();
    let second = LivenessLock::acquire(&fork, &file, 1..3).unwrap().unwrap();
    assert_eq!((first.slot(), second.slot()), (Some(1), Some(2)));
    assert!(LivenessLock::acquire(&fork, &file, 1..3).unwrap().is_none());
    drop(first);
    assert_eq!(LivenessLock::acquire(&fork, &file, 1..3).unwrap().unwrap().slot(), Some(1));
}

#[test]
fn readers_count_as_attached_and_need_no_write_access() {
    let segment = TestSegment::new();
    let file = segment.open(Access::ReadOnly);
    let fork = exclude_fork().unwrap();
    let first = LivenessLock::acquire_shared(&fork, &file).unwrap();
    let second = LivenessLock::acquire_shared(&fork, &file).unwrap();
    assert_eq!(first.slot(), None);
    drop(first);
    assert!(has_attachments(&file).unwrap());
    let probe = Probe::new(segment.open(Access::ReadOnly), &second);
    assert!(probe.is_free(1));
    drop(second);
    assert!(!has_attachments(&file).unwrap());
    // The probe does not see its own lock, so nothing is proven.
    assert!(!probe.is_free(1));
}

#[test]
fn several_processes_attach_at_once_but_none_while_a_stale_file_is_removed() {
    let segment = TestSegment::new();
    let files = [(); 3].map(|()| segment.open(Access::ReadWrite));
    let reader = segment.open(Access::ReadOnly);
    let fork = exclude_fork().unwrap();
    let attaching =
        [&files[0], &files[1], &reader].map(|file| AttachLock::try_acquire_shared(&fork, file).unwrap());
    assert!(attaching.iter().all(Option::is_some));
    assert!(AttachLock::try_acquire_exclusive(&fork, &files[2]).unwrap().is_none());
    drop(attaching);
    let alone = AttachLock::try_acquire_exclusive(&fork, &files[2]).unwrap();
    assert!(alone.is_some() && AttachLock::try_acquire_shared(&fork, &files[0]).unwrap().is_none());
}

#[test]
fn one_process_at_a_time_changes_a_name_and_others_can_still_attach() {
    let segment = TestSegment::new();
    let files = [(); 2].map(|()| segment.open(Access::ReadWrite));
    let fork = exclude_fork().unwrap();
    let name = NameLock::try_acquire(&fork, &files[0]).unwrap();
    assert!(name.is_some() && NameLock::try_acquire(&fork, &files[1]).unwrap().is_none());
    assert!(AttachLock::try_acquire_shared(&fork, &files[1]).unwrap().is_some());
    drop(name);
    assert!(NameLock::try_acquire(&fork, &files[1]).unwrap().is_some());
}

fn raw_fd(probe: &Probe) -> RawFd {
    probe.with_file(|file| file.as_fd().as_raw_fd())
}

/// Closes the descriptor of the probe's file and gives its number to another file.
fn steal_descriptor(probe: &Probe) -> std::fs::File {
    let other = std::fs::File::open("/dev/null").unwrap();
    let number = raw_fd(probe);
    // SAFETY: dup2 takes numbers; the probe alone uses the descriptor, and must detect the change.
    assert_eq!(unsafe { libc::dup2(other.as_raw_fd(), number) }, number);
    other
}

#[test]
fn a_probe_opens_its_file_again_when_its_descriptor_was_closed() {
    let segment = TestSegment::new();
    let (probe, _own_lock) = probe(&segment);
    let other = acquire(&segment.open(Access::ReadWrite), 2).unwrap();
    steal_descriptor(&probe);
    assert!(!probe.is_free(2));
    drop(other);
    steal_descriptor(&probe);
    assert!(probe.is_free(2));
}

#[test]
fn a_probe_reports_no_slot_as_free_when_it_cannot_open_its_file_again() {
    let segment = TestSegment::new();
    let (probe, _own_lock) = probe(&segment);
    assert!(probe.is_free(2));
    let stolen = raw_fd(&probe);
    steal_descriptor(&probe);
    std::fs::remove_file(segment.folder.join(FILE)).unwrap();
    assert!(!probe.is_free(2));
    drop(probe);
    // The number is another file's now, and dropping the probe must not have closed it.
    // SAFETY: fcntl with F_GETFD takes numbers.
    assert_ne!(unsafe { libc::fcntl(stolen, libc::F_GETFD) }, -1);
}
