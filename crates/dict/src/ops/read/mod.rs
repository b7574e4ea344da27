//! Reads: no lock is taken. A fast path answers most of them; the slow path knows every case.

mod ahead;
mod chained;
mod get;
pub(crate) mod glance;
pub(crate) mod reading;
pub(crate) mod retries;
pub(crate) mod slow;
