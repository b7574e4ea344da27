//! Waiting until a key changes, or until the load of another holder ends.

mod change;
mod load;

pub use change::ChangeWait;
pub use load::LoadWait;
