//! One operation, killed at its instructions.
//!
//! First it runs to its end one instruction at a time, and every state of the memory on the way is looked
//! at: what a death at that instruction would leave. Then it runs again and again, and is really killed:
//! at each instruction, or at a random sample of them.

use crate::machine::{HEIR, Machine, VICTIM, WITNESS};
use crate::random::Random;
use crate::subject::{Case, Subject};
use crate::trace::{Child, Step};
use std::io::{Error, Result};

/// What a run came to.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    pub instructions: u64,
    pub stepped: u64,
    pub states: u64,
    pub kills: u64,
    pub recoveries: u64,
    pub violations: u64,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.instructions += other.instructions;
        self.stepped += other.stepped;
        self.states += other.states;
        self.kills += other.kills;
        self.recoveries += other.recoveries;
        self.violations += other.violations;
    }
}

/// A case on its machine, with what users may see afterwards.
pub struct Sweep<'c, S: Subject> {
    case: &'c Case<S>,
    machine: Machine,
    /// The victim, the heir and the witness have registered; nothing has been done yet.
    image: Vec<u8>,
    victim: S,
    heir: S,
    witness: S,
    before: S::State,
    after: S::State,
    pub tally: Tally,
}

/// Who runs, and who comes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Victim,
    Heir,
}

/// An operation, instruction by instruction.
struct Walk {
    instructions: u64,
    states: Vec<(u64, Vec<u8>)>,
}

/// Leaves `most` of them, at random.
pub fn thin_out<T>(some: &mut Vec<T>, most: usize, random: &mut Random) {
    while some.len() > most {
        some.remove(random.below(some.len() as u64) as usize);
    }
}

impl<'c, S: Subject> Sweep<'c, S> {
    /// Prepares the case, and looks what the victim's death before it and after it leaves.
    pub fn prepare(case: &'c Case<S>) -> Result<Sweep<'c, S>> {
        let machine = S::machine(case.options)?;
        let [victim, heir, witness] = [VICTIM, HEIR, WITNESS].map(|slot| S::attach(&machine, slot));
        (case.prepare)(&victim);
        witness.stand_by();
        machine.begin_dying();
        let image = machine.image();
        let before = heir.inspect().map_err(Error::other)?.state;
        machine.restore(&image);
        (case.operate)(&victim);
        let after = heir.inspect().map_err(Error::other)?.state;
        machine.restore(&image);
        let tally = Tally::default();
        Ok(Sweep { case, machine, image, victim, heir, witness, before, after, tally })
    }

    /// Forks the one who runs, from `image`.
    fn fork(&self, who: Who, image: &[u8]) -> Result<Child> {
        self.machine.restore(image);
        let subject = if who == Who::Victim { &self.victim } else { &self.heir };
        Child::fork(
            || subject.again(),
            |subject| match who {
                Who::Victim => (self.case.operate)(subject),
                Who::Heir => subject.recover(),
            },
        )
    }

    /// Runs it to its end by single steps; how many, and the states of the memory on the way, each with the
    /// number of instructions that lead to it.
    fn walk(&mut self, who: Who, image: &[u8]) -> Result<Walk> {
        let mut child = self.fork(who, image)?;
        let mut walk = Walk { instructions: 0, states: vec![(0, image.to_vec())] };
        loop {
            match child.step()? {
                Step::Stopped => {}
                Step::Exited(0) => break,
                other => return Err(Error::other(format!("{}: {other:?}", self.case.name))),
            }
            walk.instructions += 1;
            if walk.states.last().is_some_and(|(_, last)| !self.machine.is(last)) {
                walk.states.push((walk.instructions, self.machine.image()));
            }
        }
        self.tally.stepped += walk.instructions;
        Ok(walk)
    }

    /// What is wrong with what `who` left in the memory, after the next one has recovered it.
    fn inspect(&mut self, who: Who) -> Option<String> {
        let next = if who == Who::Victim { &self.heir } else { &self.witness };
        let found = match next.inspect() {
            Ok(found) => found,
            Err(problem) => return Some(problem),
        };
        self.tally.recoveries += found.recoveries;
        let found = found.state;
        let is_whole = found == self.before || found == self.after;
        let is_fair = || S::is_fair(self.case.options, &self.before, &self.after, &found);
        (!is_whole && !is_fair()).then(|| format!("neither whole nor absent: {found:?}"))
    }

    fn judge(&mut self, who: Who, moment: &str) {
        if let Some(problem) = self.inspect(who) {
            self.tally.violations += 1;
            println!("{}: {who:?} {moment}: {problem}", self.case.name);
        }
    }

    /// Looks at what a death at every instruction would leave, or at `most` such states at random; those
    /// from which there was something to recover.
    pub fn look_everywhere(&mut self, most: usize, random: &mut Random) -> Result<Vec<Vec<u8>>> {
        let image = self.image.clone();
        let Walk { instructions, mut states } = self.walk(Who::Victim, &image)?;
        self.tally.instructions = instructions;
        thin_out(&mut states, most, random);
        let mut wrecks = Vec::new();
        for (number, state) in states {
            self.machine.restore(&state);
            self.tally.states += 1;
            let recoveries = self.tally.recoveries;
            self.judge(Who::Victim, &format!("dead after instruction {number}"));
            if self.tally.recoveries > recoveries {
                wrecks.push(state);
            }
        }
        Ok(wrecks)
    }

    /// Looks at what the heir's death at every instruction of its recovery would leave, and really kills it
    /// at one of them.
    pub fn look_at_recovery(&mut self, wreck: &[u8], random: &mut Random) -> Result<()> {
        let Walk { instructions, states } = self.walk(Who::Heir, wreck)?;
        for (number, state) in states {
            self.machine.restore(&state);
            self.tally.states += 1;
            self.judge(Who::Heir, &format!("dead after instruction {number} of its recovery"));
        }
        self.kill(Who::Heir, wreck, random.below(instructions.max(1)))
    }

    /// Really kills the victim, after each of these numbers of instructions.
    pub fn kill_at(&mut self, numbers: impl Iterator<Item = u64>) -> Result<()> {
        let image = self.image.clone();
        for number in numbers {
            self.kill(Who::Victim, &image, number)?;
        }
        Ok(())
    }

    fn kill(&mut self, who: Who, image: &[u8], number: u64) -> Result<()> {
        let mut child = self.fork(who, image)?;
        for _ in 0..number {
            if child.step()? != Step::Stopped {
                break;
            }
            self.tally.stepped += 1;
        }
        child.kill()?;
        self.tally.kills += 1;
        self.judge(who, &format!("killed after instruction {number}"));
        Ok(())
    }

    /// All instructions of the operation, or as many of them at random as can be stepped to in about
    /// `steps` steps.
    pub fn numbers(&self, steps: u64, random: &mut Random) -> Vec<u64> {
        let all = self.tally.instructions;
        let some = (2 * steps / all.max(1)).max(1);
        if all <= some { (0..all).collect() } else { (0..some).map(|_| random.below(all)).collect() }
    }
}
