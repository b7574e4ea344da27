//! Torture: the engine as it ships, run one machine instruction at a time and killed between any two.
//!
//! ```text
//! cargo run --release -p shmkit-torture             everything; some ten minutes
//! cargo run --release -p shmkit-torture -- --short  fewer kills, no long operations; seconds
//! ```
//! `--seed N` repeats a run. The exit code is 1 if anything was violated.

mod cases;
mod machine;
mod random;
mod sweep;
mod trace;

use cases::{CASES, Case};
use random::Random;
use std::io::Result;
use std::process::ExitCode;
use std::time::{Instant, SystemTime};
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

fn torture(case: &Case, extent: Extent, random: &mut Random) -> Result<Tally> {
    let mut sweep = Sweep::prepare(case)?;
    let mut wrecks = sweep.look_everywhere(extent.states, random)?;
    let numbers = sweep.numbers(extent.steps, random);
    sweep.kill_at(numbers.into_iter())?;
    thin_out(&mut wrecks, extent.recoveries, random);
    for wreck in wrecks {
        sweep.look_at_recovery(&wreck)?;
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

fn run(extent: Extent, seed: u64) -> Result<Tally> {
    let mut random = Random(seed);
    let (mut total, start) = (Tally::default(), Instant::now());
    for case in CASES.iter().filter(|case| extent.long || !case.long) {
        let began = Instant::now();
        let tally = torture(case, extent, &mut random)?;
        show(case.name, tally, began);
        total.add(tally);
    }
    show("in all", total, start);
    Ok(total)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let given = arguments.iter().position(|argument| argument == "--seed");
    let seed = given
        .and_then(|at| arguments.get(at + 1)?.parse().ok())
        .unwrap_or_else(|| SystemTime::UNIX_EPOCH.elapsed().map_or(1, |since| since.as_nanos() as u64));
    println!("seed {seed}");
    let extent = if arguments.iter().any(|argument| argument == "--short") { SHORT } else { FULL };
    match run(extent, seed) {
        Ok(tally) if tally.violations == 0 => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}
