//! The object under test: a handle of some kind of object, in one of its processes.

use crate::machine::Machine;
use std::fmt::Debug;
use std::io;

/// A process's handle of the object.
pub trait Subject: Sized + 'static {
    /// Options of the object of a case.
    type Options: Copy;
    /// Everything that users can see of the object once the victim is dead.
    type State: PartialEq + Debug;

    /// Creates a machine with a new object.
    fn machine(options: Self::Options) -> io::Result<Machine>;

    /// Attaches and registers in `slot`.
    fn attach(machine: &Machine, slot: u32) -> Self;

    /// Creates a handle of the same participant for a child: one created by its parent may be unusable there.
    fn for_child(&self) -> Self;

    /// Prepares the observer, after the victim.
    fn prepare_observer(&self) {}

    /// Forgets what this process has learned of the object, whose memory was put back to an earlier state.
    fn forget(&self) {}

    /// Makes the smallest call that recovers after a death.
    fn recover(&self);

    /// Uses the object after a death and returns everything that users can see, or what is wrong.
    fn inspect(&self) -> Result<Inspection<Self::State>, String>;

    /// Returns whether an interrupted operation may leave `found`, which is neither `before` nor `after`.
    fn is_acceptable(
        _options: Self::Options,
        _before: &Self::State,
        _after: &Self::State,
        _found: &Self::State,
    ) -> bool {
        false
    }
}

/// The result of an inspection after a death.
#[derive(Debug)]
pub struct Inspection<State> {
    pub state: State,
    /// The number of recoveries that were necessary.
    pub recoveries: u64,
}

/// One operation to kill.
#[derive(Debug, Clone, Copy)]
pub struct Case<S: Subject> {
    pub name: &'static str,
    pub options: S::Options,
    /// Run by the victim before the operation.
    pub prepare: fn(&S),
    /// Run by the victim, which is killed during it.
    pub operate: fn(&S),
    /// Whether it takes over 100,000 instructions.
    pub long: bool,
}

/// Creates a case of few instructions.
pub const fn case<S: Subject>(
    name: &'static str,
    options: S::Options,
    prepare: fn(&S),
    operate: fn(&S),
) -> Case<S> {
    Case { name, options, prepare, operate, long: false }
}
