//! Torture: the engine as it ships, run one machine instruction at a time and killed between any two.
//!
//! ```text
//! cargo run --release -p shmkit-torture             everything; about an hour on one busy processor
//! cargo run --release -p shmkit-torture -- --short  fewer kills, no long operations; seconds
//! ```
//! `--seed N` repeats a run, `--only mutex` selects the cases whose names start with "mutex", and `--share 0/2` every
//! second case, from the first on. The exit code is 1 if there was a violation.

mod channel;
mod dictionary;
mod growth;
mod locks;
mod machine;
mod mutex;
mod observation;
mod queue;
mod random;
mod ring;
mod semaphore;
mod subject;
mod sweep;
mod trace;

use random::Random;
use std::io::Result;
use std::process::ExitCode;
use std::time::{Instant, SystemTime};
use subject::{Case, Subject};
use sweep::{Counts, Sweep, keep_sample};

/// How much of an operation is checked.
#[derive(Debug, Clone, Copy)]
struct Effort {
    /// Maximum number of memory states to check.
    states: usize,
    /// Maximum number of single steps before kills: enough to kill a short operation at each instruction.
    steps: u64,
    /// Maximum number of states whose recovery is single-stepped as well.
    recoveries: usize,
    /// Includes operations of over 100,000 instructions.
    long: bool,
}

const SHORT: Effort = Effort { states: 100, steps: 5000, recoveries: 1, long: false };
const FULL: Effort = Effort { states: usize::MAX, steps: 1_000_000, recoveries: 100, long: true };

fn torture<S: Subject>(case: &Case<S>, effort: Effort, random: &mut Random) -> Result<Counts> {
    let mut sweep = Sweep::prepare(case)?;
    let mut crashed_states = sweep.check_states(effort.states, random)?;
    let points = sweep.kill_points(effort.steps, random);
    sweep.kill_at(points.into_iter())?;
    keep_sample(&mut crashed_states, effort.recoveries, random);
    for state in crashed_states {
        sweep.check_recovery(&state, random)?;
    }
    Ok(sweep.counts)
}

fn print_counts(name: &str, counts: Counts, start: Instant) {
    let Counts { instructions, stepped, states, kills, recoveries, violations } = counts;
    println!(
        "{name}: {instructions} instructions, {states} states of the memory, {stepped} stepped, {kills} kills, \
         {recoveries} recoveries, {violations} violations, {:.1} s",
        start.elapsed().as_secs_f64()
    );
}

/// A run: its options, and the counts so far.
struct Run {
    effort: Effort,
    only: String,
    share: Share,
    random: Random,
    total: Counts,
}

/// One of `of` runs that divide the cases among them; `number` is from 0 on, `cases` counts the cases so far.
struct Share {
    number: usize,
    of: usize,
    cases: usize,
}

impl Share {
    /// Parses text like `0/2`.
    fn parse(text: &str) -> Option<Share> {
        let (number, of) = text.split_once('/')?;
        let share = Share { number: number.parse().ok()?, of: of.parse().ok()?, cases: 0 };
        (share.number < share.of).then_some(share)
    }

    /// Returns whether the next case belongs to this share.
    fn has_next(&mut self) -> bool {
        self.cases += 1;
        (self.cases - 1) % self.of == self.number
    }
}

impl Run {
    fn run_cases<S: Subject>(&mut self, cases: &[Case<S>]) -> Result<()> {
        let is_chosen =
            |case: &&Case<S>| (self.effort.long || !case.long) && case.name.starts_with(&self.only);
        let chosen: Vec<&Case<S>> =
            cases.iter().filter(is_chosen).filter(|_| self.share.has_next()).collect();
        for case in chosen {
            let start = Instant::now();
            let counts = torture(case, self.effort, &mut self.random)?;
            print_counts(case.name, counts, start);
            self.total.add(counts);
        }
        Ok(())
    }

    fn run_all(&mut self) -> Result<()> {
        let start = Instant::now();
        self.run_cases(dictionary::CASES)?;
        self.run_cases(growth::CASES)?;
        self.run_cases(semaphore::CASES)?;
        self.run_cases(mutex::CASES)?;
        self.run_cases(locks::CASES)?;
        self.run_cases(ring::CASES)?;
        self.run_cases(channel::CASES)?;
        self.run_cases(queue::CASES)?;
        print_counts("in all", self.total, start);
        Ok(())
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let given = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let seed = given("--seed")
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| SystemTime::UNIX_EPOCH.elapsed().map_or(1, |since| since.as_nanos() as u64));
    println!("seed {seed}");
    let effort = if arguments.iter().any(|argument| argument == "--short") { SHORT } else { FULL };
    let only = given("--only").unwrap_or_default();
    let Some(share) = Share::parse(given("--share").as_deref().unwrap_or("0/1")) else {
        println!("--share takes a value like 0/2");
        return ExitCode::FAILURE;
    };
    let mut run = Run { effort, only, share, random: Random(seed), total: Counts::default() };
    match run.run_all() {
        Ok(()) if run.total.violations == 0 => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}
