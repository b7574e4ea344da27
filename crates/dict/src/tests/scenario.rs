//! What a crash test runs: one operation in one state.

use super::fixture::*;
use super::states::EVICTING;
use crate::ops::Dict;

/// One operation in one state.
#[derive(Clone, Copy)]
pub struct Scenario {
    pub name: &'static str,
    pub options: Options,
    pub prepare: fn(&Dict),
    /// Called once per step with the number of the step.
    pub operate: fn(&Dict, u32),
    pub steps: u32,
    /// Whether other entries may be missing afterwards.
    pub may_evict: bool,
}

impl Scenario {
    pub const fn steps(self, steps: u32) -> Self {
        Scenario { steps, ..self }
    }
}

/// Returns a scenario of one step, after which all entries must be there.
pub const fn scenario(
    name: &'static str,
    options: Options,
    prepare: fn(&Dict),
    operate: fn(&Dict, u32),
) -> Scenario {
    Scenario { name, options, prepare, operate, steps: 1, may_evict: false }
}

/// Returns a scenario whose operation may evict other entries.
pub const fn evicting(name: &'static str, prepare: fn(&Dict), operate: fn(&Dict, u32)) -> Scenario {
    Scenario { name, options: EVICTING, prepare, operate, steps: 1, may_evict: true }
}
