//! Raw forks, as native code in the same process might make them.

use std::os::fd::RawFd;

/// A raw fork of this process, ended when it is dropped.
pub struct ForkedChild {
    pid: i32,
}

impl ForkedChild {
    /// Forks a child that reads `input` until its end. If its parent is killed, it lives on.
    pub fn reading(input: RawFd) -> ForkedChild {
        // SAFETY: the child makes only async-signal-safe calls and ends by `_exit`.
        match unsafe { libc::fork() } {
            0 => {
                let mut byte = 0u8;
                // SAFETY: `byte` is valid for writes of one byte.
                while unsafe { libc::read(input, (&raw mut byte).cast(), 1) } > 0 {}
                // SAFETY: ends the process.
                unsafe { libc::_exit(0) }
            }
            pid => {
                assert!(pid > 0);
                ForkedChild { pid }
            }
        }
    }
}

impl Drop for ForkedChild {
    fn drop(&mut self) {
        // SAFETY: kill takes numbers; the process is our child and not reaped yet.
        unsafe { libc::kill(self.pid, libc::SIGKILL) };
        // SAFETY: a null status is allowed.
        unsafe { libc::waitpid(self.pid, std::ptr::null_mut(), 0) };
    }
}
