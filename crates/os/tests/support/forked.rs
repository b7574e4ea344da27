//! Raw forks, as other native code in the process might make them.

use std::os::fd::RawFd;

/// A forked child of this process, killed when this is dropped.
pub struct ForkedChild {
    pid: i32,
}

impl ForkedChild {
    /// Forks a child that reads `input` until its end. It outlives its parent.
    pub fn reading(input: RawFd) -> ForkedChild {
        // SAFETY: the child makes only async-signal-safe calls and ends by `_exit`, without unwinding or destructors.
        match unsafe { libc::fork() } {
            0 => {
                let mut byte = 0u8;
                // SAFETY: the pointer to `byte` is valid for writes of one byte.
                while unsafe { libc::read(input, (&raw mut byte).cast(), 1) } > 0 {}
                // SAFETY: _exit takes a number and ends the process.
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
        // SAFETY: kill takes numbers; the process is our child and not reaped yet, so the pid is not reused.
        unsafe { libc::kill(self.pid, libc::SIGKILL) };
        // SAFETY: waitpid allows a null status.
        unsafe { libc::waitpid(self.pid, std::ptr::null_mut(), 0) };
    }
}
