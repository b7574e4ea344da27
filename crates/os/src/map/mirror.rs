//! The same memory several times in a row, so that what runs over its end goes on at its start.
//!
//! First the addresses are reserved with memory that nobody may touch, then the file is mapped over
//! them piece by piece: nothing else can get in between, and what fails half-way is given back whole.

use crate::error::{OsError, Result};
use std::fs::File;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::ptr;

/// Addresses alone take no memory or swap. FreeBSD needs no flag for memory that nobody may touch.
#[cfg(not(target_os = "freebsd"))]
const NO_RESERVE: libc::c_int = libc::MAP_NORESERVE;
#[cfg(target_os = "freebsd")]
const NO_RESERVE: libc::c_int = 0;

/// What to map: a part of a file, both numbers multiples of the page size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub offset: u64,
    pub size: usize,
    pub is_writable: bool,
}

/// Reserved addresses, all of them mapped. Given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Mirror {
    base: *mut u8,
    len: usize,
    size: usize,
}

// SAFETY: it owns its addresses; whoever touches the memory synchronises with the others who do.
unsafe impl Send for Mirror {}
// SAFETY: as above; the methods read two plain fields.
unsafe impl Sync for Mirror {}

impl Mirror {
    /// Maps a part of an open file `times` times.
    pub fn of(file: RawFd, part: Part, times: usize) -> Result<Mirror> {
        let len = part.size.checked_mul(times).ok_or(OsError::new("mmap", libc::ENOMEM))?;
        let mirror = Mirror::reserve(len, part.size)?;
        for copy in 0..times {
            mirror.place(file, part, copy)?;
        }
        Ok(mirror)
    }

    fn reserve(len: usize, size: usize) -> Result<Mirror> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | NO_RESERVE;
        // SAFETY: a new mapping at an address of the kernel's choice touches nothing that exists.
        let base = unsafe { libc::mmap(ptr::null_mut(), len, libc::PROT_NONE, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return Err(OsError::last("mmap"));
        }
        Ok(Mirror { base: base.cast(), len, size })
    }

    fn place(&self, file: RawFd, part: Part, copy: usize) -> Result<()> {
        let Part { offset, size, is_writable } = part;
        // SAFETY: `copy` is below the number of copies that `len` was computed from.
        let at = unsafe { self.base.add(copy * size) };
        let write = if is_writable { libc::PROT_WRITE } else { 0 };
        let (access, flags) = (libc::PROT_READ | write, libc::MAP_SHARED | libc::MAP_FIXED);
        let offset = libc::off_t::try_from(offset).map_err(|_| OsError::new("mmap", libc::EOVERFLOW))?;
        // SAFETY: the `size` bytes at `at` are reserved by this value, and nobody knows of them yet.
        let placed = unsafe { libc::mmap(at.cast(), size, access, flags, file, offset) };
        if placed == libc::MAP_FAILED { Err(OsError::last("mmap")) } else { Ok(()) }
    }

    pub fn base(&self) -> *mut u8 {
        self.base
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// Bytes of one copy.
    pub fn size(&self) -> usize {
        self.size
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        // SAFETY: these addresses were reserved by `reserve`, belong to this value alone, and nobody
        // uses them any more.
        unsafe { libc::munmap(self.base.cast(), self.len) };
    }
}

/// A file without a name, in memory, of `size` zeros.
pub(super) fn nameless(size: u64) -> Result<File> {
    let file = File::from(open_nameless()?);
    file.set_len(size).map_err(|error| OsError::from_io("ftruncate", &error))?;
    Ok(file)
}

#[cfg(not(target_os = "macos"))]
fn open_nameless() -> Result<OwnedFd> {
    // SAFETY: the name is NUL-terminated; the call takes flags besides.
    let fd = unsafe { libc::memfd_create(c"shmkit".as_ptr(), libc::MFD_CLOEXEC) };
    if fd == -1 {
        return Err(OsError::last("memfd_create"));
    }
    // SAFETY: the descriptor is new and belongs to nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// There is no such call: the object has a random name until it is open. macOS allows 31 bytes.
#[cfg(target_os = "macos")]
fn open_nameless() -> Result<OwnedFd> {
    let random = u64::from_ne_bytes(crate::entropy::random()?);
    let name = std::ffi::CString::new(format!("/shmkit.{random:016x}")).expect("no zero inside");
    let flags = libc::O_RDWR | libc::O_CREAT | libc::O_EXCL;
    // SAFETY: the name is NUL-terminated; the mode is a number.
    let fd = unsafe { libc::shm_open(name.as_ptr(), flags, 0o600 as libc::c_uint) };
    if fd == -1 {
        return Err(OsError::last("shm_open"));
    }
    // SAFETY: the descriptor is new and belongs to nobody else. The system closes it at `exec` by itself.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: as for `shm_open`.
    unsafe { libc::shm_unlink(name.as_ptr()) };
    Ok(fd)
}
