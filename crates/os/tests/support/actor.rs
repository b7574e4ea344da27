//! Another process: this same test binary, with its role in environment variables.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const ROLE: &str = "SHMKIT_TEST_ROLE";
const ARGUMENT: &str = "SHMKIT_TEST_ARGUMENT";
/// The command line of the emulator that these tests run in, unless the kernel starts it by itself.
const RUNNER: &str = "SHMKIT_TEST_RUNNER";
/// The prefix of the actor's own lines; the test harness prints others.
const MARK: &str = "@";

/// Returns the role and argument of this process, if it is an actor.
pub fn role() -> Option<(String, String)> {
    Some((std::env::var(ROLE).ok()?, std::env::var(ARGUMENT).ok()?))
}

/// Sends a line to the parent.
pub fn send(text: &str) {
    // The harness ends its own lines late, so this starts a new one.
    println!("\n{MARK}{text}");
    std::io::stdout().flush().unwrap();
}

/// Waits for the parent's next line; ends this process if the parent has exited.
pub fn receive() -> String {
    let mut line = String::new();
    if std::io::stdin().lock().read_line(&mut line).unwrap() == 0 {
        std::process::exit(0);
    }
    line.trim_end().to_owned()
}

fn this_program() -> Command {
    let program = std::env::args_os().next().unwrap();
    let runner = std::env::var(RUNNER).unwrap_or_default();
    let mut words = runner.split_whitespace();
    match words.next() {
        Some(emulator) => {
            let mut command = Command::new(emulator);
            command.args(words).arg(program);
            command
        }
        None => Command::new(program),
    }
}

/// A process that this test has started; killed when this is dropped.
pub struct Actor {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Actor {
    /// Starts a process in which the test `actor` finds `role` and `argument`.
    pub fn start(role: &str, argument: &str) -> Actor {
        let mut child = this_program()
            .args(["--exact", "actor", "--nocapture", "--test-threads=1"])
            .env(ROLE, role)
            .env(ARGUMENT, argument)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Actor { child, input, output }
    }

    pub fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    /// Sends it a line.
    pub fn send(&self, text: &str) {
        writeln!(&self.input, "{text}").unwrap();
    }

    /// Returns its next own line.
    pub fn receive(&mut self) -> String {
        self.receive_or_end().expect("the actor ended early")
    }

    /// Returns its next own line; `None` if it ends without one.
    pub fn receive_or_end(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some(text) = line.strip_prefix(MARK) {
                return Some(text.trim_end().to_owned());
            }
        }
    }

    /// Sends a signal.
    #[cfg(unix)]
    pub fn signal(&self, signal: i32) {
        // SAFETY: kill takes numbers; the process is our child and not reaped yet, so the pid is not reused.
        assert_eq!(unsafe { libc::kill(self.pid(), signal) }, 0);
    }

    /// Kills it and waits until it is dead, without reaping it: it stays a zombie.
    #[cfg(unix)]
    pub fn kill_unreaped(&self) {
        self.signal(libc::SIGKILL);
        // SAFETY: `siginfo_t` consists of integers, so all zeros is a valid value.
        let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        let (pid, how) = (self.pid() as libc::id_t, libc::WEXITED | libc::WNOWAIT);
        // SAFETY: the pointer to `info` is valid for writes for the whole call.
        assert_eq!(unsafe { libc::waitid(libc::P_PID, pid, &raw mut info, how) }, 0);
    }
}

impl Actor {
    /// Kills it, without any notice, and waits until it is dead and reaped.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
