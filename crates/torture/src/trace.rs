//! A child process that runs one instruction at a time: the only system calls of this crate.

#![expect(unsafe_code, reason = "traces a child process with system calls")]

use std::io::{Error, Result};
use std::ptr;

/// The type of a request differs between C libraries.
#[cfg(target_env = "musl")]
type Request = libc::c_int;
#[cfg(not(target_env = "musl"))]
type Request = libc::c_uint;

/// A forked child, traced by this process; killed when this is dropped, and when this process exits.
#[derive(Debug)]
pub struct Child {
    pid: libc::pid_t,
    ended: bool,
}

/// The state of a child after an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is stopped before its next instruction.
    Stopped,
    /// It has exited, with this code.
    Exited(i32),
    /// A signal ended it.
    Killed(i32),
}

impl Child {
    /// Forks a child that runs `prepare`, then `work`, and exits with 0; returns when it is stopped between the two.
    ///
    /// This process must have only one thread.
    pub fn fork<T>(prepare: impl FnOnce() -> T, work: impl FnOnce(&T)) -> Result<Child> {
        // SAFETY: this process has one thread, so the child is not limited to async-signal-safe calls.
        match unsafe { libc::fork() } {
            -1 => Err(Error::last_os_error()),
            0 => {
                let prepared = prepare();
                stop_for_tracer();
                let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&prepared)));
                // SAFETY: _exit takes a number and ends the process, without running destructors of the parent.
                unsafe { libc::_exit(i32::from(outcome.is_err())) }
            }
            pid => {
                let mut child = Child { pid, ended: false };
                match child.wait()? {
                    Step::Stopped => {}
                    other => return Err(Error::other(format!("the child ended at once: {other:?}"))),
                }
                child.trace(libc::PTRACE_SETOPTIONS, libc::PTRACE_O_EXITKILL)?;
                Ok(child)
            }
        }
    }

    /// Lets it run one instruction.
    pub fn step(&mut self) -> Result<Step> {
        self.trace(libc::PTRACE_SINGLESTEP, 0)?;
        self.wait()
    }

    /// Kills it at its present instruction, and waits until it is dead.
    pub fn kill(&mut self) -> Result<()> {
        if self.ended {
            return Ok(());
        }
        // SAFETY: kill takes numbers; the child is not reaped yet, so the pid is not reused.
        if unsafe { libc::kill(self.pid, libc::SIGKILL) } == -1 {
            return Err(Error::last_os_error());
        }
        while self.wait()? == Step::Stopped {}
        Ok(())
    }

    fn trace(&self, request: Request, data: libc::c_int) -> Result<()> {
        // SAFETY: these requests ignore the address, which may be null, and affect only the child.
        let outcome = unsafe {
            libc::ptrace(request, self.pid, ptr::null_mut::<libc::c_void>(), libc::c_long::from(data))
        };
        if outcome == -1 { Err(Error::last_os_error()) } else { Ok(()) }
    }

    fn wait(&mut self) -> Result<Step> {
        let mut status = 0;
        // SAFETY: the pointer to `status` is valid for writes.
        if unsafe { libc::waitpid(self.pid, &mut status, 0) } == -1 {
            return Err(Error::last_os_error());
        }
        self.ended = !libc::WIFSTOPPED(status);
        Ok(if libc::WIFEXITED(status) {
            Step::Exited(libc::WEXITSTATUS(status))
        } else if libc::WIFSIGNALED(status) {
            Step::Killed(libc::WTERMSIG(status))
        } else {
            Step::Stopped
        })
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // On an error the child is dead already, or cannot be killed.
        let _ = self.kill();
    }
}

/// In the child: lets the parent trace this process, and stops.
fn stop_for_tracer() {
    // SAFETY: the request ignores the other arguments.
    let traced = unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) };
    if traced == -1 {
        // SAFETY: _exit takes a number and ends the process, without running destructors of the parent.
        unsafe { libc::_exit(2) };
    }
    // SAFETY: raise takes a number.
    unsafe { libc::raise(libc::SIGSTOP) };
}
