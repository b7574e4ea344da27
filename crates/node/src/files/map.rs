//! Calls of memory maps. Argument 0 is the map's number, where there is one.

#![allow(unsafe_code, reason = "copies from and to arrays of JavaScript")]

use crate::callback;
use crate::exports::Export;
use crate::files::mapped::Mapped;
use crate::runtime::call::{Call, Outcome};
use crate::runtime::external_buffer::external_buffer;
use crate::runtime::failure::Failure;
use shmkit_object::error::Error;
use shmkit_os::descriptor;
use shmkit_os::descriptor::BorrowedFile;
use shmkit_os::map::{self, Advice, Flush, MapAccess, Memory, Source};
use std::sync::Arc;

/// Lists the functions.
pub fn exports() -> Vec<Export> {
    vec![
        ("open", callback!(open)),
        ("mirror", callback!(mirror)),
        ("read", callback!(read)),
        ("write", callback!(write)),
        ("view", callback!(view)),
        ("flush", callback!(flush)),
        ("advise", callback!(advise)),
        ("lock", callback!(lock)),
        ("close", callback!(close)),
        ("extend", callback!(extend)),
        ("pageSize", callback!(page_size)),
        ("granularity", callback!(granularity)),
    ]
}

/// `open(fd, access, offset, length, execute, populate)`: returns the number of a new map. A negative `fd` means
/// anonymous memory; access is 0 for reading, 1 for writing, 2 for a private copy.
fn open<'s>(call: &Call<'s>) -> Outcome<'s> {
    let source = Source {
        file: file_if_any(call, 0)?,
        access: match call.small(1) {
            0 => MapAccess::Read,
            1 => MapAccess::ReadWrite,
            _ => MapAccess::Copy,
        },
        offset: call.number(2) as u64,
        length: call.number(3) as usize,
        execute: call.flag(4),
        populate: call.flag(5),
        is_stable: false,
    };
    match Memory::map(&source) {
        Ok(memory) => opened(call, memory),
        // No system call failed: the system cannot do this.
        Err(error) if cfg!(windows) && error.is_unsupported() => Err(Error::from(error).into()),
        Err(error) => Err(error.into()),
    }
}

/// `mirror(fd, size, times)`: returns the number of a new map.
fn mirror<'s>(call: &Call<'s>) -> Outcome<'s> {
    let file = file_if_any(call, 0)?;
    opened(call, Memory::mirror(file, call.number(1) as usize, call.small(2) as usize)?)
}

/// `read(map, target, at, offset, length)`: copies bytes into a `Uint8Array` at `at`.
fn read<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (at, offset, length) = (call.number(2) as usize, call.number(3) as usize, call.number(4) as usize);
    let (start, capacity) = call.js.typed_array(call.argument(1)).ok_or_else(|| no_bytes(call, 1))?;
    if at > capacity || length > capacity - at {
        return Err(Failure::out_of_range("length", "within the target", call.argument(4)));
    }
    let memory = memory(call)?;
    let target = start.wrapping_add(at);
    // SAFETY: `length` bytes at `target` lie within the array (checked above), and JavaScript's memory is
    // never part of a map, except for views, where any mixture of bytes is acceptable.
    unsafe { memory.read(offset, target, length) }?;
    Ok(None)
}

/// `write(map, data, offset)`: copies all bytes of a `Uint8Array` into the map.
fn write<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (start, length) = call.js.typed_array(call.argument(1)).ok_or_else(|| no_bytes(call, 1))?;
    let memory = memory(call)?;
    // SAFETY: these are the bytes of the array.
    unsafe { memory.write(call.number(2) as usize, start, length) }?;
    Ok(None)
}

/// `view(map)`: returns an `ArrayBuffer` of the whole memory; `undefined` where the runtime makes none.
fn view<'s>(call: &Call<'s>) -> Outcome<'s> {
    let memory = with(call, Mapped::for_views)?;
    let (start, length) = (memory.base(), memory.len());
    // SAFETY: the memory stays mapped as long as it has owners, and `for_views` returns writable memory.
    let made = unsafe { external_buffer(call.js, start, length, memory) }?;
    Ok(made.map(|(buffer, _)| buffer))
}

/// `flush(map, offset, length, beginOnly)`: writes changes back to the file.
fn flush<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (offset, length) = (call.number(1) as usize, call.number(2) as usize);
    memory(call)?.flush(Flush { offset, length, begin_only: call.flag(3) })?;
    Ok(None)
}

/// `advise(map, advice)`: tells the system how the memory will be accessed: 0 sequential, 1 random, 2 willneed, 3
/// dontneed.
fn advise<'s>(call: &Call<'s>) -> Outcome<'s> {
    let advice = match call.small(1) {
        0 => Advice::Sequential,
        1 => Advice::Random,
        2 => Advice::WillNeed,
        _ => Advice::DontNeed,
    };
    memory(call)?.advise(advice)?;
    Ok(None)
}

/// `lock(map)`: locks all pages in memory.
fn lock<'s>(call: &Call<'s>) -> Outcome<'s> {
    memory(call)?.lock()?;
    Ok(None)
}

/// `close(map)`: closes the map. Harmless if it is closed already; views keep their memory.
fn close<'s>(call: &Call<'s>) -> Outcome<'s> {
    let mapped = call.state.maps.borrow_mut().remove(call.small(0));
    drop(mapped);
    Ok(None)
}

/// `extend(fd, size)`: makes a file at least this long.
fn extend<'s>(call: &Call<'s>) -> Outcome<'s> {
    map::extend(file(call, 0)?, call.number(1) as u64)?;
    Ok(None)
}

/// `pageSize()`: returns the size of a page.
fn page_size<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.js.number(map::page_size() as f64).map(Some)
}

/// `granularity()`: returns the unit of the sizes of mirrors, a multiple of the page size.
fn granularity<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.js.number(map::granularity() as f64).map(Some)
}

/// Returns the file whose descriptor is at `index`.
pub fn file<'s>(call: &Call<'s>, index: usize) -> Result<BorrowedFile<'s>, Failure<'s>> {
    // SAFETY: TypeScript does not close it before the call has returned.
    Ok(unsafe { descriptor::borrow(call.number(index) as i32) }?)
}

fn file_if_any<'s>(call: &Call<'s>, index: usize) -> Result<Option<BorrowedFile<'s>>, Failure<'s>> {
    if call.number(index) < 0.0 { Ok(None) } else { file(call, index).map(Some) }
}

fn opened<'s>(call: &Call<'s>, memory: Memory) -> Outcome<'s> {
    let number = call.state.maps.borrow_mut().insert(Mapped::new(memory));
    call.js.number(f64::from(number)).map(Some)
}

fn with<'s, T>(
    call: &Call<'s>,
    work: impl FnOnce(&mut Mapped) -> Result<T, Failure<'s>>,
) -> Result<T, Failure<'s>> {
    work(call.state.maps.borrow_mut().get_mut(call.small(0)).ok_or_else(Failure::closed_map)?)
}

fn memory<'s>(call: &Call<'s>) -> Result<Arc<Memory>, Failure<'s>> {
    with(call, |mapped| Ok(Arc::clone(&mapped.memory)))
}

fn no_bytes<'s>(call: &Call<'s>, index: usize) -> Failure<'s> {
    Failure::argument_type("data", "a Uint8Array whose buffer is not detached", call.argument(index))
}
