//! One damaged image under the whole script, with a watchdog for calls that do not return.

use super::super::fixture::*;
use super::population::populate;
use super::script::{END, READS, Step, WRITES, WrongValue};
use crate::ops::Dict;
use crate::value::{Condition, Ttl};
use shmkit_object::sync::{AtomicU64, Ordering};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Once};
use std::time::Duration;

/// No call takes this long, however damaged the memory is: walking a small segment takes microseconds.
const ENDLESS: Duration = Duration::from_secs(10);

/// Counts of the trials.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    pub images: u64,
    pub refused: u64,
    pub errors: u64,
    pub panics: u64,
    pub wrong_values: u64,
}

/// Outcome of a call that may have panicked.
pub enum Outcome<T> {
    Returned(T),
    Panicked,
    /// It returned a value that no writer wrote.
    Wrong(String),
}

/// A populated machine that is damaged again and again.
pub struct Bench {
    pub machine: Machine,
    pub image: Vec<u8>,
    checksums: bool,
    pub tally: Tally,
    steps: Arc<AtomicU64>,
}

thread_local! {
    /// The engine panics thousands of times here; the messages are useless.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

fn install_quiet_hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let default_hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                default_hook(info);
            }
        }));
    });
}

/// Runs `body` on a bench and prints the counts. Fails if a step takes too long.
pub fn watch(name: &str, options: Options, body: impl FnOnce(&mut Bench) + Send + 'static) -> Tally {
    install_quiet_hook();
    let steps = Arc::new(AtomicU64::new(0));
    let (done, outcome) = channel();
    let mut bench = Bench::new(options, steps.clone());
    let worker = std::thread::spawn(move || {
        body(&mut bench);
        let _ = done.send(bench.tally);
    });
    loop {
        let before = steps.load(Ordering::Relaxed);
        match outcome.recv_timeout(ENDLESS) {
            Ok(tally) => {
                println!("{name}: {tally:?}");
                return tally;
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                assert_ne!(steps.load(Ordering::Relaxed), before, "a call does not return");
            }
        }
    }
    std::panic::resume_unwind(worker.join().expect_err("it ended without an outcome"))
}

impl Bench {
    fn new(options: Options, steps: Arc<AtomicU64>) -> Bench {
        let machine = Machine::new(options);
        populate(&machine.process(1));
        assert_sound(&machine.process(1));
        let image = machine.heap.image();
        Bench { machine, image, checksums: options.checksums, tally: Tally::default(), steps }
    }

    /// Attaches to a damaged image and runs the script; `damage` describes what was done to it.
    pub fn try_image(&mut self, image: &[u8], damage: &dyn Fn() -> String) {
        self.machine.heap.restore(image);
        self.tally.images += 1;
        let Outcome::Returned(Ok(dict)) = guarded(|| self.machine.try_process(2)) else {
            self.tally.refused += 1;
            return;
        };
        let dict = dict.with_lock_timeout(Duration::from_millis(2));
        for part in [READS, WRITES, READS, END] {
            for (name, step) in part {
                self.try_step(&dict, name, *step, damage);
            }
        }
    }

    fn try_step(&mut self, dict: &Dict, name: &str, step: Step, damage: &dyn Fn() -> String) {
        self.step();
        match guarded(|| step(dict)) {
            Outcome::Returned(outcome) => self.tally.errors += u64::from(outcome.is_err()),
            Outcome::Wrong(what) => {
                assert!(!self.checksums, "{name}: no writer wrote this value of {what}: {}", damage());
                self.tally.wrong_values += 1;
            }
            Outcome::Panicked => {
                self.tally.panics += 1;
                assert_nothing_held(dict, &|| format!("a panic in {name}: {}", damage()));
                let next = guarded(|| dict.set(key("the next"), text("call"), Ttl::Never, Condition::Always));
                assert!(matches!(next, Outcome::Returned(_)), "no call works after {name}: {}", damage());
            }
        }
    }

    /// Tells the watchdog that a call starts.
    pub fn step(&self) {
        self.steps.fetch_add(1, Ordering::Relaxed);
    }
}

/// Makes a call that may panic.
pub fn guarded<T>(call: impl FnOnce() -> T) -> Outcome<T> {
    QUIET.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(call));
    QUIET.set(false);
    match outcome.map_err(|panic| panic.downcast::<WrongValue>()) {
        Ok(value) => Outcome::Returned(value),
        Err(Ok(wrong)) => Outcome::Wrong(wrong.0),
        Err(Err(_)) => Outcome::Panicked,
    }
}

/// Asserts that no lock word names this process.
pub fn assert_nothing_held(dict: &Dict, when: &dyn Fn() -> String) {
    assert!(!dict.holds_a_lock(), "a lock is held after {}", when());
}
