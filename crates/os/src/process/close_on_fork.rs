//! Descriptors that a forked child closes, because they hold locks of its parent.
//!
//! On a system where a mapping cannot keep a lock, the descriptor that acquired it stays open, and a fork copies it.
//! The lock would then be held as long as the child lives. So the child closes its copies before it does anything
//! else. (A program that is started closes them too, by their close-on-exec flags.)
//!
//! The list only grows and its nodes are reused, so the child can walk it regardless of what the other
//! threads of the parent were doing. A descriptor is registered under exclusion of forks, and is on the list
//! while it is open; its lock is released before it leaves the list.

#![allow(
    unsafe_code,
    clippy::disallowed_types,
    reason = "a forked child reads the list of descriptors while its threads are gone"
)]

use super::fork_epoch;
use std::os::fd::RawFd;
use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering};

/// The descriptor of an unused node.
const NONE: RawFd = -1;

#[derive(Debug)]
struct Node {
    fd: AtomicI32,
    next: Option<&'static Node>,
}

/// The head of the list. Nodes are never freed, so references to them are `'static`.
static FIRST: AtomicPtr<Node> = AtomicPtr::new(ptr::null_mut());

fn nodes() -> impl Iterator<Item = &'static Node> {
    // Acquire: pairs with the Release exchange in `push_node`, so the fields of the node are visible.
    let first = FIRST.load(Ordering::Acquire);
    // SAFETY: the pointer is null or from `Box::into_raw` of a node that is never freed; the Acquire above makes its
    // fields visible, and only its atomic ever changes.
    std::iter::successors(unsafe { first.as_ref() }, |node| node.next)
}

/// A registered descriptor; dropping this unregisters it.
#[derive(Debug)]
pub(crate) struct CloseOnFork {
    node: &'static Node,
    epoch: u64,
}

impl CloseOnFork {
    /// Registers a descriptor, which must stay open while this exists. Call it only under exclusion of forks.
    pub(crate) fn register(fd: RawFd) -> CloseOnFork {
        let take = |node: &&'static Node| {
            // Relaxed, here and below: the fork itself orders what the child sees, and no other memory is
            // published through the number.
            node.fd.compare_exchange(NONE, fd, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        };
        let node = nodes().find(take).unwrap_or_else(|| push_node(fd));
        CloseOnFork { node, epoch: fork_epoch() }
    }

    /// Returns false in a forked child, whose copy of the descriptor is closed; the number may be another file's.
    pub(crate) fn is_ours(&self) -> bool {
        self.epoch == fork_epoch()
    }
}

impl Drop for CloseOnFork {
    fn drop(&mut self) {
        if self.is_ours() {
            self.node.fd.store(NONE, Ordering::Relaxed);
        }
    }
}

/// Adds a node for `fd` at the head of the list.
fn push_node(fd: RawFd) -> &'static Node {
    loop {
        // Acquire: pairs with the Release exchange below.
        let first = FIRST.load(Ordering::Acquire);
        // SAFETY: the pointer is null or a node that is never freed, as in `nodes`.
        let next = unsafe { first.as_ref() };
        let node = Box::into_raw(Box::new(Node { fd: AtomicI32::new(fd), next }));
        // Release: pairs with the Acquire loads here and in `nodes`, which then see the fields of the node.
        if FIRST.compare_exchange(first, node, Ordering::Release, Ordering::Relaxed).is_ok() {
            // SAFETY: `Box::into_raw` returned the pointer, and the node is never freed.
            return unsafe { &*node };
        }
        // SAFETY: `Box::into_raw` returned the pointer, and the exchange failed, so no other thread has seen it.
        drop(unsafe { Box::from_raw(node) });
    }
}

/// Closes all registered descriptors. For a forked child, before it does anything else: makes only async-signal-safe
/// calls.
pub(super) fn close_all() {
    for node in nodes() {
        let fd = node.fd.swap(NONE, Ordering::Relaxed);
        if fd != NONE {
            // SAFETY: close takes a number. A descriptor on the list is open in the parent, so it is open here too, and
            // the child's copy of its owner never closes it (`is_ours`).
            unsafe { libc::close(fd) };
        }
    }
}
