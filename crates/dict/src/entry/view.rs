//! A value where it stands, before anybody knows whether it stands there still.
//!
//! A read that copies a value out, only to have it copied again into the memory of another language,
//! takes twice the time for large ones. So who wants it may copy it from here, once, and learns
//! afterwards whether what it copied was whole.

#![expect(unsafe_code, reason = "copies into memory that the caller passes as a pointer")]

use super::chain::Chain;
use crate::value::ValueKind;
use shmkit_object::region::Region;

/// A value that may be changing. Nothing of it may be believed before the read has succeeded.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// What it is: never a list.
    pub kind: ValueKind,
    /// Bits of a number or bigint; 0 or 1 of a boolean.
    pub scalar: u64,
    /// The bytes of others.
    pub bytes: SeenBytes<'a>,
}

/// Bytes to be copied once and looked at afterwards.
#[derive(Debug, Clone, Copy)]
pub enum SeenBytes<'a> {
    /// A copy that nobody else has.
    Private(&'a [u8]),
    /// In shared memory: these many from this offset, all within the region.
    Shared(&'a Region, u64, usize),
    /// In shared memory, here and there.
    Chained(&'a Chain<'a>),
}

impl SeenBytes<'_> {
    /// How many.
    #[inline]
    pub fn len(&self) -> usize {
        match self {
            SeenBytes::Private(bytes) => bytes.len(),
            SeenBytes::Shared(_, _, len) => *len,
            SeenBytes::Chained(chain) => chain.len(),
        }
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first byte, for a copy by foreign code, such as a JavaScript engine's; `None` if they do not lie side
    /// by side. Valid for reads of `len()` bytes as long as the value that they were seen in is borrowed, but
    /// not for references: another process may write there.
    #[cfg(not(loom))]
    #[inline]
    pub fn start(&self) -> Option<*const u8> {
        match self {
            SeenBytes::Private(bytes) => Some(bytes.as_ptr()),
            SeenBytes::Shared(region, offset, len) => Some(region.span(*offset, *len)),
            SeenBytes::Chained(_) => None,
        }
    }

    /// Appends a copy of all of them.
    #[inline]
    pub fn append_to(&self, out: &mut Vec<u8>) {
        match self {
            SeenBytes::Private(bytes) => out.extend_from_slice(bytes),
            SeenBytes::Shared(region, offset, len) => region.append_bytes(*offset, *len, out),
            SeenBytes::Chained(chain) => {
                let region = &chain.segment().region;
                chain.each(|offset, len| region.append_bytes(offset, len, out));
            }
        }
    }

    /// Copies all of them. What cannot be read of a chain, because it changed meanwhile, is zeros.
    ///
    /// # Safety
    /// `target` must be private memory valid for writes of `len()` bytes.
    #[cfg(not(loom))]
    pub unsafe fn copy_to(&self, target: *mut u8) {
        match self {
            // SAFETY: the caller's promise; a private copy does not overlap it.
            SeenBytes::Private(bytes) => unsafe {
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), target, bytes.len());
            },
            // SAFETY: the caller's promise.
            SeenBytes::Shared(region, offset, len) => unsafe { region.copy_bytes(*offset, *len, target, 0) },
            SeenBytes::Chained(chain) => {
                let region = &chain.segment().region;
                let mut at = 0;
                let copied = chain.each(|offset, len| {
                    // SAFETY: the caller's promise: the parts are `len()` bytes together, and these are `at`..`at + len`.
                    unsafe { region.copy_bytes(offset, len, target, at) };
                    at += len;
                });
                if copied < chain.len() {
                    // SAFETY: as above: what is left of `len()` bytes.
                    unsafe { region.fill_zeros(target, copied, chain.len() - copied) };
                }
            }
        }
    }
}
