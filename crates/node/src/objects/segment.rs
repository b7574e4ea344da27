//! Segments. The engine checks offsets and lengths; TypeScript does not.

#![allow(unsafe_code, reason = "copies from and to arrays of JavaScript")]

use crate::exports::Export;
use crate::objects::handle::Binding;
use crate::runtime::call::{Call, Outcome};
use crate::runtime::external_buffer::external_buffer;
use crate::runtime::failure::Failure;
use crate::runtime::options::Options;
use crate::{callback, kind_exports};
use shmkit_object::lifecycle::DEFAULT_LOCK_TIMEOUT;
use shmkit_object::lifecycle::Kind;
use shmkit_object::lifecycle::{HandleOptions, Named};
use shmkit_primitives::segment::{SegmentOptions, SharedSegment};
use std::sync::Arc;

impl Binding for SharedSegment {
    type Data = ();

    fn options<'s>(options: &Options<'_, 's>) -> Result<SegmentOptions, Failure<'s>> {
        let js = options.call.js;
        let data = js.property(options.object, c"data")?;
        // SAFETY: TypeScript passes no shared memory (`bytesOfData`); the bytes are copied at once.
        let data = unsafe { js.to_bytes(data) }.unwrap_or_default().to_vec();
        let capacity = options.number(c"size")?.unwrap_or(0.0) as u64;
        Ok(SegmentOptions { capacity, data, naming: options.naming()? })
    }

    fn data(_named: &Named<SharedSegment>, _options: &HandleOptions) {}
}

/// Lists the functions.
pub fn exports() -> Vec<Export> {
    kind_exports!(
        SharedSegment,
        ("capacity", callback!(capacity)),
        ("used", callback!(used)),
        ("read", callback!(read)),
        ("write", callback!(write)),
        ("setCapacity", callback!(set_capacity)),
        ("append", callback!(append)),
        ("trim", callback!(trim)),
        ("view", callback!(view)),
        ("openings", callback!(openings)),
    )
}

/// `capacity(handle)`: returns the number of bytes that can be used.
fn capacity<'s>(call: &Call<'s>) -> Outcome<'s> {
    let bytes = with(call, |segment| Ok(segment.capacity()))?;
    call.js.number(bytes as f64).map(Some)
}

/// `used(handle)`: returns the number of bytes in use.
fn used<'s>(call: &Call<'s>) -> Outcome<'s> {
    let bytes = with(call, |segment| Ok(segment.size()?))?;
    call.js.number(bytes as f64).map(Some)
}

/// `read(handle, target, offset, length)`: copies bytes to the start of a `Uint8Array`.
fn read<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (start, capacity) = bytes(call, 1)?;
    let length = call.number(3) as usize;
    if length > capacity {
        return Err(Failure::out_of_range("length", "at most that of the target", call.argument(3)));
    }
    // SAFETY: `length` bytes from the start lie within the array.
    with(call, |segment| Ok(unsafe { segment.read_to(call.number(2) as u64, start, length) }?))?;
    Ok(None)
}

/// `write(handle, data, offset)`: copies all bytes of a `Uint8Array` into the segment.
fn write<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (start, length) = bytes(call, 1)?;
    // SAFETY: these are the bytes of the array.
    with(call, |segment| Ok(unsafe { segment.write_from(call.number(2) as u64, start, length) }?))?;
    Ok(None)
}

/// `setCapacity(handle, bytes)`: changes the number of bytes that can be used.
fn set_capacity<'s>(call: &Call<'s>) -> Outcome<'s> {
    with(call, |segment| Ok(segment.set_capacity(call.number(1) as u64, DEFAULT_LOCK_TIMEOUT)?))?;
    Ok(None)
}

/// `append(handle, data)`: copies all bytes of a `Uint8Array` to the end.
fn append<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (start, length) = bytes(call, 1)?;
    // SAFETY: these are the bytes of the array.
    with(call, |segment| Ok(unsafe { segment.append_from(start, length, DEFAULT_LOCK_TIMEOUT) }?))?;
    Ok(None)
}

/// `trim(handle, offset)`: cuts off the bytes from `offset` on.
fn trim<'s>(call: &Call<'s>) -> Outcome<'s> {
    with(call, |segment| Ok(segment.trim(call.number(1) as u64, DEFAULT_LOCK_TIMEOUT)?))?;
    Ok(None)
}

/// `view(handle)`: returns an `ArrayBuffer` of at least the capacity, which must not be 0; `undefined` where the
/// runtime makes none. The view of a read-only handle shows private memory, so that a store affects no other process.
fn view<'s>(call: &Call<'s>) -> Outcome<'s> {
    let memory = with(call, |segment| match segment.membership().is_read_only() {
        true => Ok(segment.private_memory()?),
        false => Ok(segment.memory()?),
    })?;
    let Some(memory) = memory else { return Ok(None) };
    let (start, length) = (memory.base(), memory.len());
    // SAFETY: the memory stays mapped and writable as long as it has owners.
    let made = unsafe { external_buffer(call.js, start, length, memory) }?;
    Ok(made.map(|(buffer, _)| buffer))
}

/// `openings(handle)`: returns how often a process has opened it.
fn openings<'s>(call: &Call<'s>) -> Outcome<'s> {
    let openings = with(call, |segment| Ok(segment.openings()))?;
    call.js.number(openings as f64).map(Some)
}

fn with<'s, T>(
    call: &Call<'s>,
    work: impl FnOnce(&Arc<SharedSegment>) -> Result<T, Failure<'s>>,
) -> Result<T, Failure<'s>> {
    call.handle::<SharedSegment, _>(|handle| work(&handle.named.object))
}

fn bytes<'s>(call: &Call<'s>, index: usize) -> Result<(*mut u8, usize), Failure<'s>> {
    let array = call.argument(index);
    let no_bytes = || Failure::argument_type("data", "a Uint8Array whose buffer is not detached", array);
    call.js.typed_array(array).ok_or_else(no_bytes)
}
