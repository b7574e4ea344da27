//! Which segments this process is attached to, so that it attaches to each just once.

use super::kind::Kind;
use super::presence::{Attached, Presence};
use shmkit_os::process::{ForkExcluded, fork_epoch};
use shmkit_os::shm::{Access, Identity};
use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};

/// An object of whatever kind, and its presence, as long as somebody else keeps them.
type Entry = (Weak<dyn Any + Send + Sync>, Weak<Presence>);

/// What is attached; nothing is kept alive by it.
#[derive(Debug, Default)]
struct Registry {
    /// The process that it speaks of: a forked child starts with an empty one.
    epoch: u64,
    attached: HashMap<(Identity, bool), Entry>,
}

static REGISTRY: LazyLock<Mutex<Registry>> = LazyLock::new(Mutex::default);

/// Only under exclusion of forks, so that no child inherits it locked.
fn registry(_fork: &ForkExcluded) -> MutexGuard<'static, Registry> {
    let mut registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    if registry.epoch != fork_epoch() {
        *registry = Registry { epoch: fork_epoch(), ..Registry::default() };
    }
    registry
}

fn key(identity: Identity, access: Access) -> (Identity, bool) {
    (identity, access == Access::ReadWrite)
}

/// This process's attachment to a file, if it has one.
pub(super) fn find<K: Kind>(fork: &ForkExcluded, identity: Identity, access: Access) -> Option<Attached<K>> {
    let registry = registry(fork);
    let (object, presence) = registry.attached.get(&key(identity, access))?;
    Some(Attached { object: object.upgrade()?.downcast().ok()?, presence: presence.upgrade()? })
}

/// Remembers an attachment, and forgets those that ended.
pub(super) fn insert<K: Kind>(fork: &ForkExcluded, identity: Identity, access: Access, new: &Attached<K>) {
    let mut registry = registry(fork);
    registry.attached.retain(|_, (object, _)| object.strong_count() > 0);
    let object = Arc::downgrade(&new.object) as Weak<dyn Any + Send + Sync>;
    registry.attached.insert(key(identity, access), (object, Arc::downgrade(&new.presence)));
}
