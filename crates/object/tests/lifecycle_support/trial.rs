//! A process that runs one command repeatedly, each time with a system call that fails.

use super::{Actor, Call, Folder, Traced, ask};
use shmkit_os::error::errno_name;
use std::collections::BTreeMap;

/// The errors that system calls may return. Excludes calls that the C library and Rust make for themselves.
pub const ERRORS: &[(i64, &str, &[i32])] = &[
    (libc::SYS_open, "open", &[libc::EACCES, libc::EMFILE, libc::ENOMEM, libc::EINTR, libc::EIO]),
    (
        libc::SYS_openat,
        "openat",
        &[
            libc::EACCES,
            libc::EMFILE,
            libc::ENFILE,
            libc::ENOMEM,
            libc::EINTR,
            libc::ELOOP,
            libc::EOPNOTSUPP,
            libc::EIO,
        ],
    ),
    (libc::SYS_fstat, "fstat", &[libc::EIO, libc::ENOMEM]),
    (libc::SYS_newfstatat, "newfstatat", &[libc::EIO, libc::EACCES, libc::ENOMEM]),
    (libc::SYS_statx, "statx", &[libc::EIO, libc::EACCES, libc::ENOSYS]),
    (libc::SYS_fstatfs, "fstatfs", &[libc::EIO, libc::EINTR, libc::ENOSYS]),
    (libc::SYS_fcntl, "fcntl", &[libc::EINVAL, libc::ENOLCK, libc::EINTR, libc::EIO, libc::EBADF]),
    (libc::SYS_mmap, "mmap", &[libc::ENOMEM, libc::EACCES, libc::EAGAIN, libc::ENODEV]),
    (libc::SYS_munmap, "munmap", &[libc::ENOMEM, libc::EINVAL]),
    (libc::SYS_madvise, "madvise", &[libc::EINVAL, libc::ENOMEM]),
    (
        libc::SYS_fallocate,
        "fallocate",
        &[libc::ENOSPC, libc::EDQUOT, libc::EFBIG, libc::ENOMEM, libc::EINTR, libc::EOPNOTSUPP, libc::EIO],
    ),
    (libc::SYS_ftruncate, "ftruncate", &[libc::EIO, libc::EINTR, libc::EFBIG]),
    (libc::SYS_linkat, "linkat", &[libc::EEXIST, libc::EPERM, libc::ENOSPC, libc::EINTR, libc::EIO]),
    (libc::SYS_renameat, "renameat", &[libc::EIO, libc::ENOSPC, libc::EACCES]),
    (libc::SYS_renameat2, "renameat2", &[libc::EIO, libc::ENOSPC, libc::EACCES]),
    (libc::SYS_unlinkat, "unlinkat", &[libc::EIO, libc::EACCES, libc::ENOENT]),
    (libc::SYS_fchmod, "fchmod", &[libc::EPERM, libc::EINTR, libc::EIO]),
    (libc::SYS_flock, "flock", &[libc::EWOULDBLOCK, libc::EINTR, libc::ENOLCK]),
    (libc::SYS_getrandom, "getrandom", &[libc::EINTR, libc::ENOSYS]),
    (libc::SYS_getdents64, "getdents64", &[libc::EIO, libc::ENOENT]),
    (libc::SYS_read, "read", &[libc::EIO, libc::EINTR]),
    (libc::SYS_readlink, "readlink", &[libc::EIO, libc::ENOENT]),
    (libc::SYS_prlimit64, "prlimit64", &[libc::EPERM]),
    (libc::SYS_msync, "msync", &[libc::EIO, libc::ENOMEM, libc::EBUSY]),
    (libc::SYS_mprotect, "mprotect", &[libc::EACCES, libc::ENOMEM]),
    (libc::SYS_mlock, "mlock", &[libc::ENOMEM, libc::EPERM, libc::EAGAIN]),
    (libc::SYS_memfd_create, "memfd_create", &[libc::EMFILE, libc::ENFILE, libc::ENOMEM, libc::ENOSYS]),
    (libc::SYS_pwrite64, "pwrite64", &[libc::ENOSPC, libc::EIO, libc::EINTR]),
    (libc::SYS_futex, "futex", &[libc::EAGAIN, libc::EINTR, libc::ENOSYS, libc::EPERM]),
    (libc::SYS_futex_waitv, "futex_waitv", &[libc::EAGAIN, libc::EINTR, libc::ENOSYS, libc::EPERM]),
    (libc::SYS_rt_sigaction, "rt_sigaction", &[libc::EINVAL, libc::EINTR]),
    // Not EIO, which local file systems do not return here: Rust itself panics if closing a directory fails.
    (libc::SYS_close, "close", &[libc::EINTR]),
];

/// Errors that never fail a call throughout: interruptions end.
const PASSING: &[i32] = &[libc::EINTR];

fn known(number: i64) -> Option<(&'static str, &'static [i32])> {
    ERRORS.iter().find(|(other, ..)| *other == number).map(|(_, name, errors)| (*name, *errors))
}

/// The codes that a failed call may lead to, besides the system's own name of the error. "Unsupported" is only for
/// features that the kernel or the file system lacks.
const CODES: &[(&str, &[i32])] = &[
    ("ERR_SHM_ACCESS", &[libc::EACCES, libc::EPERM]),
    ("ERR_SHM_EXISTS", &[libc::EEXIST]),
    // A lock that another process never releases, a name that other processes take repeatedly.
    ("ERR_SHM_LOCK_TIMEOUT", &[libc::EWOULDBLOCK, libc::EEXIST]),
    ("ERR_SHM_NOT_FOUND", &[libc::ENOENT]),
    // ENOMEM: files in memory cannot grow beyond the limit of their control group.
    ("ERR_SHM_NO_SPACE", &[libc::ENOSPC, libc::EDQUOT, libc::EFBIG, libc::ENOMEM]),
    // ELOOP: of the directory, which then does not exist.
    ("ERR_SHM_UNSUPPORTED", &[libc::ENOSYS, libc::EOPNOTSUPP, libc::ENODEV, libc::EINVAL, libc::ELOOP]),
    ("ERR_SHM_UNTRUSTED", &[libc::ELOOP]),
];

/// Errors for which the system's own names would say less.
const ALWAYS_OURS: &[i32] = &[
    libc::EACCES,
    libc::EPERM,
    libc::ENOSPC,
    libc::EDQUOT,
    libc::EFBIG,
    libc::ENOSYS,
    libc::EOPNOTSUPP,
    libc::ELOOP,
];

fn may_end_in(code: &str, errno: i32) -> bool {
    let is_listed = CODES.iter().any(|(other, errnos)| *other == code && errnos.contains(&errno));
    is_listed || code == errno_name(errno) && !ALWAYS_OURS.contains(&errno)
}

/// Returns the descriptors and mappings of a process.
fn holdings(actor: &Actor, folder: &Folder) -> (usize, usize) {
    let proc = format!("/proc/{}", actor.pid());
    let mappings = std::fs::read_to_string(format!("{proc}/maps")).unwrap();
    let mappings = mappings.lines().filter(|line| line.contains(&folder.text())).count();
    (std::fs::read_dir(format!("{proc}/fd")).unwrap().count(), mappings)
}

/// A process that runs one command repeatedly, each time with a system call that fails.
pub struct Trial<'f> {
    folder: &'f Folder,
    /// Prepares the directory and the process before the command.
    prepare: &'f dyn Fn(&mut Actor),
    command: &'f str,
    actor: Actor,
    thread: i32,
    /// Its descriptors and mappings when it has nothing open.
    idle: (usize, usize),
    pub outcomes: BTreeMap<String, usize>,
}

impl<'f> Trial<'f> {
    pub fn new(folder: &'f Folder, prepare: &'f dyn Fn(&mut Actor), command: &'f str) -> Self {
        let mut actor = folder.actor();
        let thread = ask(&mut actor, "thread").parse().unwrap();
        let mut trial =
            Trial { folder, prepare, command, actor, thread, idle: (0, 0), outcomes: BTreeMap::new() };
        // Twice: what is set up once in a process is not a leak.
        for _ in 0..2 {
            trial.run(|_| None);
            trial.clean_up();
        }
        trial.idle = holdings(&trial.actor, folder);
        trial
    }

    /// Returns whether the command works on plain files: their errors keep the system's own names, and one whose length
    /// is unknown may be reported as too short.
    fn is_of_plain_files(&self) -> bool {
        ["map", "mirror", "range-lock"].iter().any(|kind| self.command.ends_with(kind))
    }

    /// Runs the command; returns the answer.
    fn run(&mut self, refuse: impl FnMut(Call) -> Option<i32>) -> String {
        (self.prepare)(&mut self.actor);
        let traced = Traced::stop(&self.actor, self.thread);
        self.actor.send(self.command);
        assert!(traced.run(refuse), "{}: the process died", self.command);
        self.actor.receive()
    }

    /// Restores the initial state.
    fn clean_up(&mut self) {
        assert_eq!(ask(&mut self.actor, "close"), "closed");
        self.folder.clear();
        assert!(self.folder.files().is_empty(), "{}: {:?}", self.command, self.folder.files());
    }

    /// Runs the command with some calls failing, the last of them with this errno, and checks everything.
    pub fn check(&mut self, errno: i32, what: &str, refuse: impl FnMut(Call) -> Option<i32>) {
        let answer = self.run(refuse);
        let code = answer.split([':', ' ']).next().unwrap_or_default();
        let is_success = ["ok", "closed"].contains(&code);
        let is_plain = [errno_name(errno), "ERR_SHM_TRUNCATED"].contains(&code) && self.is_of_plain_files();
        let is_expected = is_plain || may_end_in(code, errno);
        assert!(is_success || is_expected, "{} {what}: {answer}", self.command);
        let outcome = if is_success { "success" } else { code };
        *self.outcomes.entry(outcome.to_owned()).or_default() += 1;
        self.clean_up();
        let now = holdings(&self.actor, self.folder);
        if what.contains("stat") {
            // A descriptor whose status is unknown may belong to other code by now, and is not closed.
            self.idle.0 = now.0;
        }
        assert_eq!(now, self.idle, "{} {what}: a leak", self.command);
    }

    /// Returns the calls that the undisturbed command makes and that can fail.
    fn calls(&mut self) -> Vec<i64> {
        let mut calls = Vec::new();
        self.run(|call| {
            calls.extend(known(call.number).map(|_| call.number));
            None
        });
        self.clean_up();
        calls
    }

    pub fn refuse_each_once(&mut self) {
        for (place, number) in self.calls().into_iter().enumerate() {
            let (name, errors) = known(number).unwrap();
            // All of them in the long run, two in turn in the gate.
            let most = if std::env::var_os("SHMKIT_ALL_REFUSALS").is_some() { errors.len() } else { 2 };
            for errno in errors.iter().cycle().skip(place).take(most.min(errors.len())) {
                let mut seen = 0;
                self.check(*errno, &format!("call {place}, {name} => {errno}"), |call| {
                    known(call.number)?;
                    seen += 1;
                    (seen == place + 1 && call.number == number).then_some(*errno)
                });
            }
        }
    }

    /// Makes every call of one kind fail, for each kind that the undisturbed command uses.
    pub fn refuse_each_kind_throughout(&mut self) {
        let made = self.calls();
        for (number, name, errors) in ERRORS.iter().filter(|(number, ..)| made.contains(number)) {
            for errno in errors.iter().filter(|errno| !PASSING.contains(errno)) {
                self.check(*errno, &format!("every {name} => {errno}"), |call| {
                    (call.number == *number).then_some(*errno)
                });
            }
        }
    }

    pub fn refuse_everything(mut self) {
        self.refuse_each_once();
        self.refuse_each_kind_throughout();
        println!("{}: {:?}", self.command, self.outcomes);
        assert!(self.outcomes.len() > 1, "nothing was refused: {:?}", self.outcomes);
    }
}
