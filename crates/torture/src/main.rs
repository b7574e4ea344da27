//! Torture: the engine as it ships, run one machine instruction at a time and killed between any two.
//!
//! ```text
//! cargo run --release -p shmkit-torture             everything; 53 minutes of one processor that others used too
//! cargo run --release -p shmkit-torture -- --short  fewer kills, no long operations; seconds
//! ```
//! `--seed N` repeats a run, `--only mutex` takes the cases whose names begin so, and `--share 0/2` every second
//! case, from the first on. The exit code is 1 if anything was violated.

mod dictionary;
mod locks;
mod machine;
mod mutex;
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
use sweep::{Sweep, Tally, thin_out};

/// How much of an operation is done.
#[derive(Debug, Clone, Copy)]
struct Extent {
    /// States of the memory that are looked at; all, if there are no more.
    states: usize,
    /// Steps for killing it: enough for each instruction of an operation that has few.
    steps: u64,
    /// States whose recovery is stepped through as well.
    recoveries: usize,
    /// Operations of over 100,000 instructions as well.
    long: bool,
}

const SHORT: Extent = Extent { states: 100, steps: 5000, recoveries: 1, long: false };
const FULL: Extent = Extent { states: usize::MAX, steps: 1_000_000, recoveries: 100, long: true };

fn torture<S: Subject>(case: &Case<S>, extent: Extent, random: &mut Random) -> Result<Tally> {
    let mut sweep = Sweep::prepare(case)?;
    let mut wrecks = sweep.look_everywhere(extent.states, random)?;
    let numbers = sweep.numbers(extent.steps, random);
    sweep.kill_at(numbers.into_iter())?;
    thin_out(&mut wrecks, extent.recoveries, random);
    for wreck in wrecks {
        sweep.look_at_recovery(&wreck, random)?;
    }
    Ok(sweep.tally)
}

fn show(name: &str, tally: Tally, start: Instant) {
    let Tally { instructions, stepped, states, kills, recoveries, violations } = tally;
    println!(
        "{name}: {instructions} instructions, {states} states of the memory, {stepped} stepped, {kills} kills, \
         {recoveries} recoveries, {violations} violations, {:.1} s",
        start.elapsed().as_secs_f64()
    );
}

/// A run: how much is done, of which cases, and what came of it so far.
struct Run {
    extent: Extent,
    only: String,
    share: Share,
    random: Random,
    total: Tally,
}

/// Of how many runs that divide the cases this is which, from 0 on; and how many cases there were so far.
struct Share {
    number: usize,
    of: usize,
    cases: usize,
}

impl Share {
    /// As `0/2` says.
    fn parse(text: &str) -> Option<Share> {
        let (number, of) = text.split_once('/')?;
        let share = Share { number: number.parse().ok()?, of: of.parse().ok()?, cases: 0 };
        (share.number < share.of).then_some(share)
    }

    fn has_next(&mut self) -> bool {
        self.cases += 1;
        (self.cases - 1) % self.of == self.number
    }
}

impl Run {
    fn all<S: Subject>(&mut self, cases: &[Case<S>]) -> Result<()> {
        let is_chosen =
            |case: &&Case<S>| (self.extent.long || !case.long) && case.name.starts_with(&self.only);
        let chosen: Vec<&Case<S>> =
            cases.iter().filter(is_chosen).filter(|_| self.share.has_next()).collect();
        for case in chosen {
            let began = Instant::now();
            let tally = torture(case, self.extent, &mut self.random)?;
            show(case.name, tally, began);
            self.total.add(tally);
        }
        Ok(())
    }

    fn everything(&mut self) -> Result<()> {
        let start = Instant::now();
        self.all(dictionary::CASES)?;
        self.all(semaphore::CASES)?;
        self.all(mutex::CASES)?;
        self.all(locks::CASES)?;
        self.all(ring::CASES)?;
        show("in all", self.total, start);
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
    let extent = if arguments.iter().any(|argument| argument == "--short") { SHORT } else { FULL };
    let only = given("--only").unwrap_or_default();
    let Some(share) = Share::parse(given("--share").as_deref().unwrap_or("0/1")) else {
        println!("--share is like 0/2");
        return ExitCode::FAILURE;
    };
    let mut run = Run { extent, only, share, random: Random(seed), total: Tally::default() };
    match run.everything() {
        Ok(()) if run.total.violations == 0 => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}
