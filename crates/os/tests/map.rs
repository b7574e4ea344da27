//! Mapped files that are shortened, and bus errors that other code causes.

#![allow(unsafe_code, clippy::disallowed_types, reason = "the tests access memory whose file was shortened")]
#![cfg(target_os = "linux")]

mod support;

use shmkit_os::map::{Fault, MapAccess, Memory, Source, page_size};
use std::fs::File;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};
use support::{Actor, SetOnDrop, TestSegment, receive, role, send};

const PAGES: usize = 8;

/// Creates a file of eight pages of sevens.
fn make_file(folder: &Path) -> File {
    let path = folder.join("map");
    std::fs::write(&path, vec![7; PAGES * page_size()]).unwrap();
    File::options().read(true).write(true).open(path).unwrap()
}

fn map(file: &File, access: MapAccess) -> Memory {
    let length = PAGES * page_size();
    let file = Some(file.as_fd());
    Memory::map(&Source {
        file,
        access,
        offset: 0,
        length,
        execute: false,
        populate: false,
        is_stable: false,
    })
    .unwrap()
}

fn read(memory: &Memory, offset: usize, length: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![0; length];
    // SAFETY: the vector is `length` bytes long, and not part of the mapping.
    unsafe { memory.read(offset, bytes.as_mut_ptr(), length) }.map(|()| bytes)
}

fn write(memory: &Memory, offset: usize, bytes: &[u8]) -> Result<(), Fault> {
    // SAFETY: the slice is valid for reads of its length.
    unsafe { memory.write(offset, bytes.as_ptr(), bytes.len()) }
}

/// The other process: shortens a file, or dies as its role says.
#[test]
fn actor() {
    let Some((role, folder)) = role() else { return };
    if role == "shorten" {
        let file = File::options().write(true).open(Path::new(&folder).join("map")).unwrap();
        loop {
            file.set_len(receive().parse().unwrap()).unwrap();
            send("done");
        }
    }
    if role == "earlier handler" {
        // SAFETY: the handler has the right signature and makes only an async-signal-safe call.
        unsafe { libc::signal(libc::SIGBUS, exit_42 as *const () as usize) };
    }
    let file = make_file(folder.as_ref());
    let memory = map(&file, MapAccess::ReadWrite);
    file.set_len(0).unwrap();
    assert_eq!(read(&memory, 0, 1), Err(Fault::Truncated));
    send("ready");
    receive();
    if role == "sent" {
        // SAFETY: raise takes a number.
        unsafe { libc::raise(libc::SIGBUS) };
    }
    // SAFETY: the address is mapped and aligned; the access ends the process, as the test expects.
    unsafe { memory.base().read_volatile() };
}

extern "C" fn exit_42(_signal: libc::c_int) {
    // SAFETY: _exit takes a number and ends the process.
    unsafe { libc::_exit(42) };
}

/// Returns how a process of that role ends: its exit code, or the negated signal.
fn end_of(role: &str) -> i32 {
    let test = TestSegment::new();
    let mut actor = Actor::start(role, test.folder.to_str().unwrap());
    assert_eq!(actor.receive(), "ready");
    actor.send("go");
    let mut status = 0;
    // SAFETY: the pointer to `status` is valid for writes; the process is our child and not reaped yet.
    assert_eq!(unsafe { libc::waitpid(actor.pid(), &raw mut status, 0) }, actor.pid());
    if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -libc::WTERMSIG(status) }
}

#[test]
fn a_bus_error_outside_a_copy_ends_the_process() {
    assert_eq!(end_of("touch"), -libc::SIGBUS);
    assert_eq!(end_of("sent"), -libc::SIGBUS);
}

#[test]
fn a_bus_error_outside_a_copy_goes_to_the_previously_installed_handler() {
    assert_eq!(end_of("earlier handler"), 42);
}

#[test]
fn copies_past_the_end_fail_and_others_succeed_when_another_process_shortens_the_file() {
    let test = TestSegment::new();
    let page = page_size();
    let file = make_file(&test.folder);
    let mut other = Actor::start("shorten", test.folder.to_str().unwrap());
    for access in [MapAccess::Read, MapAccess::ReadWrite, MapAccess::Copy] {
        file.set_len((PAGES * page) as u64).unwrap();
        let memory = map(&file, access);
        for kept in [5 * page + 100, 5 * page, 100, 0] {
            other.send(&kept.to_string());
            assert_eq!(other.receive(), "done");
            assert_eq!(read(&memory, 0, kept).map(|bytes| bytes.len()), Ok(kept), "{access:?} {kept}");
            let lost =
                [(0, kept + 1), (kept, 1), (0, PAGES * page), (7 * page, page), (kept.saturating_sub(3), 9)];
            for (offset, length) in lost {
                assert_eq!(
                    read(&memory, offset, length),
                    Err(Fault::Truncated),
                    "{access:?} {kept} {offset}"
                );
                let expected = if access == MapAccess::Read { Fault::ReadOnly } else { Fault::Truncated };
                assert_eq!(
                    write(&memory, offset, &vec![1; length]),
                    Err(expected),
                    "{access:?} {kept} {offset}"
                );
            }
        }
    }
}

#[test]
fn reads_in_many_threads_survive_a_file_that_keeps_changing_its_length() {
    let test = TestSegment::new();
    let page = page_size();
    let file = make_file(&test.folder);
    let memory = map(&file, MapAccess::ReadWrite);
    let (done, whole, cut) = (AtomicBool::new(false), AtomicU32::new(0), AtomicU32::new(0));
    std::thread::scope(|scope| {
        let _end = SetOnDrop(&done);
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let outcome = read(&memory, 0, PAGES * page);
                    assert!(matches!(outcome, Ok(_) | Err(Fault::Truncated)), "{outcome:?}");
                    if outcome.is_ok() { &whole } else { &cut }.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let (mut round, start) = (0, Instant::now());
        while round < 400 || whole.load(Ordering::Relaxed) == 0 || cut.load(Ordering::Relaxed) == 0 {
            let kept = if round % 2 == 0 { round % 400 * page / 100 } else { PAGES * page };
            file.set_len(kept as u64).unwrap();
            round += 1;
            assert!(start.elapsed() < Duration::from_secs(60), "{whole:?} whole reads, {cut:?} cut ones");
            std::thread::yield_now();
        }
    });
}

#[test]
fn a_mirror_maps_the_same_memory_several_times() {
    let page = page_size();
    let memory = Memory::mirror(None, 2 * page, 3).unwrap();
    write(&memory, 2 * page - 2, b"ring").unwrap();
    assert_eq!(read(&memory, 0, 2).unwrap(), b"ng");
    assert_eq!(read(&memory, 6 * page - 2, 2).unwrap(), b"ri");
    assert_eq!(write(&memory, 6 * page - 2, b"ring"), Err(Fault::OutOfRange));
}

#[test]
fn private_memory_keeps_its_writes_when_it_is_advised_as_not_needed() {
    let test = TestSegment::new();
    let file = make_file(&test.folder);
    for memory in [map(&file, MapAccess::Copy), map(&file, MapAccess::Read).private_view().unwrap()] {
        write(&memory, 10, b"mine").unwrap();
        memory.advise(shmkit_os::map::Advice::DontNeed).unwrap();
        assert_eq!(read(&memory, 9, 6).unwrap(), b"\x07mine\x07");
    }
    assert_eq!(std::fs::read(test.folder.join("map")).unwrap(), vec![7; PAGES * page_size()]);
}
