//! What a hostile peer can do to a file with its own system calls.

use std::fs::{File, OpenOptions};
use std::ops::Range;
use std::os::fd::{AsRawFd, IntoRawFd};
use std::path::Path;

/// The bytes that participants lock: NAME, ATTACHING, READERS and all slots.
const NAME: i64 = 1 << 40;
const READERS: i64 = NAME + 2;
const SLOTS: Range<i64> = NAME + 3..NAME + 3 + 1024;

/// Does something to a file, for as long as the process lives.
pub fn act(action: &str, path: &Path) -> String {
    match action {
        "lock-shared" => lock_shared(path, NAME..SLOTS.end),
        // A process that holds the READERS byte counts as attached.
        "lock-shared-but-readers" => lock_shared(path, (NAME..READERS).chain(SLOTS)),
        "lease" => lease(path),
        "cut" => cut(path),
        "stretch" => stretch(path),
        other => panic!("no such action: {other}"),
    }
    "done".into()
}

/// Locks bytes, as far as a user may that can only read the file, and as participants have not locked them.
fn lock_shared(path: &Path, bytes: impl Iterator<Item = i64>) {
    let file = File::open(path).unwrap();
    for byte in bytes {
        // SAFETY: `flock` consists of integers, so all zeros is a valid value.
        let mut request: libc::flock = unsafe { std::mem::zeroed() };
        request.l_type = libc::F_RDLCK as libc::c_short;
        (request.l_start, request.l_len) = (byte, 1);
        // SAFETY: the command takes a pointer to a `flock`, which is valid for the call.
        let result = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_OFD_SETLK, &raw mut request) };
        let error = std::io::Error::last_os_error();
        assert!(result == 0 || error.kind() == std::io::ErrorKind::WouldBlock, "{error}");
    }
    // The locks stay until the process exits.
    let _ = file.into_raw_fd();
}

/// Takes a write lease, which delays every open of the file by other processes.
fn lease(path: &Path) {
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    // SAFETY: takes numbers.
    let result = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_WRLCK) };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
    // SAFETY: takes numbers; the signal that announces an open would end the process.
    unsafe { libc::signal(libc::SIGIO, libc::SIG_IGN) };
    let _ = file.into_raw_fd();
}

/// Cuts the file and restores it, again and again.
fn cut(path: &Path) {
    let bytes = std::fs::read(path).unwrap();
    let file = OpenOptions::new().write(true).open(path).unwrap();
    std::thread::spawn(move || {
        loop {
            use std::os::unix::fs::FileExt;
            file.set_len(0).unwrap();
            file.set_len(bytes.len() as u64).unwrap();
            file.write_all_at(&bytes, 0).unwrap();
        }
    });
}

/// Makes the file larger than any address space.
fn stretch(path: &Path) {
    OpenOptions::new().write(true).open(path).unwrap().set_len(1 << 62).unwrap();
}

/// Moves this process, which must have one thread, into a new user namespace: without a map of users, or as its root.
pub fn enter_user_namespace(map: &str) {
    // SAFETY: takes nothing.
    let uid = unsafe { libc::geteuid() };
    // A process that has changed its user must ask for the files of its own in /proc.
    // SAFETY: takes numbers.
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 1) }, 0);
    // SAFETY: takes a number.
    assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWUSER) }, 0, "{}", std::io::Error::last_os_error());
    if map == "root" {
        std::fs::write("/proc/self/uid_map", format!("0 {uid} 1")).unwrap();
    }
}
