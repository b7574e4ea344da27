//! Windows: a placeholder reserves all addresses and is replaced by one view after another, so that no other mapping can
//! get in between. Windows before 10 1803 has no placeholders. There the addresses are reserved, released, and mapped at
//! once; if another thread got one of them meanwhile, that is tried again.

#![allow(unsafe_code, reason = "maps memory")]

use super::{Part, RawFile};
use crate::error::{OsError, Result, code};
use std::ffi::c_void;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::sync::OnceLock;
use windows_sys::Win32::Foundation::{ERROR_NOT_ENOUGH_MEMORY, HANDLE, INVALID_HANDLE_VALUE};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::Win32::System::Memory::{
    CreateFileMappingW, FILE_MAP_READ, FILE_MAP_WRITE, MEM_PRESERVE_PLACEHOLDER, MEM_RELEASE,
    MEM_REPLACE_PLACEHOLDER, MEM_RESERVE, MEM_RESERVE_PLACEHOLDER, MEMORY_MAPPED_VIEW_ADDRESS,
    MapViewOfFileEx, PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE, UnmapViewOfFile, VirtualAlloc,
    VirtualFree,
};
use windows_sys::w;

/// How often to try without placeholders. In practice the first attempt succeeds.
const ATTEMPTS: usize = 50;

/// Views of the same bytes in a row; unmapped when this is dropped.
#[derive(Debug)]
pub(crate) struct Mirror {
    base: *mut u8,
    size: usize,
    times: usize,
    /// The number of views mapped so far, from the first on.
    mapped: usize,
    /// The rest of the addresses is a placeholder.
    has_placeholder: bool,
}

// SAFETY: it owns its addresses, which any thread may unmap; code that accesses the memory through `base` does its own
// synchronisation.
unsafe impl Send for Mirror {}
// SAFETY: the methods that take a shared reference only read plain fields.
unsafe impl Sync for Mirror {}

impl Mirror {
    /// Does nothing: dumps of this system contain no mapped files.
    pub(crate) fn keep_out_of_dumps(&self) {}

    /// Maps a part of an open file `times` times.
    pub(crate) fn of(file: RawFile, part: Part, times: usize) -> Result<Mirror> {
        Mirror::of_section(&section(file, part.is_writable, 0)?, part, times)
    }

    /// Maps `size` bytes of private zeros `times` times.
    pub(crate) fn of_memory(size: usize, times: usize) -> Result<Mirror> {
        let section = section(INVALID_HANDLE_VALUE, true, size)?;
        Mirror::of_section(&section, Part { offset: 0, size, is_writable: true }, times)
    }

    fn of_section(section: &OwnedHandle, part: Part, times: usize) -> Result<Mirror> {
        let unit = crate::map::granularity() as u64;
        if part.size == 0 || !(part.size as u64).is_multiple_of(unit) || !part.offset.is_multiple_of(unit) {
            return Err(OsError::new("MapViewOfFile", code::INVALID));
        }
        let Some(len) = part.size.checked_mul(times) else {
            return Err(OsError::new("VirtualAlloc", ERROR_NOT_ENOUGH_MEMORY as i32));
        };
        match Mirror::of_placeholder(len, part.size, times) {
            Some(mirror) => mirror.fill(section, part),
            None => Mirror::of_released_addresses(section, part, times, len),
        }
    }

    /// Reserves addresses as a placeholder; returns `None` if the system has none.
    fn of_placeholder(len: usize, size: usize, times: usize) -> Option<Mirror> {
        let calls = calls()?;
        let kind = MEM_RESERVE | MEM_RESERVE_PLACEHOLDER;
        // SAFETY: the function has this type (`find`); without an address it picks unused ones. No parameters follow.
        let base = unsafe {
            (calls.allocate)(ptr::null_mut(), ptr::null(), len, kind, PAGE_NOACCESS, ptr::null_mut(), 0)
        };
        let base = (!base.is_null()).then_some(base.cast())?;
        Some(Mirror { base, size, times, mapped: 0, has_placeholder: true })
    }

    /// Replaces the placeholder by views.
    fn fill(mut self, section: &OwnedHandle, part: Part) -> Result<Mirror> {
        while self.mapped < self.times {
            let at = self.address_of(self.mapped);
            if self.mapped + 1 < self.times {
                let split = MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER;
                // SAFETY: the placeholder that this value owns starts at `at` and is longer than one view.
                if unsafe { VirtualFree(at, self.size, split) } == 0 {
                    return Err(OsError::last("VirtualFree"));
                }
            }
            if let Err(error) = replace_placeholder(section, at, part) {
                if self.mapped + 1 < self.times {
                    // SAFETY: the placeholder of one view at `at` is this value's, and is not used after this.
                    unsafe { VirtualFree(at, 0, MEM_RELEASE) };
                    // SAFETY: so is that of the rest. Nothing is left for `drop` but the views.
                    unsafe { VirtualFree(self.address_of(self.mapped + 1), 0, MEM_RELEASE) };
                    self.has_placeholder = false;
                }
                return Err(error);
            }
            self.mapped += 1;
        }
        Ok(self)
    }

    fn of_released_addresses(section: &OwnedHandle, part: Part, times: usize, len: usize) -> Result<Mirror> {
        let mut last = OsError::new("VirtualAlloc", ERROR_NOT_ENOUGH_MEMORY as i32);
        for _ in 0..ATTEMPTS {
            // SAFETY: without an address the call picks unused ones.
            let base = unsafe { VirtualAlloc(ptr::null(), len, MEM_RESERVE, PAGE_NOACCESS) };
            if base.is_null() {
                return Err(OsError::last("VirtualAlloc"));
            }
            // SAFETY: the call above reserved these addresses, which nothing uses.
            unsafe { VirtualFree(base, 0, MEM_RELEASE) };
            let mut mirror =
                Mirror { base: base.cast(), size: part.size, times, mapped: 0, has_placeholder: false };
            let mapped = (0..times).try_for_each(|copy| {
                map_at(section, mirror.address_of(copy), part)?;
                mirror.mapped += 1;
                Ok(())
            });
            match mapped {
                Ok(()) => return Ok(mirror),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn address_of(&self, copy: usize) -> *mut c_void {
        self.base.wrapping_add(copy * self.size).cast()
    }

    /// Returns the address of the first byte.
    pub(crate) fn base(&self) -> *mut u8 {
        self.base
    }

    /// Returns the bytes mapped, counting all copies.
    pub(crate) fn len(&self) -> usize {
        self.size * self.times
    }

    /// Returns the bytes of one copy.
    pub(crate) fn size(&self) -> usize {
        self.size
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        for copy in 0..self.mapped {
            // SAFETY: this value mapped a view there, which nothing uses any more.
            unsafe { UnmapViewOfFile(MEMORY_MAPPED_VIEW_ADDRESS { Value: self.address_of(copy) }) };
        }
        if self.has_placeholder && self.mapped < self.times {
            // SAFETY: the placeholder at these addresses is this value's, and is not used after this.
            unsafe { VirtualFree(self.address_of(self.mapped), 0, MEM_RELEASE) };
        }
    }
}

/// Makes a section of a whole file, or of `size` bytes of memory without one.
fn section(file: HANDLE, is_writable: bool, size: usize) -> Result<OwnedHandle> {
    let protection = if is_writable { PAGE_READWRITE } else { PAGE_READONLY };
    let (low, high) = (size as u32, (size as u64 >> 32) as u32);
    // SAFETY: every caller passes an open file, or the value that means memory; no attributes and no name.
    let section = unsafe { CreateFileMappingW(file, ptr::null(), protection, high, low, ptr::null()) };
    if section.is_null() {
        return Err(OsError::last("CreateFileMapping"));
    }
    // SAFETY: the call succeeded, so the handle is open, and nothing else owns it.
    Ok(unsafe { OwnedHandle::from_raw_handle(section) })
}

fn replace_placeholder(section: &OwnedHandle, at: *mut c_void, part: Part) -> Result<()> {
    let Some(calls) = calls() else { return Err(OsError::unsupported("MapViewOfFile3")) };
    let protection = if part.is_writable { PAGE_READWRITE } else { PAGE_READONLY };
    let section = section.as_raw_handle();
    // SAFETY: the function has this type (`find`). The caller owns a placeholder of exactly this size at `at`.
    let view = unsafe {
        let process = ptr::null_mut();
        let kind = MEM_REPLACE_PLACEHOLDER;
        (calls.map)(section, process, at, part.offset, part.size, kind, protection, ptr::null_mut(), 0)
    };
    if view.Value.is_null() { Err(OsError::last("MapViewOfFile3")) } else { Ok(()) }
}

fn map_at(section: &OwnedHandle, at: *mut c_void, part: Part) -> Result<()> {
    let access = if part.is_writable { FILE_MAP_READ | FILE_MAP_WRITE } else { FILE_MAP_READ };
    let (low, high) = (part.offset as u32, (part.offset >> 32) as u32);
    // SAFETY: `section` keeps the handle open. The call fails if the addresses are in use.
    let view = unsafe { MapViewOfFileEx(section.as_raw_handle(), access, high, low, part.size, at) };
    if view.Value.is_null() { Err(OsError::last("MapViewOfFileEx")) } else { Ok(()) }
}

type Allocate =
    unsafe extern "system" fn(HANDLE, *const c_void, usize, u32, u32, *mut c_void, u32) -> *mut c_void;
type Map = unsafe extern "system" fn(
    HANDLE,
    HANDLE,
    *const c_void,
    u64,
    usize,
    u32,
    u32,
    *mut c_void,
    u32,
) -> MEMORY_MAPPED_VIEW_ADDRESS;

/// The calls with placeholders.
#[derive(Debug)]
struct Calls {
    allocate: Allocate,
    map: Map,
}

fn calls() -> Option<&'static Calls> {
    static CALLS: OnceLock<Option<Calls>> = OnceLock::new();
    CALLS.get_or_init(find).as_ref()
}

fn find() -> Option<Calls> {
    // SAFETY: the name is NUL-terminated; the library is never unloaded.
    let library = unsafe { GetModuleHandleW(w!("kernelbase.dll")) };
    if library.is_null() {
        return None;
    }
    // SAFETY: the handle is that of a loaded library; both names are NUL-terminated.
    let allocate = unsafe { GetProcAddress(library, c"VirtualAlloc2".as_ptr().cast()) }?;
    // SAFETY: as above.
    let map = unsafe { GetProcAddress(library, c"MapViewOfFile3".as_ptr().cast()) }?;
    Some(Calls {
        // SAFETY: <memoryapi.h> declares the function with this type.
        allocate: unsafe { std::mem::transmute::<unsafe extern "system" fn() -> isize, Allocate>(allocate) },
        // SAFETY: as above.
        map: unsafe { std::mem::transmute::<unsafe extern "system" fn() -> isize, Map>(map) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::granularity;
    use std::os::windows::io::AsRawHandle;

    fn check(mirror: &Mirror, times: usize) {
        assert_eq!((mirror.mapped, mirror.len()), (times, times * granularity()));
        // SAFETY: the first byte is mapped and writable; no other thread uses it.
        unsafe { mirror.base().write_volatile(7) };
        for copy in 1..times {
            // SAFETY: the address is that of a mapped byte.
            assert_eq!(unsafe { mirror.address_of(copy).cast::<u8>().read_volatile() }, 7);
        }
    }

    #[test]
    fn both_ways_of_mapping_show_the_same_bytes_in_each_copy() {
        let section = section(INVALID_HANDLE_VALUE, true, granularity()).unwrap();
        let part = Part { offset: 0, size: granularity(), is_writable: true };
        for times in [1, 2, 5] {
            check(&Mirror::of_section(&section, part, times).unwrap(), times);
            let len = times * part.size;
            check(&Mirror::of_released_addresses(&section, part, times, len).unwrap(), times);
        }
    }

    #[test]
    fn a_failed_view_leaves_no_placeholder() {
        let section = section(INVALID_HANDLE_VALUE, true, granularity()).unwrap();
        let beyond = Part { offset: granularity() as u64, size: granularity(), is_writable: true };
        let Some(mirror) = Mirror::of_placeholder(3 * granularity(), granularity(), 3) else { return };
        let base = mirror.base();
        mirror.fill(&section, beyond).unwrap_err();
        let at = base.cast::<c_void>();
        // SAFETY: the call fails unless the addresses are free.
        let again = unsafe { VirtualAlloc(at, 3 * granularity(), MEM_RESERVE, PAGE_NOACCESS) };
        assert_eq!(again, at);
        // SAFETY: the call above reserved these addresses.
        unsafe { VirtualFree(again, 0, MEM_RELEASE) };
    }

    #[test]
    fn sizes_that_are_no_multiple_of_the_granularity_are_refused() {
        let file = section(INVALID_HANDLE_VALUE, true, granularity()).unwrap();
        let part = Part { offset: 0, size: 4096, is_writable: true };
        assert_eq!(Mirror::of_section(&file, part, 2).unwrap_err().errno, code::INVALID);
        assert!(!file.as_raw_handle().is_null());
    }
}
