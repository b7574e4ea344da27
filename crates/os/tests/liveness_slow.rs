//! Slow deaths: with much memory, while a core file is written, or killed by the kernel when memory runs out; and a
//! frozen process, which is alive. A dying process counts as alive until its memory is freed, and as dead after that.

#![allow(unsafe_code, clippy::disallowed_types, reason = "the tests fork, trace and share memory")]
#![cfg(target_os = "linux")]

mod support;

use shmkit_os::liveness::{LivenessLock, Probe};
use shmkit_os::process::exclude_fork;
use shmkit_os::shm::{Access, ShmFile};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use support::{Actor, Cgroup, TestSegment, not_run, open, receive, role, send};

const MIB: usize = 1 << 20;
/// Sets the memory of a process that is just killed; `npm run torture` sets more.
const DYING_MIB: &str = "SHMKIT_DYING_MIB";
const FEW_MIB: usize = 64;
/// Far more than the kernel needs to free the memory, even on a busy machine.
const DEATH_TIMEOUT: Duration = Duration::from_secs(60);

fn acquire(file: &ShmFile, slot: u32) -> LivenessLock {
    LivenessLock::acquire(&exclude_fork().unwrap(), file, slot..slot + 1).unwrap().unwrap()
}

/// Allocated memory with all pages present.
fn touched_memory(mib: usize) -> Vec<u8> {
    vec![1; mib * MIB]
}

/// The other process: holds slot 1, allocates memory, and dies as its role says.
#[test]
fn actor() {
    let Some((role, folder)) = role() else { return };
    let file = open(folder.as_ref(), Access::ReadWrite);
    let _lock = acquire(&file, 1);
    let asked = std::env::var(DYING_MIB).ok().filter(|_| role == "hold").and_then(|mib| mib.parse().ok());
    let memory = touched_memory(asked.unwrap_or(FEW_MIB));
    std::env::set_current_dir(&folder).unwrap();
    send(if role == "dump" && !allow_core_files() { "no core files here" } else { "ready" });
    receive();
    match role.as_str() {
        // SAFETY: raise takes a number.
        "dump" => drop(unsafe { libc::raise(libc::SIGQUIT) }),
        "use all memory" => use_all_memory(),
        _ => {}
    }
    drop(memory);
}

fn use_all_memory() {
    let mut all = Vec::new();
    loop {
        all.push(touched_memory(16));
    }
}

/// Removes the limit on the size of core files; returns false if the system refuses.
fn allow_core_files() -> bool {
    let limit = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: the pointer to `limit` is valid for reads for the whole call.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const limit) == 0 }
}

fn start(role: &str, segment: &TestSegment) -> Actor {
    let mut actor = Actor::start(role, &segment.path());
    assert_eq!(actor.receive(), "ready");
    actor
}

/// A probe of this process, and its liveness lock on slot 9.
fn probe(segment: &TestSegment) -> (Probe, LivenessLock) {
    let own_lock = acquire(&segment.open(Access::ReadWrite), 9);
    (Probe::new(segment.open(Access::ReadWrite), &own_lock), own_lock)
}

/// Waits until slot 1 is free and returns how long that took. Calls `before_query` before each query.
fn time_until_free(probe: &Probe, mut before_query: impl FnMut()) -> Duration {
    let start = Instant::now();
    loop {
        before_query();
        if probe.is_free(1) {
            return start.elapsed();
        }
        assert!(start.elapsed() < DEATH_TIMEOUT, "the slot is still held");
        std::thread::yield_now();
    }
}

#[test]
fn a_killed_process_with_much_memory_is_dead_once_its_memory_is_freed() {
    let segment = TestSegment::new();
    let (probe, _own_lock) = probe(&segment);
    let actor = start("hold", &segment);
    assert!(!probe.is_free(1));
    actor.signal(libc::SIGKILL);
    println!("dead after {:?}", time_until_free(&probe, || ()));
}

/// Returns the core file in a directory, and its length.
fn core_in(folder: &Path) -> Option<(PathBuf, u64)> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut cores = files.filter(|file| file.file_name().to_string_lossy().contains("core"));
    let core = cores.next()?;
    Some((core.path(), core.metadata().ok()?.len()))
}

#[test]
fn a_process_is_alive_until_its_core_file_is_written() {
    let pattern = std::fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap();
    let segment = TestSegment::new();
    let (probe, _own_lock) = probe(&segment);
    let mut actor = Actor::start("dump", &segment.path());
    let is_written_here = !pattern.starts_with(['|', '/']) && pattern.contains("core");
    if actor.receive() != "ready" || !is_written_here {
        not_run("needs core files in the directory of the process");
        return;
    }
    actor.send("go");
    let mut sizes = Vec::new();
    let took = time_until_free(&probe, || sizes.extend(core_in(&segment.folder).map(|(_, bytes)| bytes)));
    let (core, written) = core_in(&segment.folder).expect("a core file");
    actor.kill_unreaped();
    assert_eq!(std::fs::metadata(core).unwrap().len(), written, "it was still being written");
    let growing = sizes.iter().filter(|bytes| **bytes < written).count();
    println!("{written} bytes in {took:?}, seen growing {growing} times");
    assert!(written > (FEW_MIB * MIB) as u64 && growing > 0, "the core file was not seen growing: {sizes:?}");
}

#[test]
fn a_process_that_the_kernel_kills_when_memory_runs_out_is_dead() {
    let Some(group) = Cgroup::with_memory(128 * MIB as u64) else { return };
    let segment = TestSegment::new();
    let (probe, _own_lock) = probe(&segment);
    let actor = start("use all memory", &segment);
    group.add(actor.pid());
    assert!(!probe.is_free(1));
    actor.send("go");
    println!("dead after {:?}", time_until_free(&probe, || ()));
    assert_eq!(ending_signal(&actor), libc::SIGKILL);
}

/// Waits for the process to end, without reaping it, and returns the signal that ended it.
fn ending_signal(actor: &Actor) -> i32 {
    // SAFETY: `siginfo_t` consists of integers, so all zeros is a valid value.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let (pid, how) = (actor.pid() as libc::id_t, libc::WEXITED | libc::WNOWAIT);
    // SAFETY: the pointer to `info` is valid for writes for the whole call.
    assert_eq!(unsafe { libc::waitid(libc::P_PID, pid, &raw mut info, how) }, 0);
    assert_eq!(info.si_code, libc::CLD_KILLED);
    // SAFETY: waitid filled the structure for a child, so the field is the one of SIGCHLD.
    unsafe { info.si_status() }
}

#[test]
fn a_frozen_process_is_alive_and_continues_when_thawed() {
    let Some(group) = Cgroup::freezable() else { return };
    let segment = TestSegment::new();
    let (probe, _own_lock) = probe(&segment);
    let actor = start("hold", &segment);
    group.add(actor.pid());
    group.set_frozen(true);
    let was_free = probe.is_free(1);
    group.set_frozen(false);
    assert!(!was_free);
    actor.send("go");
    println!("ended after {:?}", time_until_free(&probe, || ()));
}
