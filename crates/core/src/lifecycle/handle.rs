//! An open dictionary.

use super::place::Place;
use super::presence::{Attached, Presence};
use super::remove::remove_own;
use crate::dict::Dict;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// An attached, named dictionary. Dropping it is closing it: the name of an owner's dictionary is
/// removed, unless it is persistent. The memory stays mapped, and the process counts as attached, as
/// long as any clone of `dict` lives.
#[derive(Debug)]
pub struct Handle {
    /// The dictionary.
    pub dict: Dict,
    /// The file.
    pub path: PathBuf,
    /// The name.
    pub name: String,
    /// True for the handle that created it.
    pub owner: bool,
    /// Where its name is to be removed from. Kept by owners alone: it holds the folder open.
    own: Option<Place>,
    presence: Arc<Presence>,
}

impl Handle {
    pub(super) fn new(place: Place, attached: Attached, owner: bool, lock_timeout: Duration) -> Self {
        Handle {
            dict: Dict::new(attached.segment, lock_timeout),
            path: place.path(),
            name: place.name.as_str().to_owned(),
            owner,
            own: owner.then_some(place),
            presence: attached.presence,
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let Some(place) = &self.own else { return };
        // In a forked child, the name is still its parent's.
        if !self.dict.segment().superblock.persist && self.presence.beacon.is_ours() {
            // A name that cannot be removed stays as a leftover, which the next creator replaces.
            let _ = remove_own(place, &self.presence.probe);
        }
    }
}
