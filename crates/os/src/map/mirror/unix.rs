//! Linux, macOS, FreeBSD: first one inaccessible mapping reserves all addresses, then the file is mapped over it copy by copy. So no other
//! mapping can get in between, and a failure half-way unmaps everything.

#![allow(unsafe_code, reason = "maps memory")]

use super::{Part, RawFile};
use crate::error::{OsError, Result};
use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr;

/// Reserved addresses take no memory or swap. FreeBSD needs no flag for inaccessible memory.
#[cfg(not(target_os = "freebsd"))]
const NO_RESERVE: libc::c_int = libc::MAP_NORESERVE;
#[cfg(target_os = "freebsd")]
const NO_RESERVE: libc::c_int = 0;

/// A range of addresses, all of them mapped; unmapped when this is dropped.
#[derive(Debug)]
pub(crate) struct Mirror {
    base: *mut u8,
    len: usize,
    size: usize,
}

// SAFETY: it owns its addresses, which any thread may unmap; code that accesses the memory through `base` does its own
// synchronisation.
unsafe impl Send for Mirror {}
// SAFETY: the methods that take a shared reference only read plain fields.
unsafe impl Sync for Mirror {}

impl Mirror {
    /// Keeps the memory out of core dumps, where the system can. Core dumps travel further than shared memory.
    pub(crate) fn keep_out_of_dumps(&self) {
        #[cfg(target_os = "linux")]
        // SAFETY: the range is the whole mapping, which `self` keeps; the call changes no contents.
        let _ = unsafe { libc::madvise(self.base().cast(), self.len(), libc::MADV_DONTDUMP) };
    }

    /// Maps a part of an open file `times` times.
    pub(crate) fn of(file: RawFile, part: Part, times: usize) -> Result<Mirror> {
        let len = part.size.checked_mul(times).ok_or(OsError::new("mmap", libc::ENOMEM))?;
        let mirror = Mirror::reserve(len, part.size)?;
        for copy in 0..times {
            mirror.map_copy(file, part, copy)?;
        }
        Ok(mirror)
    }

    /// Maps `size` bytes of private zeros `times` times.
    pub(crate) fn of_memory(size: usize, times: usize) -> Result<Mirror> {
        let file = unnamed_file(size as u64)?;
        Mirror::of(file.as_raw_fd(), Part { offset: 0, size, is_writable: true }, times)
    }

    fn reserve(len: usize, size: usize) -> Result<Mirror> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | NO_RESERVE;
        // SAFETY: without MAP_FIXED the kernel picks unused addresses, so no memory in use is replaced.
        let base = unsafe { libc::mmap(ptr::null_mut(), len, libc::PROT_NONE, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return Err(OsError::last("mmap"));
        }
        Ok(Mirror { base: base.cast(), len, size })
    }

    fn map_copy(&self, file: RawFile, part: Part, copy: usize) -> Result<()> {
        let Part { offset, size, is_writable } = part;
        // SAFETY: `copy` is below the number of copies in `len`, so the result is within the reserved range.
        let at = unsafe { self.base.add(copy * size) };
        let write = if is_writable { libc::PROT_WRITE } else { 0 };
        let (access, flags) = (libc::PROT_READ | write, libc::MAP_SHARED | libc::MAP_FIXED);
        let offset = libc::off_t::try_from(offset).map_err(|_| OsError::new("mmap", libc::EOVERFLOW))?;
        // SAFETY: MAP_FIXED replaces the `size` bytes at `at`, which this value has reserved and which no code
        // uses yet.
        let mapped = unsafe { libc::mmap(at.cast(), size, access, flags, file, offset) };
        if mapped == libc::MAP_FAILED { Err(OsError::last("mmap")) } else { Ok(()) }
    }

    /// Returns the address of the first byte.
    pub(crate) fn base(&self) -> *mut u8 {
        self.base
    }

    /// Returns the bytes mapped, counting all copies.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Returns the bytes of one copy.
    pub(crate) fn size(&self) -> usize {
        self.size
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        // SAFETY: `reserve` mapped these `len` bytes at `base`; this value alone owns them, and it is being dropped.
        unsafe { libc::munmap(self.base.cast(), self.len) };
    }
}

/// Creates an unnamed file in memory, of `size` zeros.
fn unnamed_file(size: u64) -> Result<File> {
    let file = File::from(open_unnamed()?);
    file.set_len(size).map_err(|error| OsError::from_io("ftruncate", &error))?;
    Ok(file)
}

#[cfg(not(target_os = "macos"))]
fn open_unnamed() -> Result<OwnedFd> {
    // SAFETY: the name is NUL-terminated; the other argument is a number.
    let fd = unsafe { libc::memfd_create(c"shmkit".as_ptr(), libc::MFD_CLOEXEC) };
    if fd == -1 {
        return Err(OsError::last("memfd_create"));
    }
    // SAFETY: the call succeeded, so the descriptor is open, and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// macOS has no memfd, so the object has a random name until it is open. Names have at most 31 bytes.
#[cfg(target_os = "macos")]
fn open_unnamed() -> Result<OwnedFd> {
    let random = u64::from_ne_bytes(crate::entropy::random()?);
    let name =
        std::ffi::CString::new(format!("/shmkit.{random:016x}")).expect("hexadecimal digits contain no NUL");
    let flags = libc::O_RDWR | libc::O_CREAT | libc::O_EXCL;
    // SAFETY: the name is NUL-terminated; the flags and the mode are numbers.
    let fd = unsafe { libc::shm_open(name.as_ptr(), flags, 0o600 as libc::c_uint) };
    if fd == -1 {
        return Err(OsError::last("shm_open"));
    }
    // SAFETY: the call succeeded, so the descriptor is open, and nothing else owns it.
    // (The system sets close-on-exec by itself.)
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: the name is NUL-terminated.
    unsafe { libc::shm_unlink(name.as_ptr()) };
    Ok(fd)
}
