//! Descriptors that a forked child must not keep: locks of the parent hang on them.
//!
//! Where a mapping cannot hold a lock, the descriptor that took it stays open, and a fork copies it. The
//! lock would then live as long as the child. So the child closes its copies before anything else runs.
//! (A program that is started closes them as well, by their close-on-exec flags.)
//!
//! The list only grows and its nodes are used again, so that the child can walk it whatever the other
//! threads of the parent were doing. A descriptor is entered under exclusion of forks, and is on the list
//! as long as it is open; its lock is given up before it leaves the list.

use super::fork_epoch;
use std::os::fd::RawFd;
use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering};

/// What an unused node holds.
const NONE: RawFd = -1;

#[derive(Debug)]
struct Node {
    fd: AtomicI32,
    next: Option<&'static Node>,
}

/// Nodes are leaked, so whoever finds one may keep it.
static FIRST: AtomicPtr<Node> = AtomicPtr::new(ptr::null_mut());

fn nodes() -> impl Iterator<Item = &'static Node> {
    // Acquire: pairs with the Release of the exchange that put the node in front.
    let first = FIRST.load(Ordering::Acquire);
    // SAFETY: null, or a leaked node that nobody changes but for its atomic.
    std::iter::successors(unsafe { first.as_ref() }, |node| node.next)
}

/// An entry of the list, until it is dropped.
#[derive(Debug)]
pub(crate) struct Parental {
    node: &'static Node,
    epoch: u64,
}

impl Parental {
    /// Enters a descriptor, which must stay open as long as this lives. Only under exclusion of forks.
    pub(crate) fn enter(fd: RawFd) -> Parental {
        let take = |node: &&'static Node| {
            // Relaxed, here and below: the kernel's fork orders what the child sees, and nothing else
            // depends on a number in the list.
            node.fd.compare_exchange(NONE, fd, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        };
        let node = nodes().find(take).unwrap_or_else(|| put_in_front(fd));
        Parental { node, epoch: fork_epoch() }
    }

    /// False in a forked child, whose copy of the descriptor is closed; its number may be another's.
    pub(crate) fn is_ours(&self) -> bool {
        self.epoch == fork_epoch()
    }
}

impl Drop for Parental {
    fn drop(&mut self) {
        if self.is_ours() {
            self.node.fd.store(NONE, Ordering::Relaxed);
        }
    }
}

fn put_in_front(fd: RawFd) -> &'static Node {
    loop {
        // Acquire: as in `nodes`.
        let first = FIRST.load(Ordering::Acquire);
        // SAFETY: as in `nodes`.
        let next = unsafe { first.as_ref() };
        let node = Box::into_raw(Box::new(Node { fd: AtomicI32::new(fd), next }));
        // Release: pairs with the Acquire in `nodes`.
        if FIRST.compare_exchange(first, node, Ordering::Release, Ordering::Relaxed).is_ok() {
            // SAFETY: made just now, and never freed.
            return unsafe { &*node };
        }
        // SAFETY: made just now, and seen by nobody else.
        drop(unsafe { Box::from_raw(node) });
    }
}

/// In a forked child, before it does anything else: closes what is the parent's. Makes no call that a
/// signal handler could not make.
pub(super) fn close_all() {
    for node in nodes() {
        let fd = node.fd.swap(NONE, Ordering::Relaxed);
        if fd != NONE {
            // SAFETY: takes a number: a descriptor on the list is open in the parent, so here too.
            unsafe { libc::close(fd) };
        }
    }
}
