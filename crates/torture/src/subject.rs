//! What is tortured: an object of some kind, as one of its processes has it.

use crate::machine::Machine;
use std::fmt::Debug;
use std::io;

/// A process's handle of the object.
pub trait Subject: Sized + 'static {
    /// How the object of a case is made.
    type Options: Copy;
    /// Everything that users can see of the object once the victim is dead.
    type State: PartialEq + Debug;

    /// A machine with a new object.
    fn machine(options: Self::Options) -> io::Result<Machine>;

    /// Attaches as the process of a slot, and registers.
    fn attach(machine: &Machine, slot: u32) -> Self;

    /// A handle of the same participant, for a child: those made by its parent may be of no use there.
    fn again(&self) -> Self;

    /// What the witness does when the case is prepared.
    fn stand_by(&self) {}

    /// The least that makes good whatever a death left.
    fn recover(&self);

    /// Goes on after a death, and looks at everything; what is wrong, if anything is.
    fn inspect(&self) -> Result<Found<Self::State>, String>;

    /// True if an operation may leave this as well, beside what was before it and after it.
    fn is_fair(
        _options: Self::Options,
        _before: &Self::State,
        _after: &Self::State,
        _it: &Self::State,
    ) -> bool {
        false
    }
}

/// What was found after a death.
#[derive(Debug)]
pub struct Found<State> {
    pub state: State,
    /// How much there was to make good.
    pub recoveries: u64,
}

/// One operation.
#[derive(Debug, Clone, Copy)]
pub struct Case<S: Subject> {
    pub name: &'static str,
    pub options: S::Options,
    /// Done by the victim.
    pub prepare: fn(&S),
    /// Done by the victim, and killed.
    pub operate: fn(&S),
    /// It takes over 100,000 instructions.
    pub long: bool,
}

/// A case of few instructions.
pub const fn case<S: Subject>(
    name: &'static str,
    options: S::Options,
    prepare: fn(&S),
    operate: fn(&S),
) -> Case<S> {
    Case { name, options, prepare, operate, long: false }
}
