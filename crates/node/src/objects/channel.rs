//! Channels. A subscription is two numbers that JavaScript keeps: a position, and how many messages were posted before
//! it.

#![expect(unsafe_code, reason = "lends the bytes of a value that JavaScript owns")]

use crate::exports::Export;
use crate::objects::handle::Binding;
use crate::objects::stored::{bytes_of, stored_to_js};
use crate::objects::wait::condition_met;
use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::js::{Local, Type};
use crate::runtime::options::Options;
use crate::{callback, kind_exports};
use shmkit_object::error::Error;
use shmkit_object::lifecycle::{HandleOptions, Named};
use shmkit_object::waiter::{Polled, WaitCondition};
use shmkit_primitives::channel::{
    Batch, Channel, ChannelOptions, LOCK_TIMEOUT, Message, Start, Subscription, Unheard,
};

impl Binding for Channel {
    /// The messages of the last read, whose memory the next one uses again.
    type Data = Batch;

    fn options<'s>(options: &Options<'_, 's>) -> Result<ChannelOptions, Failure<'s>> {
        Ok(ChannelOptions {
            size: options.number(c"size")?.map(|bytes| bytes as u64),
            naming: options.naming()?,
        })
    }

    fn data(_named: &Named<Channel>, _options: &HandleOptions) -> Batch {
        Batch::default()
    }
}

/// Lists the functions.
pub fn exports() -> Vec<Export> {
    kind_exports!(
        Channel,
        ("post", callback!(post, 3)),
        ("subscribe", callback!(subscribe)),
        ("next", callback!(next)),
        ("wait", callback!(wait)),
        ("stats", callback!(stats)),
    )
}

/// `post(handle, value, kind)`: posts a value. The call frame gets its sequence number as a version.
fn post<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (mut scratch, mut scalar) = (call.state.value.borrow_mut(), [0; 8]);
    // SAFETY: TypeScript passes no shared memory (`values.ts`), and posting runs no JavaScript.
    let value = unsafe { call.value(1, &mut scratch) }?;
    let message = Message { kind: value.kind as u8, bytes: bytes_of(&value, &mut scalar) };
    let sequence =
        call.handle::<Channel, _>(|handle| Ok(handle.named.object.post(message, LOCK_TIMEOUT)?))?;
    scratch.trim();
    call.state.frame.entry(sequence, 0.0);
    Ok(None)
}

fn subscription(call: &Call<'_>) -> Subscription {
    Subscription::at(call.number(1) as u64, call.number(2) as u64)
}

/// Puts the two numbers of a subscription into the call frame: the position as a number, the other one as seconds.
fn tell(call: &Call<'_>, first: u64, subscription: &Subscription) {
    call.state.frame.entry(first, subscription.number() as f64);
    call.state.frame.return_number(subscription.position() as f64);
}

/// `subscribe(handle, fromOldest)`: starts a subscription.
fn subscribe<'s>(call: &Call<'s>) -> Outcome<'s> {
    let start = if call.flag(1) { Start::Oldest } else { Start::Now };
    let subscription = call.handle::<Channel, _>(|handle| Ok(handle.named.object.subscribe(start)?))?;
    tell(call, 0, &subscription);
    Ok(None)
}

/// `next(handle, position, number, most)`: returns an array of the next messages, at most this many, and none if there
/// are none yet. A `Buffer` is followed by its kind. The call frame gets the sequence number of the first one, and the
/// subscription after them.
fn next<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (mut subscription, most) = (subscription(call), call.small(3) as usize);
    call.handle::<Channel, _>(|handle| {
        let batch = &mut handle.data;
        handle.named.object.read(&mut subscription, batch, most.max(1))?;
        let made = array_of(call, batch)?;
        tell(call, batch.first, &subscription);
        batch.trim();
        Ok(Some(made))
    })
}

fn array_of<'s>(call: &Call<'s>, batch: &Batch) -> Result<Local<'s>, Failure<'s>> {
    let (array, mut length) = (call.js.array()?, 0);
    for (kind, bytes) in batch.iter() {
        let (made, kind) = stored_to_js(call, kind, bytes)?;
        call.js.put(array, length, made)?;
        length += 1;
        if call.js.type_of(made) == Type::Other {
            let kind = call.js.number(f64::from(kind))?;
            call.js.put(array, length, kind)?;
            length += 1;
        }
    }
    Ok(array)
}

/// `wait(handle, position, number)`: returns true if there is a message now, or a ticket.
fn wait<'s>(call: &Call<'s>) -> Outcome<'s> {
    let mut unheard = Unheard::new(call.object::<Channel>()?, subscription(call));
    match unheard.poll(false) {
        Polled::Done => call.js.boolean(true).map(Some),
        Polled::Failed(error) => Err(Error::into(error)),
        Polled::Unavailable { .. } => call.wait::<Channel>(None, condition_met, |_| Ok(Box::new(unheard))),
    }
}

/// `stats(handle)`: returns an object.
fn stats<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (stats, processes) = call.handle::<Channel, _>(|handle| {
        let channel = &handle.named.object;
        Ok((channel.stats()?, channel.processes()))
    })?;
    let numbers = [
        (c"capacity", stats.capacity as f64),
        (c"used", stats.used as f64),
        (c"messages", stats.messages as f64),
        (c"posted", stats.posted as f64),
        (c"takeovers", stats.taken_over as f64),
        (c"processes", processes as f64),
    ];
    call.js.numbers(&numbers).map(Some)
}
