//! One process that obeys one command again and again, and is refused a system call each time.

use super::{Actor, Call, Folder, Traced, ask};
use shmkit_os::error::errno_name;
use std::collections::BTreeMap;

/// What the kernel may answer. Not here: calls of the C library and the language for their own ends.
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
    // Not EIO, which local file systems do not have here: the language itself panics if closing a folder fails.
    (libc::SYS_close, "close", &[libc::EINTR]),
];

/// Interruptions pass, so nobody is refused a call for ever by them.
const PASSING: &[i32] = &[libc::EINTR];

fn known(number: i64) -> Option<(&'static str, &'static [i32])> {
    ERRORS.iter().find(|(other, ..)| *other == number).map(|(_, name, errors)| (*name, *errors))
}

/// The codes that a refusal may end in, beside the system's own name of the error number. "Unsupported" is
/// said of what the kernel or the file system does not have, and of nothing else.
const CODES: &[(&str, &[i32])] = &[
    ("ERR_SHM_ACCESS", &[libc::EACCES, libc::EPERM]),
    ("ERR_SHM_EXISTS", &[libc::EEXIST]),
    // A lock that others hold for ever, a name that others take again and again.
    ("ERR_SHM_LOCK_TIMEOUT", &[libc::EWOULDBLOCK, libc::EEXIST]),
    ("ERR_SHM_NOT_FOUND", &[libc::ENOENT]),
    // Of memory: files in memory cannot grow beyond the limit of their control group.
    ("ERR_SHM_NO_SPACE", &[libc::ENOSPC, libc::EDQUOT, libc::EFBIG, libc::ENOMEM]),
    // The last: of the folder, which is not there then.
    ("ERR_SHM_UNSUPPORTED", &[libc::ENOSYS, libc::EOPNOTSUPP, libc::ENODEV, libc::EINVAL, libc::ELOOP]),
    ("ERR_SHM_UNTRUSTED", &[libc::ELOOP]),
];

/// Of which the system's own names would say less.
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

/// What a process holds on to.
fn holdings(actor: &Actor, folder: &Folder) -> (usize, usize) {
    let proc = format!("/proc/{}", actor.pid());
    let mappings = std::fs::read_to_string(format!("{proc}/maps")).unwrap();
    let mappings = mappings.lines().filter(|line| line.contains(&folder.text())).count();
    (std::fs::read_dir(format!("{proc}/fd")).unwrap().count(), mappings)
}

/// One process that obeys one command again and again, refused something each time.
pub struct Trial<'f> {
    folder: &'f Folder,
    /// What is there before the command, and what the process does before it.
    prepare: &'f dyn Fn(&mut Actor),
    command: &'f str,
    actor: Actor,
    thread: i32,
    /// What it holds on to when it has nothing open.
    idle: (usize, usize),
    pub outcomes: BTreeMap<String, usize>,
}

impl<'f> Trial<'f> {
    pub fn new(folder: &'f Folder, prepare: &'f dyn Fn(&mut Actor), command: &'f str) -> Self {
        let mut actor = folder.actor();
        let thread = ask(&mut actor, "thread").parse().unwrap();
        let mut trial =
            Trial { folder, prepare, command, actor, thread, idle: (0, 0), outcomes: BTreeMap::new() };
        // Twice: what is set up once in a process is no leak.
        for _ in 0..2 {
            trial.run(|_| None);
            trial.clean_up();
        }
        trial.idle = holdings(&trial.actor, folder);
        trial
    }

    /// Errors of files that are no object of ours keep the system's own names throughout; of one whose length cannot
    /// be told it is said that it may be too short.
    fn is_of_plain_files(&self) -> bool {
        ["map", "mirror", "range-lock"].iter().any(|kind| self.command.ends_with(kind))
    }

    /// Obeys the command; the answer.
    fn run(&mut self, refuse: impl FnMut(Call) -> Option<i32>) -> String {
        (self.prepare)(&mut self.actor);
        let traced = Traced::stop(&self.actor, self.thread);
        self.actor.say_unheard(self.command);
        assert!(traced.obey(refuse), "{}: it died", self.command);
        self.actor.hear()
    }

    /// Nothing but this is needed to be as before.
    fn clean_up(&mut self) {
        assert_eq!(ask(&mut self.actor, "close"), "closed");
        self.folder.clear();
        assert!(self.folder.files().is_empty(), "{}: {:?}", self.command, self.folder.files());
    }

    /// Runs it with some calls refused, the last of them by this errno, and checks everything.
    pub fn check(&mut self, errno: i32, what: &str, refuse: impl FnMut(Call) -> Option<i32>) {
        let answer = self.run(refuse);
        let code = answer.split([':', ' ']).next().unwrap_or_default();
        let is_success = ["ok", "closed"].contains(&code);
        let is_plain = [errno_name(errno), "ERR_SHM_TRUNCATED"].contains(&code) && self.is_of_plain_files();
        let is_told = is_plain || may_end_in(code, errno);
        assert!(is_success || is_told, "{} {what}: {answer}", self.command);
        let outcome = if is_success { "success" } else { code };
        *self.outcomes.entry(outcome.to_owned()).or_default() += 1;
        self.clean_up();
        let now = holdings(&self.actor, self.folder);
        if what.contains("stat") {
            // A descriptor that cannot be looked at may be somebody else's by now, and is not closed.
            self.idle.0 = now.0;
        }
        assert_eq!(now, self.idle, "{} {what}: a leak", self.command);
    }

    /// The calls that the undisturbed command makes and that can be refused.
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
            // All of them at length, two in turn in the gate.
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

    /// Of the calls that the undisturbed command makes: with nothing else refused, it makes no others.
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
