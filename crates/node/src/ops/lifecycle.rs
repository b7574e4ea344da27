//! Opening and closing, and what can be done with names alone.

use super::options;
use crate::call::{Call, Outcome};
use crate::failure::Failure;
use crate::open::Open;
use crate::view::View;
use shmkit_core::error::Error;
use shmkit_core::lifecycle::{self, Handle};

/// `create(name, options)`: see `opened`.
pub fn create<'s>(call: &Call<'s>) -> Outcome<'s> {
    let segment = options::segment(call, call.argument(1))?;
    let handle = options::handle(call, call.argument(1))?;
    opened(call, lifecycle::create(&name(call)?, &segment, &handle)?)
}

/// `open(name, options)`: see `opened`.
pub fn open<'s>(call: &Call<'s>) -> Outcome<'s> {
    let handle = options::handle(call, call.argument(1))?;
    opened(call, lifecycle::open(&name(call)?, &handle)?)
}

/// `openOrCreate(name, options)`: see `opened`.
pub fn open_or_create<'s>(call: &Call<'s>) -> Outcome<'s> {
    let segment = options::segment(call, call.argument(1))?;
    let handle = options::handle(call, call.argument(1))?;
    opened(call, lifecycle::open_or_create(&name(call)?, &segment, &handle)?)
}

/// `close(handle)`. Harmless if it is closed already.
pub fn close<'s>(call: &Call<'s>) -> Outcome<'s> {
    // Taken out first, so that nothing is borrowed while closing talks to the system.
    let mut open = call.state.handles.borrow_mut().remove(call.small(0));
    if let Some(view) = open.as_mut().and_then(|open| open.view.take()) {
        view.detach(call.js);
    }
    drop(open);
    Ok(None)
}

/// `view(handle)`: an `ArrayBuffer` of the segment's own memory, until the handle is closed;
/// `undefined` where the runtime forbids such buffers. Called once a handle.
pub fn view<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.open(|open| {
        let Some((view, buffer)) = View::make(call.js, &open.dict.segment().region)? else {
            return Ok(None);
        };
        open.view = Some(view);
        Ok(Some(buffer))
    })
}

/// `releaseNames()`: removes the names of all owners among this thread's handles, which stay usable.
pub fn release_names<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.state.handles.borrow_mut().iter_mut().for_each(Open::release_name);
    Ok(None)
}

/// `unlink(name, dir)`: whether there was such a name.
pub fn unlink<'s>(call: &Call<'s>) -> Outcome<'s> {
    let dir = options::directory(call, call.argument(1));
    call.js.boolean(lifecycle::unlink(&name(call)?, dir)?).map(Some)
}

/// `prune(dir)`: an array of the names removed.
pub fn prune<'s>(call: &Call<'s>) -> Outcome<'s> {
    let names = lifecycle::prune(options::directory(call, call.argument(0)))?;
    call.js.collect(&names, |name| call.js.text(name)).map(Some)
}

/// `list(dir)`: an array of objects.
pub fn list<'s>(call: &Call<'s>) -> Outcome<'s> {
    let js = call.js;
    let segments = lifecycle::list(options::directory(call, call.argument(0)))?;
    let objects = js.collect(&segments, |segment| {
        let object = js.object()?;
        js.set(object, c"name", js.text(&segment.name)?)?;
        js.set(object, c"size", js.number(segment.size as f64)?)?;
        js.set(object, c"entries", js.number(segment.entries as f64)?)?;
        js.set(object, c"processes", js.collect(&segment.processes, |pid| js.number(f64::from(*pid)))?)?;
        js.set(object, c"stale", js.boolean(segment.stale)?)?;
        Ok(object)
    })?;
    Ok(Some(objects))
}

/// An object that tells the number of the new handle, and what never changes about it.
fn opened<'s>(call: &Call<'s>, handle: Handle) -> Outcome<'s> {
    let js = call.js;
    let object = js.object()?;
    js.set(object, c"path", js.text(&handle.path.to_string_lossy())?)?;
    let segment = format!("{:016x}", handle.dict.segment().superblock.segment_id);
    js.set(object, c"segment", js.text(&segment)?)?;
    js.set(object, c"owner", js.boolean(handle.owner)?)?;
    js.set(object, c"readOnly", js.boolean(handle.dict.is_read_only())?)?;
    js.set(object, c"evicts", js.boolean(handle.dict.segment().evict)?)?;
    let number = call.state.handles.borrow_mut().insert(Open::new(handle));
    js.set(object, c"id", js.number(f64::from(number))?)?;
    Ok(Some(object))
}

fn name<'s>(call: &Call<'s>) -> Result<String, Failure<'s>> {
    options::string(call, call.argument(0))
        .ok_or_else(|| Error::InvalidName("(not a string)".to_owned()).into())
}
