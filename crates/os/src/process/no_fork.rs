//! Windows: no process is a copy of another.

use crate::error::Result;
use std::marker::PhantomData;

/// How many forks lie between the first process and this one: none.
#[inline]
pub fn fork_epoch() -> u64 {
    0
}

/// Proof that no thread of this process can fork as long as it lives, which is always so here. It is
/// bound to its thread as on the other systems, so that code which compiles here does so there.
#[derive(Debug)]
pub struct ForkExcluded {
    _thread: PhantomData<*const ()>,
}

/// Holds off forks, of which there are none.
///
/// # Errors
/// None.
pub fn exclude_fork() -> Result<ForkExcluded> {
    Ok(ForkExcluded { _thread: PhantomData })
}
