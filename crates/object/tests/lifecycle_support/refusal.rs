//! Makes single system calls of a process fail, by replacing their results. x86-64 only, because every architecture
//! has its own registers for the numbers and results of system calls.

use super::Traced;
use std::mem::{MaybeUninit, size_of};

/// A system call that a thread is about to make.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub number: i64,
    pub args: [u64; 6],
}

/// Where a traced thread has stopped.
enum Stop {
    Enters(Call),
    Elsewhere,
}

impl Traced<'_> {
    /// Lets the thread run one command, which it has been sent already. `refuse` is called for each of its system
    /// calls, and returns the errno to return instead, if any. Returns false if the thread died.
    pub fn run(self, mut refuse: impl FnMut(Call) -> Option<i32>) -> bool {
        let mut lines = 0;
        while self.step_to_call() {
            let Stop::Enters(call) = self.stop_info() else { continue };
            // When it asks for a command the second time, it has finished the first one.
            let asks = call.number == libc::SYS_read && call.args[0] == 0;
            lines += i32::from(asks);
            if lines == 2 {
                self.detach();
                return true;
            }
            if let Some(errno) = (!is_of_the_test(call)).then(|| refuse(call)).flatten() {
                self.answer(call, errno);
            }
        }
        false
    }

    /// Lets the thread run one command, which it has been sent already, and replaces results: after each system call
    /// `number`, the word that its argument `argument` points at is set to `value`.
    pub fn run_with_result(self, number: i64, argument: usize, value: i64) {
        let mut lines = 0;
        while self.step_to_call() {
            let Stop::Enters(call) = self.stop_info() else { continue };
            lines += i32::from(call.number == libc::SYS_read && call.args[0] == 0);
            if lines == 2 {
                return self.detach();
            }
            if call.number == number {
                assert!(self.step_to_call(), "a call returns");
                self.write_word(call.args[argument], value);
            }
        }
        panic!("the thread died");
    }

    fn stop_info(&self) -> Stop {
        let mut info = MaybeUninit::<libc::ptrace_syscall_info>::zeroed();
        self.read_into(
            libc::PTRACE_GET_SYSCALL_INFO,
            size_of::<libc::ptrace_syscall_info>(),
            info.as_mut_ptr().cast(),
        );
        // SAFETY: zeroed memory is a valid `ptrace_syscall_info`, and the kernel has filled it.
        let info = unsafe { info.assume_init() };
        if info.op != libc::PTRACE_SYSCALL_INFO_ENTRY {
            return Stop::Elsewhere;
        }
        // SAFETY: `op` says that it is this member.
        let entry = unsafe { info.u.entry };
        Stop::Enters(Call { number: entry.nr as i64, args: entry.args })
    }

    /// Makes the call fail without taking place, except those that the kernel always carries out.
    fn answer(&self, call: Call, errno: i32) {
        let takes_place = [libc::SYS_close, libc::SYS_munmap].contains(&call.number);
        if !takes_place {
            self.write_register(libc::ORIG_RAX, -1);
        }
        assert!(self.step_to_call(), "a call that was refused returns");
        self.write_register(libc::RAX, i64::from(-errno));
    }
}

/// Returns whether the call belongs to the test itself: its pipe to the parent, and private memory.
fn is_of_the_test(call: Call) -> bool {
    let file = call.args[0] as i64;
    match call.number {
        libc::SYS_read | libc::SYS_write => (0..=2).contains(&file),
        libc::SYS_mmap => call.args[4] as i32 == -1,
        // Rust's own check of descriptors in test builds.
        libc::SYS_fcntl => call.args[1] as i32 == libc::F_GETFD,
        _ => false,
    }
}
