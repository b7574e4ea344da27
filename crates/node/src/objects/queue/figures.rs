//! Figures of queues.

use crate::runtime::call::{Call, Outcome};
use shmkit_primitives::queue::Queue;

/// `stats(handle, mayBlock)`: returns an object. Without the lock, the counts may not belong together.
pub(super) fn stats<'s>(call: &Call<'s>) -> Outcome<'s> {
    let may_block = call.flag(1);
    let stats = call.handle::<Queue, _>(|handle| {
        let queue = &handle.named.object;
        Ok(if may_block { queue.stats()? } else { queue.counts()? })
    })?;
    let numbers = [
        (c"ready", f64::from(stats.ready)),
        (c"delayed", f64::from(stats.delayed)),
        (c"claimed", f64::from(stats.claimed)),
        (c"dead", f64::from(stats.dead)),
        (c"pushed", stats.pushed as f64),
        (c"done", stats.done as f64),
        (c"failed", stats.failed as f64),
        (c"returned", stats.returned as f64),
    ];
    call.js.numbers(&numbers).map(Some)
}

/// `space(handle)`: returns the bytes that the queue takes, and may take.
pub(super) fn space<'s>(call: &Call<'s>) -> Outcome<'s> {
    let space = call.handle::<Queue, _>(|handle| Ok(handle.named.object.space()?))?;
    let numbers = [(c"size", space.taken as f64), (c"maxSize", space.maximum as f64)];
    call.js.numbers(&numbers).map(Some)
}
