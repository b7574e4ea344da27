//! Space reservation in processes with limits, or that receive many signals.

#![allow(
    unsafe_code,
    clippy::disallowed_types,
    reason = "the tests limit the size of files and interrupt calls by signals"
)]
#![cfg(unix)]

mod support;

use shmkit_os::process::exclude_fork;
use shmkit_os::shm::{Directory, NewFile};
use support::{Actor, TestSegment, role, send};

const MIB: u64 = 1 << 20;

#[test]
fn actor() {
    let Some((role, folder)) = role() else { return };
    let size = match role.as_str() {
        "limited" => {
            let bytes = MIB as libc::rlim_t;
            let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
            // SAFETY: the pointer to `limit` is valid for reads for the whole call.
            assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit) }, 0);
            MIB + 1
        }
        "interrupted" => {
            start_signal_storm();
            256 * MIB
        }
        other => panic!("no such role: {other}"),
    };
    let dir = Directory::open(folder.as_ref()).unwrap();
    let new = NewFile::create(&exclude_fork().unwrap(), &dir).unwrap();
    send(&match new.file().reserve(size) {
        Ok(()) => format!("{} bytes", new.file().status().unwrap().size),
        Err(error) => error.to_string(),
    });
}

/// Sends SIGALRM to this thread, thousands of times a second, with a handler that interrupts system calls without
/// restarting them.
fn start_signal_storm() {
    extern "C" fn ignore(_: libc::c_int) {}
    // SAFETY: `sigaction` consists of integers and an optional function, so all zeros is a valid value: no flags, an
    // empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = ignore as extern "C" fn(libc::c_int) as usize;
    // SAFETY: `action` is valid for reads; its handler has the right signature and does nothing.
    assert_eq!(unsafe { libc::sigaction(libc::SIGALRM, &raw const action, std::ptr::null_mut()) }, 0);
    // SAFETY: pthread_self takes no arguments.
    let target = unsafe { libc::pthread_self() };
    // A number on some systems and a pointer on others; only a number can be sent to another thread.
    let target = target as usize;
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(std::time::Duration::from_micros(400));
            // SAFETY: the target is the thread of the test, which lives until the process exits.
            unsafe { libc::pthread_kill(target as libc::pthread_t, libc::SIGALRM) };
        }
    });
}

#[test]
fn reserve_fails_with_efbig_when_the_process_has_a_file_size_limit() {
    let segment = TestSegment::new();
    let answer = Actor::start("limited", &segment.path()).receive();
    assert!(answer.contains("EFBIG"), "{answer}");
}

#[test]
fn reserve_succeeds_during_a_storm_of_signals() {
    let segment = TestSegment::new();
    assert_eq!(Actor::start("interrupted", &segment.path()).receive(), format!("{} bytes", 256 * MIB));
}
