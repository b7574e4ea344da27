//! Rings.
//!
//! Bytes are copied directly between JavaScript's arrays and the ring. No JavaScript of this thread runs meanwhile, and
//! TypeScript passes no memory that other threads share.

#![allow(unsafe_code, reason = "receives into arrays of JavaScript")]

use crate::exports::Export;
use crate::objects::handle::Binding;
use crate::objects::wait::condition_met;
use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use crate::runtime::options::Options;
use crate::{callback, kind_exports};
use shmkit_dict::ViewBytes;
use shmkit_object::error::Error;
use shmkit_object::lifecycle::{HandleOptions, Named};
use shmkit_object::waiter::Polled;
use shmkit_primitives::ring::{EndAttempt, LOCK_TIMEOUT, Received, Ring, RingEnd, RingOptions};
use std::slice;
use std::time::Duration;

/// Returned by `send` and `receive` while another participant holds that end's lock.
const BUSY: f64 = -1.0;
/// Returned by `receive`, less the bytes of the next message, if that does not fit. The first length is then
/// the size of a target that has space for all messages in the ring, or 2^32 - 1 if that is larger.
const TOO_LONG: f64 = -2.0;

impl Binding for Ring {
    type Data = ();

    fn options<'s>(options: &Options<'_, 's>) -> Result<RingOptions, Failure<'s>> {
        Ok(RingOptions {
            size: options.number(c"size")?.map(|bytes| bytes as u64),
            wipe: options.flag(c"wipe")?,
            naming: options.naming()?,
        })
    }

    fn data(_named: &Named<Ring>, _options: &HandleOptions) {}
}

/// Lists the functions.
pub fn exports() -> Vec<Export> {
    kind_exports!(
        Ring,
        ("send", callback!(send)),
        ("sendMany", callback!(send_many)),
        ("sendSync", callback!(send_sync)),
        ("receive", callback!(receive)),
        ("receiveSync", callback!(receive_sync)),
        ("peek", callback!(peek)),
        ("wait", callback!(wait)),
        ("stats", callback!(stats)),
    )
}

/// Returns `None` for a call that must not block.
fn lock_timeout(may_block: bool) -> Option<Duration> {
    may_block.then_some(LOCK_TIMEOUT)
}

/// Returns the bytes of a message.
///
/// # Safety
/// As for [`Js::to_bytes`].
unsafe fn bytes<'s>(js: Js<'s>, value: Local<'s>) -> Result<&'s [u8], Failure<'s>> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { js.to_bytes(value) };
    bytes.ok_or_else(|| Failure::argument_type("data", "a Uint8Array whose buffer is not detached", value))
}

fn sent<'s>(call: &Call<'s>, attempt: EndAttempt<usize>) -> Outcome<'s> {
    let number = match attempt {
        EndAttempt::Done(count) => count as f64,
        EndAttempt::Busy => BUSY,
    };
    call.js.number(number).map(Some)
}

/// `send(handle, bytes, mayBlock)`: returns 1, 0 if there is no space, or BUSY.
fn send<'s>(call: &Call<'s>) -> Outcome<'s> {
    // SAFETY: TypeScript passes no shared memory (`bytesOfData`), and sending runs no JavaScript.
    let message = unsafe { bytes(call.js, call.argument(1)) }?;
    let lock_timeout = lock_timeout(call.flag(2));
    sent(call, call.handle::<Ring, _>(|handle| Ok(handle.named.object.send(&[message], lock_timeout)?))?)
}

/// `sendMany(handle, array)`: returns how many of the messages, from the first on, were sent.
fn send_many<'s>(call: &Call<'s>) -> Outcome<'s> {
    let array = call.argument(1);
    let count = call.js.length(array).unwrap_or(0);
    // All elements before the first bytes: reading an element could run JavaScript.
    let elements =
        (0..count).map(|index| call.js.element(array, index)).collect::<Result<Vec<_>, Failure<'s>>>()?;
    // SAFETY: TypeScript passes no shared memory (`bytesOfData`), and neither this nor sending runs JavaScript.
    let messages = elements.into_iter().map(|element| unsafe { bytes(call.js, element) });
    let messages = messages.collect::<Result<Vec<_>, _>>()?;
    sent(call, call.handle::<Ring, _>(|handle| Ok(handle.named.object.send(&messages, Some(LOCK_TIMEOUT))?))?)
}

/// `sendSync(handle, bytes, timeout)`: returns whether there was space in time. Blocks the thread.
fn send_sync<'s>(call: &Call<'s>) -> Outcome<'s> {
    let ring = call.object::<Ring>()?;
    let sent = call.block(call.timeout(2), |wait| {
        // SAFETY: TypeScript passes no shared memory (`bytesOfData`), and an attempt runs no JavaScript.
        let message = unsafe { bytes(call.js, call.argument(1)) }?;
        Ok(ring.send_blocking(message, wait)?)
    })?;
    call.js.boolean(sent).map(Some)
}

/// The destination of messages and of their lengths.
struct Target<'s> {
    bytes: &'s mut [u8],
    lengths: &'s mut [u32],
}

/// Returns the bytes of a `Uint8Array` from an offset on, and those of another one that is aligned to 4, for at most
/// `most` lengths. Arguments: `(handle, target, offset, lengths, most)`.
///
/// # Safety
/// The arrays are no views of a `SharedArrayBuffer` and do not overlap, and no JavaScript of this thread runs before
/// the last use of the target.
unsafe fn target<'s>(call: &Call<'s>) -> Result<Target<'s>, Failure<'s>> {
    let wrong = |index| Failure::argument_type("target", "a Uint8Array", call.argument(index));
    let (start, length) = call.js.typed_array(call.argument(1)).ok_or_else(|| wrong(1))?;
    let offset = (call.small(2) as usize).min(length);
    let (numbers, bytes) = call.js.typed_array(call.argument(3)).ok_or_else(|| wrong(3))?;
    let numbers = numbers.cast::<u32>();
    let most = (call.small(4) as usize).min(bytes / 4);
    if !numbers.is_aligned() || start.is_null() || numbers.is_null() {
        return Err(wrong(3));
    }
    // SAFETY: `offset` is at most the length of the view that starts there.
    let start = unsafe { start.add(offset) };
    // SAFETY: the rest of the view, initialised as all memory of JavaScript is, and nothing else uses it before the
    // target's last use (the caller's promise).
    let bytes = unsafe { slice::from_raw_parts_mut(start, length - offset) };
    // SAFETY: as above; aligned, and the view has space for `most` of them.
    let lengths = unsafe { slice::from_raw_parts_mut(numbers, most) };
    Ok(Target { bytes, lengths })
}

fn received<'s>(call: &Call<'s>, received: Received, lengths: &mut [u32]) -> Outcome<'s> {
    let number = match received {
        Received::Messages(count) => count as f64,
        Received::TooLong { length, all } => {
            if let Some(first) = lengths.first_mut() {
                *first = all.try_into().unwrap_or(u32::MAX);
            }
            TOO_LONG - length as f64
        }
    };
    call.js.number(number).map(Some)
}

/// `receive(handle, target, offset, lengths, most, mayBlock)`: returns the number of messages copied, TOO_LONG less the
/// bytes of the next one, or BUSY.
fn receive<'s>(call: &Call<'s>) -> Outcome<'s> {
    let lock_timeout = lock_timeout(call.flag(5));
    // SAFETY: TypeScript passes its own memory for the lengths, and no shared memory (`receive-buffer.ts`); receiving
    // runs no JavaScript.
    let Target { bytes, lengths } = unsafe { target(call) }?;
    match call.handle::<Ring, _>(|handle| Ok(handle.named.object.receive(bytes, lengths, lock_timeout)?))? {
        EndAttempt::Done(done) => received(call, done, lengths),
        EndAttempt::Busy => call.js.number(BUSY).map(Some),
    }
}

/// `receiveSync(handle, target, offset, lengths, most, timeout)`: like `receive`, but returns 0 only after the timeout.
/// Blocks the thread.
fn receive_sync<'s>(call: &Call<'s>) -> Outcome<'s> {
    let ring = call.object::<Ring>()?;
    call.block(call.timeout(5), |wait| {
        // SAFETY: TypeScript passes its own memory for the lengths, and no shared memory (`receive-buffer.ts`); an attempt
        // runs no JavaScript.
        let Target { bytes, lengths } = unsafe { target(call) }?;
        let done = ring.receive_blocking(bytes, lengths, wait)?;
        done.map(|done| received(call, done, lengths)).transpose()
    })
}

/// `peek(handle, most)`: returns copies of the oldest messages, at most this many, as an array.
fn peek<'s>(call: &Call<'s>) -> Outcome<'s> {
    let most = call.small(1) as usize;
    let messages = call.handle::<Ring, _>(|handle| Ok(handle.named.object.peek(most)?))?;
    call.js.collect(messages, |message| call.js.buffer_of(ViewBytes::Private(&message))).map(Some)
}

/// `wait(handle, isSender, bytes)`: returns true if the caller should try again now, or a ticket. `bytes` is the length
/// of the message to be sent.
fn wait<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (ring, length) = (call.object::<Ring>()?, call.number(2) as usize);
    let end = if call.flag(1) { RingEnd::Send } else { RingEnd::Receive };
    let mut readiness = ring.wait_for(end, length);
    match readiness.poll(false) {
        Polled::Done => call.js.boolean(true).map(Some),
        Polled::Failed(error) => Err(Error::into(error)),
        Polled::Unavailable { .. } => call.wait::<Ring>(None, condition_met, |_| Ok(readiness)),
    }
}

/// `stats(handle)`: returns an object.
fn stats<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (stats, processes) = call.handle::<Ring, _>(|handle| {
        let ring = &handle.named.object;
        Ok((ring.stats()?, ring.processes()))
    })?;
    let takeovers = call.js.numbers(&[
        (c"senders", stats.senders_taken_over as f64),
        (c"receivers", stats.receivers_taken_over as f64),
    ])?;
    let object = call.js.numbers(&[
        (c"capacity", stats.capacity as f64),
        (c"used", stats.used as f64),
        (c"messages", stats.messages as f64),
        (c"sent", stats.sent as f64),
        (c"received", stats.received as f64),
        (c"processes", processes as f64),
    ])?;
    call.js.set(object, c"takeovers", takeovers)?;
    Ok(Some(object))
}
