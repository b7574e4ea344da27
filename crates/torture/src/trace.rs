//! A child process that runs instruction by instruction: the only system calls of this crate.

#![expect(unsafe_code, reason = "traces a child process with system calls")]

use std::io::{Error, Result};
use std::ptr;

/// The C libraries do not agree on the type of a request.
#[cfg(target_env = "musl")]
type Request = libc::c_int;
#[cfg(not(target_env = "musl"))]
type Request = libc::c_uint;

/// A forked child, traced by this process; killed when this process ends, and when it is dropped.
#[derive(Debug)]
pub struct Child {
    pid: libc::pid_t,
    ended: bool,
}

/// What became of a child after an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It stands before its next instruction.
    Stopped,
    /// It has exited, with this code.
    Exited(i32),
    /// A signal ended it.
    Killed(i32),
}

impl Child {
    /// Forks a child that does `prepare`, then `work`, and exits with 0; waits until it stands between the two.
    ///
    /// This process must have one thread only.
    pub fn fork<T>(prepare: impl FnOnce() -> T, work: impl FnOnce(&T)) -> Result<Child> {
        // SAFETY: this process has one thread, so the child may do anything that the parent may.
        match unsafe { libc::fork() } {
            -1 => Err(Error::last_os_error()),
            0 => {
                let prepared = prepare();
                be_traced();
                let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&prepared)));
                // SAFETY: it ends the process, with no destructor of the parent's run.
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

    /// Ends it where it stands, and waits until it is gone.
    pub fn kill(&mut self) -> Result<()> {
        if self.ended {
            return Ok(());
        }
        // SAFETY: the pid is that of a child that was not waited for, so it is no other process's.
        if unsafe { libc::kill(self.pid, libc::SIGKILL) } == -1 {
            return Err(Error::last_os_error());
        }
        while self.wait()? == Step::Stopped {}
        Ok(())
    }

    fn trace(&self, request: Request, data: libc::c_int) -> Result<()> {
        // SAFETY: these requests take no address, and change only the child.
        let outcome = unsafe {
            libc::ptrace(request, self.pid, ptr::null_mut::<libc::c_void>(), libc::c_long::from(data))
        };
        if outcome == -1 { Err(Error::last_os_error()) } else { Ok(()) }
    }

    fn wait(&mut self) -> Result<Step> {
        let mut status = 0;
        // SAFETY: `status` is valid for a write.
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
        // It is gone already, or nothing can be done about it.
        let _ = self.kill();
    }
}

/// In the child: stops, and is the parent's to control from here on.
fn be_traced() {
    // SAFETY: the request takes no address.
    let traced = unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) };
    if traced == -1 {
        // SAFETY: it ends the process, with no destructor of the parent's run.
        unsafe { libc::_exit(2) };
    }
    // SAFETY: raising a signal in this very process.
    unsafe { libc::raise(libc::SIGSTOP) };
}
