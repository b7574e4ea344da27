//! The objects that this process is attached to, so that it attaches to each only once.

use super::attachment::{AttachedObject, Attachment};
use super::kind::Kind;
use shmkit_os::process::{ForkExcluded, fork_epoch};
use shmkit_os::shm::{Access, Identity};
use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};

/// An object of any kind, and its attachment, while other references keep them.
type Entry = (Weak<dyn Any + Send + Sync>, Weak<Attachment>);

/// The attached objects. It keeps none of them alive.
#[derive(Debug, Default)]
struct Registry {
    /// The fork epoch of the process that it belongs to: a forked child starts with an empty one.
    epoch: u64,
    attached: HashMap<(Identity, bool), Entry>,
}

static REGISTRY: LazyLock<Mutex<Registry>> = LazyLock::new(Mutex::default);

/// Locks the registry, with forks excluded, so that no child inherits it locked.
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

/// Returns this process's attachment to a file, if it has one.
pub(super) fn find<K: Kind>(
    fork: &ForkExcluded,
    identity: Identity,
    access: Access,
) -> Option<AttachedObject<K>> {
    let registry = registry(fork);
    let (object, attachment) = registry.attached.get(&key(identity, access))?;
    Some(AttachedObject { object: object.upgrade()?.downcast().ok()?, attachment: attachment.upgrade()? })
}

/// Adds an attachment, and drops the entries of those that ended.
pub(super) fn insert<K: Kind>(
    fork: &ForkExcluded,
    identity: Identity,
    access: Access,
    new: &AttachedObject<K>,
) {
    let mut registry = registry(fork);
    registry.attached.retain(|_, (object, _)| object.strong_count() > 0);
    let object = Arc::downgrade(&new.object) as Weak<dyn Any + Send + Sync>;
    registry.attached.insert(key(identity, access), (object, Arc::downgrade(&new.attachment)));
}
