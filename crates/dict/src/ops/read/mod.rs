//! Reads take no lock. The fast path answers most of them; the slow path handles every case.

mod chained;
mod describe;
pub(crate) mod fast_lookup;
mod get;
pub(crate) mod lists;
mod locked;
mod prefetch;
pub(crate) mod result;
pub(crate) mod retries;
pub(crate) mod slow;
