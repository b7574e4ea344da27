//! Stops a process before its k-th system call, to kill it there or to make the call fail.

use super::actor::Actor;
use std::ptr;

/// A thread of an actor, which this thread traces from system call to system call.
pub struct Traced<'a> {
    actor: &'a Actor,
    thread: libc::pid_t,
}

/// Where a traced thread has stopped.
enum Stop {
    EntersCall,
    Elsewhere,
    Dead,
}

/// The C libraries do not agree on the type of a request.
#[cfg(target_env = "musl")]
type Request = libc::c_int;
#[cfg(not(target_env = "musl"))]
type Request = libc::c_uint;

fn request(what: Request, thread: libc::pid_t, data: libc::c_long) {
    let nothing = ptr::null_mut::<libc::c_void>();
    // SAFETY: the requests used here take numbers only.
    let result = unsafe { libc::ptrace(what, thread, nothing, data) };
    assert_eq!(result, 0, "ptrace: {}", std::io::Error::last_os_error());
}

impl<'a> Traced<'a> {
    /// Stops the thread.
    pub fn stop(actor: &'a Actor, thread: libc::pid_t) -> Self {
        let options = libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_EXITKILL;
        request(libc::PTRACE_SEIZE, thread, options.into());
        request(libc::PTRACE_INTERRUPT, thread, 0);
        let traced = Traced { actor, thread };
        assert!(!matches!(traced.wait(), Stop::Dead));
        traced
    }

    fn wait(&self) -> Stop {
        let mut status = 0;
        // SAFETY: `status` is valid for writes.
        let found = unsafe { libc::waitpid(self.thread, &raw mut status, libc::__WALL) };
        assert_eq!(found, self.thread);
        match status {
            status if !libc::WIFSTOPPED(status) => Stop::Dead,
            status if libc::WSTOPSIG(status) == libc::SIGTRAP | 0x80 => Stop::EntersCall,
            _ => Stop::Elsewhere,
        }
    }

    /// Lets it run until it is about to make its `calls`-th system call; returns false if the process died before.
    pub fn continue_to_call(&self, calls: u32) -> bool {
        // Every call stops twice: on entry and on exit.
        (0..=calls * 2).all(|_| self.step_to_call())
    }

    /// Lets it run until it enters or leaves a system call; returns false if the process died before.
    pub fn step_to_call(&self) -> bool {
        loop {
            request(libc::PTRACE_SYSCALL, self.thread, 0);
            match self.wait() {
                Stop::Dead => return false,
                Stop::Elsewhere => {}
                Stop::EntersCall => return true,
            }
        }
    }

    /// Makes a request that fills `bytes` bytes at `to`, which must be valid for writes of them.
    pub(super) fn read_into(&self, what: Request, bytes: usize, to: *mut libc::c_void) {
        // SAFETY: these requests take a size and a buffer of that size.
        let result = unsafe { libc::ptrace(what, self.thread, bytes, to) };
        assert!(result > 0, "ptrace: {}", std::io::Error::last_os_error());
    }

    /// Sets a register, given by its number in `user_regs_struct`.
    pub(super) fn write_register(&self, register: libc::c_int, value: i64) {
        let offset = register as usize * size_of::<u64>();
        // SAFETY: the request takes an offset and a number.
        let result = unsafe { libc::ptrace(libc::PTRACE_POKEUSER, self.thread, offset, value) };
        assert_eq!(result, 0, "ptrace: {}", std::io::Error::last_os_error());
    }

    /// Sets a word of its memory.
    pub(super) fn write_word(&self, address: u64, value: i64) {
        // SAFETY: the request takes an address of the traced process and a number.
        let result = unsafe { libc::ptrace(libc::PTRACE_POKEDATA, self.thread, address, value) };
        assert_eq!(result, 0, "ptrace: {}", std::io::Error::last_os_error());
    }

    /// Stops tracing. The thread continues.
    pub fn detach(self) {
        request(libc::PTRACE_DETACH, self.thread, 0);
    }

    /// Lets it run until it is about to make its `calls`-th system call, and kills its process there; returns false if
    /// the process died before. In both cases it is dead afterwards, and not waited for.
    pub fn kill_before_call(self, calls: u32) -> bool {
        let is_killed = self.continue_to_call(calls);
        if is_killed {
            self.actor.signal(libc::SIGKILL);
            while !matches!(self.wait(), Stop::Dead) {}
        }
        // The thread is dead; its process is dead once all other threads are.
        self.actor.kill_unreaped();
        is_killed
    }
}
