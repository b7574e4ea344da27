//! Whether a name still leads to an object. What shmkit changes is marked in the object; what other programs remove is
//! found by looking at the directory, from time to time.

use crate::superblock::EpochWord;
use shmkit_os::clock::monotonic_ns;

/// How long a look at the directory counts.
const INTERVAL_NS: u64 = 1_000_000_000;

/// One handle's last look at the directory.
#[derive(Debug, Default)]
pub(super) struct LinkCheck {
    last: Option<(u64, bool)>,
}

impl LinkCheck {
    /// Returns whether the name leads to the object, at most a second late if another program has removed the name.
    /// `look` looks at the directory.
    pub fn is_linked(&mut self, epoch: EpochWord, look: impl FnOnce() -> bool) -> bool {
        if epoch.is_retired() || epoch.is_unlinked() {
            return false;
        }
        let now = monotonic_ns();
        match self.last {
            Some((at, is_linked)) if now - at < INTERVAL_NS => is_linked,
            _ => {
                let is_linked = look();
                self.last = Some((now, is_linked));
                is_linked
            }
        }
    }
}
