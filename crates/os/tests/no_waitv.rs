//! A kernel without `futex_waitv`, simulated by a seccomp filter on one thread.

#![allow(unsafe_code, clippy::disallowed_types, reason = "the test refuses a system call to its process")]
#![cfg(target_os = "linux")]

use shmkit_os::futex::{wait_any, wake};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const FUTEX_WAITV: u32 = 449;
const RETURN_ERRNO: u32 = 0x0005_0000;
const RETURN_ALLOW: u32 = 0x7FFF_0000;

fn instruction(code: u32, jt: u8, jf: u8, k: u32) -> libc::sock_filter {
    libc::sock_filter { code: code as u16, jt, jf, k }
}

/// Makes the calling thread's `futex_waitv` fail with ENOSYS.
fn forbid_waitv() {
    let mut filter = [
        instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        instruction(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, FUTEX_WAITV),
        instruction(libc::BPF_RET | libc::BPF_K, 0, 0, RETURN_ERRNO | libc::ENOSYS as u32),
        instruction(libc::BPF_RET | libc::BPF_K, 0, 0, RETURN_ALLOW),
    ];
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: PR_SET_NO_NEW_PRIVS takes numbers.
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }, 0);
    let mode = libc::SECCOMP_MODE_FILTER;
    // SAFETY: `program`, and the filter that it points to, are valid for reads for the call, which copies them.
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program) }, 0);
    // SAFETY: with a null pointer to no words the call reads no memory.
    assert_eq!(unsafe { libc::syscall(FUTEX_WAITV.into(), 0, 0, 0, 0, 0) }, -1);
    assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(libc::ENOSYS));
}

#[test]
fn wait_any_notices_a_change_when_the_kernel_has_no_futex_waitv() {
    let words = [AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(0)];
    for changed in 0..words.len() {
        std::thread::scope(|scope| {
            let sleeper = scope.spawn(|| {
                forbid_waitv();
                let start = Instant::now();
                while words[changed].load(Ordering::Acquire) == 0 {
                    let seen = [(&words[0], 0), (&words[1], 0), (&words[2], 0)];
                    wait_any(&seen[..], Duration::from_millis(50));
                    assert!(start.elapsed() < Duration::from_secs(60));
                }
            });
            words[changed].store(1, Ordering::Release);
            wake(&words[changed], 1);
            sleeper.join().unwrap();
        });
        words[changed].store(0, Ordering::Release);
    }
}
