//! Refusing a process system calls, one by one: the kernel's answer is put into its mouth. x86-64 only,
//! because every architecture keeps numbers and answers of system calls in registers of its own.

use super::Traced;
use std::mem::{MaybeUninit, size_of};

/// A system call that a thread is about to make.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub number: i64,
    pub args: [u64; 6],
}

/// Where a traced thread is, as the kernel tells.
enum Stop {
    Enters(Call),
    Elsewhere,
}

impl Traced<'_> {
    /// Lets the thread obey one command, which it has been told already. `refuse` is asked about each of
    /// its system calls, and says which errno, if any, it gets instead. False if it died of it.
    pub fn obey(self, mut refuse: impl FnMut(Call) -> Option<i32>) -> bool {
        let mut lines = 0;
        while self.step_to_call() {
            let Stop::Enters(call) = self.look() else { continue };
            // The second time it asks for a command, it has obeyed the first one.
            let asks = call.number == libc::SYS_read && call.args[0] == 0;
            lines += i32::from(asks);
            if lines == 2 {
                self.let_go();
                return true;
            }
            if let Some(errno) = (!is_of_the_test(call)).then(|| refuse(call)).flatten() {
                self.answer(call, errno);
            }
        }
        false
    }

    /// Lets the thread obey one command, which it has been told already, and lies to it: after each call of this
    /// number the word at the address in its argument of number `argument` is `lie`.
    pub fn obey_deceived(self, number: i64, argument: usize, lie: i64) {
        let mut lines = 0;
        while self.step_to_call() {
            let Stop::Enters(call) = self.look() else { continue };
            lines += i32::from(call.number == libc::SYS_read && call.args[0] == 0);
            if lines == 2 {
                return self.let_go();
            }
            if call.number == number {
                assert!(self.step_to_call(), "a call returns");
                self.write_word(call.args[argument], lie);
            }
        }
        panic!("it died of it");
    }

    fn look(&self) -> Stop {
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

    /// The call does not take place, but for those that the kernel carries out whatever it answers.
    fn answer(&self, call: Call, errno: i32) {
        let takes_place = [libc::SYS_close, libc::SYS_munmap].contains(&call.number);
        if !takes_place {
            self.write_register(libc::ORIG_RAX, -1);
        }
        assert!(self.step_to_call(), "a call that was refused returns");
        self.write_register(libc::RAX, i64::from(-errno));
    }
}

/// What the test's own machinery does: talking to its parent, and memory of its own.
fn is_of_the_test(call: Call) -> bool {
    let file = call.args[0] as i64;
    match call.number {
        libc::SYS_read | libc::SYS_write => (0..=2).contains(&file),
        libc::SYS_mmap => call.args[4] as i32 == -1,
        // The language's own check of descriptors in builds for tests.
        libc::SYS_fcntl => call.args[1] as i32 == libc::F_GETFD,
        _ => false,
    }
}
