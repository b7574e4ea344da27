//! Watching: what has changed, one batch per call.

use crate::dict::scan::{self, JoinedKeys};
use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::js::Type;
use shmkit_dict::segment::Segment;
use shmkit_dict::{Event, KeyPrefix, ViewBytes, Watcher};

/// The kind of [`Event::Cleared`]; those of changes are smaller. Repeated in src/dict/watch.ts.
const CLEARED: u32 = 5;
/// The kind of [`Event::Missed`].
const MISSED: u32 = 6;
/// Added to the kind of an event whose key is the first of the next string.
const NEXT_PIECE: u32 = 16;
/// The number of missed changes if it is not known.
const UNKNOWN: u64 = u64::MAX;

/// What watches for one iterator, and the prefix of the keys that it is told of.
#[derive(Debug)]
pub struct Watching {
    watcher: Watcher,
    prefix: Option<KeyPrefix>,
}

/// `watchStart(handle, prefix)`: returns the number of a new watcher, of all keys or of those that start with `prefix`.
pub fn start<'s>(call: &Call<'s>) -> Outcome<'s> {
    let prefix = match call.js.type_of(call.argument(1)) {
        Type::Undefined => None,
        _ => Some(scan::prefix(call, 1)?),
    };
    let number = call.dict(|data| {
        let watcher = data.dict.watch()?;
        Ok(data.watchers.insert(Watching { watcher, prefix }))
    })?;
    call.js.number(f64::from(number)).map(Some)
}

/// `watchRead(handle, watcher, most, events, woken)`: returns the keys of the next events, joined into strings.
/// `events` is a `Uint8Array`: the number of events, and whether there are more (2 x 4); for each its kind and where its key
/// ends (2 x 4), and the version or the number of missed changes (8). It has space for twice `most` events and one.
pub fn read<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (number, most) = (call.small(1), call.small(2) as usize);
    let mut batch = EventBatch::default();
    let has_more = call.dict(|data| {
        let Some(Watching { watcher, prefix }) = data.watchers.get_mut(number) else { return Ok(false) };
        if call.flag(4) {
            watcher.note_woken();
        }
        Ok(watcher.read(most, &mut |event| batch.add(event, prefix.as_ref()))?)
    })?;
    let mut out = Vec::with_capacity(8 + batch.events.len());
    out.extend((batch.count as u32).to_ne_bytes());
    out.extend(u32::from(has_more).to_ne_bytes());
    out.extend_from_slice(&batch.events);
    if call.js.copy_into(call.argument(3), 0, ViewBytes::Private(&out)) != Some(true) {
        return Err(Failure::argument_type(
            "events",
            "a Uint8Array with space for the batch",
            call.argument(3),
        ));
    }
    batch.keys.pieces(call).map(Some)
}

/// `watchWait(handle, watcher)`: returns the ticket of a wait until there is something to read.
pub fn wait<'s>(call: &Call<'s>) -> Outcome<'s> {
    let wait =
        call.dict(|data| Ok(data.watchers.get_mut(call.small(1)).map(|watching| watching.watcher.wait())))?;
    match wait {
        Some(wait) => call.wait::<Segment>(None, |js, _, _, _| js.undefined(), |_| Ok(Box::new(wait))),
        None => Ok(None),
    }
}

/// `watchEnd(handle, watcher)`: ends the watcher. Harmless if it has ended, or the handle is closed.
pub fn end<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.dict_if_open(|data| {
        data.watchers.remove(call.small(1));
        Ok(())
    })?;
    Ok(None)
}

/// The events of one batch.
#[derive(Default)]
struct EventBatch {
    keys: JoinedKeys,
    events: Vec<u8>,
    count: usize,
}

impl EventBatch {
    fn add(&mut self, event: Event<'_>, prefix: Option<&KeyPrefix>) {
        match event {
            Event::Changed(change, key, version) => {
                if prefix.is_none_or(|prefix| prefix.is_start_of(key)) {
                    let (pieces, _) = self.keys.end();
                    self.keys.add(key);
                    let is_next = self.keys.end().0 > pieces;
                    self.push(change as u32 + if is_next { NEXT_PIECE } else { 0 }, version);
                }
            }
            Event::Cleared => self.push(CLEARED, 0),
            Event::Missed(missed) => self.push(MISSED, missed.unwrap_or(UNKNOWN)),
        }
    }

    fn push(&mut self, kind: u32, value: u64) {
        self.count += 1;
        self.events.extend(kind.to_ne_bytes());
        self.events.extend(self.keys.end().1.to_ne_bytes());
        self.events.extend(value.to_ne_bytes());
    }
}
