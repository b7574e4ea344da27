//! Deaths that take their time: with much memory, while a core file is written, for want of memory; and what is no
//! death, in a freezer. Whoever dies counts as alive until its memory is gone, and as dead as soon as it is.
#![cfg(target_os = "linux")]

mod support;

use shmkit_os::beacon::{Beacon, Probe};
use shmkit_os::process::exclude_fork;
use shmkit_os::shm::{Access, ShmFile};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use support::{Actor, Cgroup, TestSegment, hear, open, role, tell};

const MIB: usize = 1 << 20;
/// What a process has that just dies: `npm run torture` takes more.
const DYING_MIB: &str = "SHMKIT_DYING_MIB";
const FEW_MIB: usize = 64;
/// Far more than it takes to give memory back, on a busy machine too.
const LONGEST_DEATH: Duration = Duration::from_secs(60);

fn light(file: &ShmFile, slot: u32) -> Beacon {
    Beacon::light(&exclude_fork().unwrap(), file, slot..slot + 1).unwrap().unwrap()
}

/// Memory that is really there.
fn touched(mib: usize) -> Vec<u8> {
    vec![1; mib * MIB]
}

/// What this binary does as another process: holds slot 1, takes memory, and dies as its role says.
#[test]
fn actor() {
    let Some((role, folder)) = role() else { return };
    let file = open(folder.as_ref(), Access::ReadWrite);
    let _beacon = light(&file, 1);
    let asked = std::env::var(DYING_MIB).ok().filter(|_| role == "hold").and_then(|mib| mib.parse().ok());
    let memory = touched(asked.unwrap_or(FEW_MIB));
    std::env::set_current_dir(&folder).unwrap();
    tell(if role == "dump" && !may_dump_core() { "no core files here" } else { "ready" });
    hear();
    match role.as_str() {
        // SAFETY: takes a number. Ends the process.
        "dump" => drop(unsafe { libc::raise(libc::SIGQUIT) }),
        "take all" => take_all(),
        _ => {}
    }
    drop(memory);
}

fn take_all() {
    let mut all = Vec::new();
    loop {
        all.push(touched(16));
    }
}

/// From now on, of any size.
fn may_dump_core() -> bool {
    let limit = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: `limit` is valid for the call.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const limit) == 0 }
}

fn start(role: &str, segment: &TestSegment) -> Actor {
    let mut actor = Actor::start(role, &segment.path());
    assert_eq!(actor.hear(), "ready");
    actor
}

/// A probe of this process, which holds slot 9 to be sure of what it sees.
fn probe(segment: &TestSegment) -> (Probe, Beacon) {
    let beacon = light(&segment.open(Access::ReadWrite), 9);
    (Probe::new(segment.open(Access::ReadWrite), &beacon), beacon)
}

/// Waits until slot 1 is free; how long it took, and `meanwhile` is done before each look.
fn death(probe: &Probe, mut meanwhile: impl FnMut()) -> Duration {
    let start = Instant::now();
    loop {
        meanwhile();
        if probe.is_free(1) {
            return start.elapsed();
        }
        assert!(start.elapsed() < LONGEST_DEATH, "it does not count as dead");
        std::thread::yield_now();
    }
}

#[test]
fn who_is_killed_with_much_memory_is_dead_as_soon_as_that_is_gone() {
    let segment = TestSegment::new();
    let (probe, _beacon) = probe(&segment);
    let actor = start("hold", &segment);
    assert!(!probe.is_free(1));
    actor.signal(libc::SIGKILL);
    println!("dead after {:?}", death(&probe, || ()));
}

/// The core file in a folder, and its bytes.
fn core_in(folder: &Path) -> Option<(PathBuf, u64)> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut cores = files.filter(|file| file.file_name().to_string_lossy().contains("core"));
    let core = cores.next()?;
    Some((core.path(), core.metadata().ok()?.len()))
}

#[test]
fn who_writes_a_core_file_is_alive_until_it_is_written() {
    let pattern = std::fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap();
    let segment = TestSegment::new();
    let (probe, _beacon) = probe(&segment);
    let mut actor = Actor::start("dump", &segment.path());
    let comes_here = !pattern.starts_with(['|', '/']) && pattern.contains("core");
    if actor.hear() != "ready" || !comes_here {
        println!("NOT RUN: core files are limited, or do not come into the folder of the process");
        return;
    }
    actor.say("go");
    let mut sizes = Vec::new();
    let took = death(&probe, || sizes.extend(core_in(&segment.folder).map(|(_, bytes)| bytes)));
    let (core, written) = core_in(&segment.folder).expect("a core file");
    actor.kill_unburied();
    assert_eq!(std::fs::metadata(core).unwrap().len(), written, "it was still being written");
    let growing = sizes.iter().filter(|bytes| **bytes < written).count();
    println!("{written} bytes in {took:?}, {growing} looks meanwhile");
    assert!(
        written > (FEW_MIB * MIB) as u64 && growing > 0,
        "it was not there while it was written: {sizes:?}"
    );
}

#[test]
fn who_is_killed_for_want_of_memory_is_dead() {
    let Some(group) = Cgroup::with_memory(128 * MIB as u64) else { return };
    let segment = TestSegment::new();
    let (probe, _beacon) = probe(&segment);
    let mut actor = start("take all", &segment);
    group.take(actor.pid());
    assert!(!probe.is_free(1));
    actor.say("go");
    println!("dead after {:?}", death(&probe, || ()));
    assert_eq!(signal_that_ended(&actor), libc::SIGKILL);
}

/// Waits for it, and leaves it unburied.
fn signal_that_ended(actor: &Actor) -> i32 {
    // SAFETY: zeros are a valid `siginfo_t`.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let (pid, how) = (actor.pid() as libc::id_t, libc::WEXITED | libc::WNOWAIT);
    // SAFETY: `info` is valid for writes for the whole call.
    assert_eq!(unsafe { libc::waitid(libc::P_PID, pid, &raw mut info, how) }, 0);
    assert_eq!(info.si_code, libc::CLD_KILLED);
    // SAFETY: the structure tells of a child.
    unsafe { info.si_status() }
}

#[test]
fn who_is_frozen_is_alive_and_goes_on_as_if_nothing_had_been() {
    let Some(group) = Cgroup::that_freezes() else { return };
    let segment = TestSegment::new();
    let (probe, _beacon) = probe(&segment);
    let mut actor = start("hold", &segment);
    group.take(actor.pid());
    group.set_frozen(true);
    let was_free = probe.is_free(1);
    group.set_frozen(false);
    assert!(!was_free);
    actor.say("go");
    println!("ended after {:?}", death(&probe, || ()));
}
