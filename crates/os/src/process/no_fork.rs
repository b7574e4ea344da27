//! Windows: there are no forks.

use crate::error::Result;
use std::marker::PhantomData;

/// Returns the number of forks between the first process and this one: none.
#[inline]
pub fn fork_epoch() -> u64 {
    0
}

/// Proof that no thread of this process can fork while this exists, which is always true here. It is
/// bound to its thread as on the other systems, so that code which compiles here compiles there.
#[derive(Debug)]
pub struct ForkExcluded {
    _thread: PhantomData<*const ()>,
}

/// Blocks forks, of which there are none.
///
/// # Errors
/// Never fails.
pub fn exclude_fork() -> Result<ForkExcluded> {
    Ok(ForkExcluded { _thread: PhantomData })
}
