//! One operation, killed at its instructions.
//!
//! First it runs to its end one instruction at a time, and every state of the memory in between is checked: it is
//! what a death at that instruction would leave. Then the operation runs many times and is really killed,
//! at each instruction or at a random sample of them.

use crate::machine::{Machine, OBSERVER, RECOVERER, VICTIM};
use crate::random::Random;
use crate::subject::{Case, Subject};
use crate::trace::{Child, Step};
use std::io::{Error, Result};

/// The counts of a run.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    pub instructions: u64,
    pub stepped: u64,
    pub states: u64,
    pub kills: u64,
    pub recoveries: u64,
    pub violations: u64,
}

impl Counts {
    pub fn add(&mut self, other: Counts) {
        self.instructions += other.instructions;
        self.stepped += other.stepped;
        self.states += other.states;
        self.kills += other.kills;
        self.recoveries += other.recoveries;
        self.violations += other.violations;
    }
}

/// A case on its machine, with the states that users may see after a death.
pub struct Sweep<'c, S: Subject> {
    case: &'c Case<S>,
    machine: Machine,
    /// The memory before the operation: the victim, the recoverer and the observer have registered.
    image: Vec<u8>,
    victim: S,
    recoverer: S,
    observer: S,
    before: S::State,
    after: S::State,
    pub counts: Counts,
}

/// The process that runs and is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Victim,
    Recoverer,
}

/// A run to the end by single steps: the number of instructions, and the states of the memory, each with the number
/// of instructions before it.
struct SteppedRun {
    instructions: u64,
    states: Vec<(u64, Vec<u8>)>,
}

/// Removes elements at random until at most `limit` remain.
pub fn keep_sample<T>(elements: &mut Vec<T>, limit: usize, random: &mut Random) {
    while elements.len() > limit {
        elements.remove(random.below(elements.len() as u64) as usize);
    }
}

impl<'c, S: Subject> Sweep<'c, S> {
    /// Prepares the case, and records the states that a death before and after the operation leaves.
    pub fn prepare(case: &'c Case<S>) -> Result<Sweep<'c, S>> {
        let machine = S::machine(case.options)?;
        let [victim, recoverer, observer] =
            [VICTIM, RECOVERER, OBSERVER].map(|slot| S::attach(&machine, slot));
        (case.prepare)(&victim);
        observer.prepare_observer();
        machine.declare_predecessors_dead();
        let image = machine.image();
        let before = recoverer.inspect().map_err(Error::other)?.state;
        machine.restore(&image);
        (case.operate)(&victim);
        let after = recoverer.inspect().map_err(Error::other)?.state;
        let counts = Counts::default();
        let sweep = Sweep { case, machine, image, victim, recoverer, observer, before, after, counts };
        sweep.restore(&sweep.image);
        Ok(sweep)
    }

    /// Restores `image`. No process remembers what came after it.
    fn restore(&self, image: &[u8]) {
        self.machine.restore(image);
        for subject in [&self.victim, &self.recoverer, &self.observer] {
            subject.forget();
        }
    }

    /// Restores `image` and forks a child that runs in this role.
    fn fork(&self, role: Role, image: &[u8]) -> Result<Child> {
        self.restore(image);
        let subject = if role == Role::Victim { &self.victim } else { &self.recoverer };
        Child::fork(
            || subject.for_child(),
            |subject| match role {
                Role::Victim => (self.case.operate)(subject),
                Role::Recoverer => subject.recover(),
            },
        )
    }

    /// Runs a child to its end by single steps.
    fn run_stepwise(&mut self, role: Role, image: &[u8]) -> Result<SteppedRun> {
        let mut child = self.fork(role, image)?;
        let mut run = SteppedRun { instructions: 0, states: vec![(0, image.to_vec())] };
        loop {
            match child.step()? {
                Step::Stopped => {}
                Step::Exited(0) => break,
                other => return Err(Error::other(format!("{}: {other:?}", self.case.name))),
            }
            run.instructions += 1;
            if run.states.last().is_some_and(|(_, last)| !self.machine.has_image(last)) {
                run.states.push((run.instructions, self.machine.image()));
            }
        }
        self.counts.stepped += run.instructions;
        Ok(run)
    }

    /// Lets the next process recover, and returns what is wrong with the state that a death in this role left.
    fn inspect(&mut self, role: Role) -> Option<String> {
        let next = if role == Role::Victim { &self.recoverer } else { &self.observer };
        let found = match next.inspect() {
            Ok(found) => found,
            Err(problem) => return Some(problem),
        };
        self.counts.recoveries += found.recoveries;
        let found = found.state;
        let is_whole = found == self.before || found == self.after;
        let is_acceptable = || S::is_acceptable(self.case.options, &self.before, &self.after, &found);
        (!is_whole && !is_acceptable())
            .then(|| format!("neither the state before nor after the operation: {found:?}"))
    }

    /// Counts and prints a violation, if there is one.
    fn check(&mut self, role: Role, moment: &str) {
        if let Some(problem) = self.inspect(role) {
            self.counts.violations += 1;
            println!("{}: {role:?} {moment}: {problem}", self.case.name);
        }
    }

    /// Checks the state that a death at every instruction would leave, or a random sample of `limit` such states;
    /// returns those that needed a recovery.
    pub fn check_states(&mut self, limit: usize, random: &mut Random) -> Result<Vec<Vec<u8>>> {
        let image = self.image.clone();
        let SteppedRun { instructions, mut states } = self.run_stepwise(Role::Victim, &image)?;
        self.counts.instructions = instructions;
        keep_sample(&mut states, limit, random);
        let mut crashed_states = Vec::new();
        for (number, state) in states {
            self.restore(&state);
            self.counts.states += 1;
            let recoveries = self.counts.recoveries;
            self.check(Role::Victim, &format!("dead after instruction {number}"));
            if self.counts.recoveries > recoveries {
                crashed_states.push(state);
            }
        }
        Ok(crashed_states)
    }

    /// Checks the state that the recoverer's death at every instruction of its recovery would leave, and really kills
    /// it at one of them.
    pub fn check_recovery(&mut self, crashed_state: &[u8], random: &mut Random) -> Result<()> {
        let SteppedRun { instructions, states } = self.run_stepwise(Role::Recoverer, crashed_state)?;
        for (number, state) in states {
            self.restore(&state);
            self.counts.states += 1;
            self.check(Role::Recoverer, &format!("dead after instruction {number} of its recovery"));
        }
        self.kill(Role::Recoverer, crashed_state, random.below(instructions.max(1)))
    }

    /// Kills the victim after each of these numbers of instructions.
    pub fn kill_at(&mut self, numbers: impl Iterator<Item = u64>) -> Result<()> {
        let image = self.image.clone();
        for number in numbers {
            self.kill(Role::Victim, &image, number)?;
        }
        Ok(())
    }

    fn kill(&mut self, role: Role, image: &[u8], number: u64) -> Result<()> {
        let mut child = self.fork(role, image)?;
        for _ in 0..number {
            if child.step()? != Step::Stopped {
                break;
            }
            self.counts.stepped += 1;
        }
        child.kill()?;
        self.counts.kills += 1;
        self.check(role, &format!("killed after instruction {number}"));
        Ok(())
    }

    /// Returns all instructions of the operation, or a random sample that takes about `steps` single steps.
    pub fn kill_points(&self, steps: u64, random: &mut Random) -> Vec<u64> {
        let all = self.counts.instructions;
        let some = (2 * steps / all.max(1)).max(1);
        if all <= some { (0..all).collect() } else { (0..some).map(|_| random.below(all)).collect() }
    }
}
