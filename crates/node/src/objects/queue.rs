//! Queues. A claimed job is an array of the number of its claim, its id, how often it was handed out, its value, and the
//! value's kind, which counts if the value is a `Buffer`.

#![expect(unsafe_code, reason = "lends the bytes of a value that JavaScript owns")]

mod figures;

use crate::exports::Export;
use crate::objects::handle::{Binding, Handle, with_handle};
use crate::objects::stored::{bytes_of, stored_to_js, text_of_argument};
use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local, Type};
use crate::runtime::options::Options;
use crate::runtime::slots::Slots;
use crate::runtime::state::State;
use crate::runtime::text;
use crate::{callback, kind_exports};
use shmkit_object::error::Error;
use shmkit_object::lifecycle::{HandleOptions, Named};
use shmkit_os as os;
use shmkit_primitives::queue::{
    ClaimAttempt, ClaimId, ClaimedJob, DeadJob, JobId, JobValue, LOCK_TIMEOUT, PendingClaim, Queue,
    QueueOptions,
};
use std::any::Any;
use std::time::Duration;

/// A job that a handle has claimed.
#[derive(Debug)]
pub struct HeldJob {
    claim: ClaimId,
    /// Present until JavaScript fetches it, if it was waited for.
    job: Option<Box<ClaimedJob>>,
}

impl Binding for Queue {
    /// The jobs that this handle has claimed.
    type Data = Slots<HeldJob>;

    fn options<'s>(options: &Options<'_, 's>) -> Result<QueueOptions, Failure<'s>> {
        Ok(QueueOptions {
            size: options.number(c"size")?.map(|bytes| bytes as u64),
            max_size: options.number(c"maxSize")?.map(|bytes| bytes as u64),
            max_attempts: options.number(c"maxAttempts")?.map(|attempts| attempts as u32),
            wipe: options.flag(c"wipe")?,
            naming: options.naming()?,
        })
    }

    fn data(_named: &Named<Queue>, _options: &HandleOptions) -> Slots<HeldJob> {
        Slots::default()
    }

    fn on_close(handle: &mut Handle<Queue>) {
        for held in handle.data.iter_mut() {
            // Fails only while a stopped process changes the queue; the job then comes back with the end of this process.
            let _: Result<(), Error> = handle.named.object.abandon(held.claim);
        }
    }
}

/// Lists the functions.
pub fn exports() -> Vec<Export> {
    kind_exports!(
        Queue,
        ("push", callback!(push)),
        ("tryClaim", callback!(try_claim, 2)),
        ("claim", callback!(claim)),
        ("take", callback!(take)),
        ("done", callback!(done, 2)),
        ("fail", callback!(fail)),
        ("update", callback!(update)),
        ("claims", callback!(claims)),
        ("release", callback!(release)),
        ("dead", callback!(dead)),
        ("deadJob", callback!(dead_job)),
        ("retry", callback!(retry)),
        ("discard", callback!(discard)),
        ("stats", callback!(figures::stats)),
        ("space", callback!(figures::space)),
    )
}

/// `push(handle, value, kind, delay, id)`: pushes a job that becomes ready after `delay` nanoseconds. Returns its id, or
/// false if there is a job with this id.
fn push<'s>(call: &Call<'s>) -> Outcome<'s> {
    let id = match call.js.type_of(call.argument(4)) {
        Type::Undefined => None,
        _ => Some(id(call, 4)?),
    };
    let (mut scratch, mut scalar) = (call.state.value.borrow_mut(), [0; 8]);
    // SAFETY: TypeScript passes no shared memory (`values.ts`), and pushing runs no JavaScript.
    let value = unsafe { call.value(1, &mut scratch) }?;
    let value = JobValue { kind: value.kind as u8, bytes: bytes_of(&value, &mut scalar) };
    let delay = Duration::from_nanos(call.number(3) as u64);
    let pushed =
        call.handle::<Queue, _>(|handle| Ok(handle.named.object.push(value, delay, id.as_ref())?))?;
    scratch.trim();
    match pushed {
        Some(id) => text_of(call.js, &id).map(Some),
        None => call.js.boolean(false).map(Some),
    }
}

fn id<'s>(call: &Call<'s>, index: usize) -> Result<JobId, Failure<'s>> {
    let (bytes, wide) = text_of_argument(call, index, "id")?;
    Ok(JobId::new(&bytes, wide)?)
}

fn text_of<'s>(js: Js<'s>, id: &JobId) -> Result<Local<'s>, Failure<'s>> {
    if !id.wide {
        return js.latin1(&id.bytes);
    }
    let mut units = Vec::new();
    text::load(&id.bytes, &mut units);
    js.utf16(&units)
}

/// Makes the array of a job.
fn array_of<'s>(call: &Call<'s>, number: u32, job: &ClaimedJob) -> Result<Local<'s>, Failure<'s>> {
    let js = call.js;
    let array = js.array()?;
    let (made, kind) = stored_to_js(call, job.kind, &job.bytes)?;
    let (attempts, kind) = (f64::from(job.attempts), f64::from(kind));
    let parts =
        [js.number(number.into())?, text_of(js, &job.id)?, js.number(attempts)?, made, js.number(kind)?];
    for (index, part) in (0..).zip(parts) {
        js.put(array, index, part)?;
    }
    Ok(array)
}

fn claimed<'s>(call: &Call<'s>, job: &ClaimedJob) -> Outcome<'s> {
    let held = HeldJob { claim: job.claim, job: None };
    let number = call.handle::<Queue, _>(|handle| Ok(handle.data.insert(held)))?;
    array_of(call, number, job).map(Some)
}

/// `tryClaim(handle, mayBlock)`: returns the next job, `undefined` if there is none, or false while another participant
/// holds the lock.
fn try_claim<'s>(call: &Call<'s>) -> Outcome<'s> {
    let lock_timeout = call.flag(1).then_some(LOCK_TIMEOUT);
    match call.handle::<Queue, _>(|handle| Ok(handle.named.object.try_claim(lock_timeout)?))? {
        ClaimAttempt::Claimed(job) => claimed(call, &job),
        ClaimAttempt::Empty => Ok(None),
        ClaimAttempt::Busy => call.js.boolean(false).map(Some),
    }
}

/// `claim(handle, timeout)`: returns the next job, `undefined` if there is none and the timeout is 0, or a ticket, under
/// which the number of the claim will be delivered; see `take`.
fn claim<'s>(call: &Call<'s>) -> Outcome<'s> {
    let timeout = call.timeout(1);
    let attempt = call.handle::<Queue, _>(|handle| Ok(handle.named.object.try_claim(None)?))?;
    match attempt {
        ClaimAttempt::Claimed(job) => claimed(call, &job),
        ClaimAttempt::Empty if timeout == Some(Duration::ZERO) => Ok(None),
        _ => call.wait::<Queue>(timeout, deliver, |queue| Ok(Box::new(PendingClaim::new(queue)))),
    }
}

/// Makes the handle the holder, if it is still open. Otherwise the job goes back.
fn deliver<'s>(
    js: Js<'s>,
    state: &State,
    handle: u32,
    pending: Box<dyn Any>,
) -> Result<Local<'s>, Failure<'s>> {
    let number = with_handle::<Queue, _>(state, handle, |handle| {
        let job = pending.downcast::<PendingClaim>().ok().and_then(|pending| pending.into_job());
        let job = Box::new(job.ok_or(Error::Closed)?);
        Ok(handle.data.insert(HeldJob { claim: job.claim, job: Some(job) }))
    })?;
    js.number(f64::from(number))
}

/// `take(handle, number)`: returns the job that was delivered under this number.
fn take<'s>(call: &Call<'s>) -> Outcome<'s> {
    let number = call.small(1);
    let job = call.handle::<Queue, _>(|handle| {
        let held = handle.data.get_mut(number).ok_or(Error::NotClaimed)?;
        Ok(held.job.take().ok_or(Error::NotClaimed)?)
    })?;
    array_of(call, number, &job).map(Some)
}

/// Ends the claim of a number. A claim that has ended otherwise is forgotten.
fn end<'s>(call: &Call<'s>, work: impl FnOnce(&Queue, ClaimId) -> Result<(), Error>) -> Outcome<'s> {
    let number = call.small(1);
    call.handle::<Queue, _>(|handle| {
        let claim = handle.data.get_mut(number).ok_or(Error::NotClaimed)?.claim;
        let ended = work(&handle.named.object, claim);
        if matches!(ended, Ok(()) | Err(Error::NotClaimed)) {
            handle.data.remove(number);
        }
        Ok(ended?)
    })?;
    Ok(None)
}

/// `done(handle, number)`: removes the job.
fn done<'s>(call: &Call<'s>) -> Outcome<'s> {
    end(call, Queue::done)
}

/// `fail(handle, number, delay)`: makes the job ready again after `delay` nanoseconds, or dead.
fn fail<'s>(call: &Call<'s>) -> Outcome<'s> {
    let delay = Duration::from_nanos(call.number(2) as u64);
    end(call, |queue, claim| queue.fail(claim, delay))
}

/// `update(handle, number, value, kind)`: replaces the job's value.
fn update<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (mut scratch, mut scalar) = (call.state.value.borrow_mut(), [0; 8]);
    // SAFETY: TypeScript passes no shared memory (`values.ts`), and updating runs no JavaScript.
    let value = unsafe { call.value(2, &mut scratch) }?;
    let value = JobValue { kind: value.kind as u8, bytes: bytes_of(&value, &mut scalar) };
    let number = call.small(1);
    call.handle::<Queue, _>(|handle| {
        let claim = handle.data.get_mut(number).ok_or(Error::NotClaimed)?.claim;
        Ok(handle.named.object.update(claim, value)?)
    })?;
    scratch.trim();
    Ok(None)
}

/// `claims(handle, peek)`: returns a flat array of id, pid, age in milliseconds, and attempts. `peek` does without the lock.
fn claims<'s>(call: &Call<'s>) -> Outcome<'s> {
    let queue = call.object::<Queue>()?;
    let rows = if call.flag(1) { queue.observed_claims()? } else { queue.claims()? };
    let (js, now) = (call.js, os::clock::boot_ns());
    let (array, mut length) = (js.array()?, 0);
    for row in rows {
        let age = now.saturating_sub(row.since) as f64 / 1e6;
        let numbers = [f64::from(row.pid), age, f64::from(row.attempts)].map(|number| js.number(number));
        let [pid, age, attempts] = numbers;
        for part in [text_of(js, &row.id)?, pid?, age?, attempts?] {
            js.put(array, length, part)?;
            length += 1;
        }
    }
    Ok(Some(array))
}

fn by_id<'s>(call: &Call<'s>, work: impl FnOnce(&Queue, &JobId) -> Result<bool, Error>) -> Outcome<'s> {
    let id = id(call, 1)?;
    let done = call.handle::<Queue, _>(|handle| Ok(work(&handle.named.object, &id)?))?;
    call.js.boolean(done).map(Some)
}

/// `release(handle, id)`: ends a claim by hand; returns whether there was one.
fn release<'s>(call: &Call<'s>) -> Outcome<'s> {
    by_id(call, Queue::release)
}

/// `retry(handle, id)`: makes a dead job ready; returns whether there was one.
fn retry<'s>(call: &Call<'s>) -> Outcome<'s> {
    by_id(call, Queue::retry)
}

/// `discard(handle, id)`: removes a dead job; returns whether there was one.
fn discard<'s>(call: &Call<'s>) -> Outcome<'s> {
    by_id(call, Queue::discard)
}

/// `dead(handle)`: returns a flat array of two numbers for each dead job, for `deadJob`.
fn dead<'s>(call: &Call<'s>) -> Outcome<'s> {
    let jobs = call.object::<Queue>()?.dead()?;
    let numbers = jobs.into_iter().flat_map(|job| [f64::from(job.link), job.number as f64]);
    call.js.collect(numbers, |number| call.js.number(number)).map(Some)
}

/// `deadJob(handle, link, number)`: returns a dead job, without a claim; `undefined` if it is not dead any more.
fn dead_job<'s>(call: &Call<'s>) -> Outcome<'s> {
    let dead = DeadJob { link: call.small(1), number: call.number(2) as u64 };
    match call.object::<Queue>()?.dead_job(dead)? {
        Some(job) => array_of(call, 0, &job).map(Some),
        None => Ok(None),
    }
}
