//! An unvalidated view of a value in shared memory.
//!
//! A read that copies a large value, only for it to be copied again into the memory of another language, takes
//! twice the time. So the caller may copy the value once, from this view, and learns afterwards whether the copy
//! is valid.

#![cfg_attr(
    not(loom),
    expect(unsafe_code, reason = "copies into memory that the caller passes as a pointer")
)]

use super::chain::Chain;
use crate::value::ValueKind;
use shmkit_object::region::Region;

/// An unvalidated view of a value that may be changing. Nothing read from it counts before the read has succeeded.
#[derive(Debug, Clone, Copy)]
pub struct ValueView<'a> {
    /// Its type: never a list.
    pub kind: ValueKind,
    /// The bits of a number or bigint; 0 or 1 for a boolean.
    pub scalar: u64,
    /// The bytes of all other types.
    pub bytes: ViewBytes<'a>,
}

/// Bytes that must be copied before they are inspected.
#[derive(Debug, Clone, Copy)]
pub enum ViewBytes<'a> {
    /// A private copy.
    Private(&'a [u8]),
    /// In shared memory: offset and length, all within the region.
    Shared(&'a Region, u64, usize),
    /// In shared memory, in a chain of blocks.
    Chained(&'a Chain<'a>),
}

impl ViewBytes<'_> {
    /// Returns the number of bytes.
    #[inline]
    pub fn len(&self) -> usize {
        match self {
            ViewBytes::Private(bytes) => bytes.len(),
            ViewBytes::Shared(_, _, len) => *len,
            ViewBytes::Chained(chain) => chain.len(),
        }
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the address of the first byte, for a copy by foreign code such as a JavaScript engine; `None` if the
    /// bytes are not contiguous. Valid for reads of `len()` bytes while the view is borrowed, but not for
    /// references: another process may write there.
    #[cfg(not(loom))]
    #[inline]
    pub fn start(&self) -> Option<*const u8> {
        match self {
            ViewBytes::Private(bytes) => Some(bytes.as_ptr()),
            ViewBytes::Shared(region, offset, len) => Some(region.span(*offset, *len)),
            ViewBytes::Chained(_) => None,
        }
    }

    /// Appends a copy of all bytes to `out`.
    // Always inlined: a `get` tells which case it is.
    #[inline(always)]
    pub fn append_to(&self, out: &mut Vec<u8>) {
        match self {
            ViewBytes::Private(bytes) => out.extend_from_slice(bytes),
            ViewBytes::Shared(region, offset, len) => region.append_bytes(*offset, *len, out),
            ViewBytes::Chained(chain) => {
                let region = &chain.segment().region;
                chain.each(|offset, len| region.append_bytes(offset, len, out));
            }
        }
    }

    /// Copies all bytes to `target`. Parts of a chain that cannot be read because it changed are filled with zeros.
    ///
    /// # Safety
    /// `target` must be private memory valid for writes of `len()` bytes.
    #[cfg(not(loom))]
    pub unsafe fn copy_to(&self, target: *mut u8) {
        match self {
            // SAFETY: `target` is private memory valid for `len()` bytes (the caller's promise), so the copy does not overlap it.
            ViewBytes::Private(bytes) => unsafe {
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), target, bytes.len());
            },
            // SAFETY: `target` is private memory valid for `len()` bytes (the caller's promise).
            ViewBytes::Shared(region, offset, len) => unsafe { region.copy_bytes(*offset, *len, target, 0) },
            ViewBytes::Chained(chain) => {
                let region = &chain.segment().region;
                let mut at = 0;
                let copied = chain.each(|offset, len| {
                    // SAFETY: `target` is valid for `len()` bytes (the caller's promise); the parts are at most `len()`
                    // bytes together, and this one is `at`..`at + len`.
                    unsafe { region.copy_bytes(offset, len, target, at) };
                    at += len;
                });
                if copied < chain.len() {
                    // SAFETY: as above; these are the rest of the `len()` bytes.
                    unsafe { region.fill_zeros(target, copied, chain.len() - copied) };
                }
            }
        }
    }
}
