//! Opening and closing, and what can be done with names alone.

use crate::dict::handle::DictHandle;
use crate::runtime::call::{Call, Outcome};
use crate::runtime::options;
use crate::runtime::view::View;
use shmkit_dict::kind::{self, Handle};

/// `create(name, options)`: see `opened`.
pub fn create<'s>(call: &Call<'s>) -> Outcome<'s> {
    let segment = options::segment(call, call.argument(1))?;
    let handle = options::handle(call, call.argument(1))?;
    opened(call, kind::create(&options::name(call)?, &segment, &handle)?)
}

/// `open(name, options)`: see `opened`.
pub fn open<'s>(call: &Call<'s>) -> Outcome<'s> {
    let handle = options::handle(call, call.argument(1))?;
    opened(call, kind::open(&options::name(call)?, &handle)?)
}

/// `openOrCreate(name, options)`: see `opened`.
pub fn open_or_create<'s>(call: &Call<'s>) -> Outcome<'s> {
    let segment = options::segment(call, call.argument(1))?;
    let handle = options::handle(call, call.argument(1))?;
    opened(call, kind::open_or_create(&options::name(call)?, &segment, &handle)?)
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
    call.state.handles.borrow_mut().iter_mut().for_each(DictHandle::release_name);
    call.state.named.borrow_mut().iter_mut().for_each(|handle| handle.release_name());
    Ok(None)
}

/// `unlink(name, dir)`: whether there was such a name.
pub fn unlink<'s>(call: &Call<'s>) -> Outcome<'s> {
    let dir = options::directory(call, call.argument(1));
    call.js.boolean(kind::unlink(&options::name(call)?, dir)?).map(Some)
}

/// `prune(dir)`: an array of the names removed.
pub fn prune<'s>(call: &Call<'s>) -> Outcome<'s> {
    let names = kind::prune(options::directory(call, call.argument(0)))?;
    call.js.collect(&names, |name| call.js.text(name)).map(Some)
}

/// `list(dir)`: an array of objects.
pub fn list<'s>(call: &Call<'s>) -> Outcome<'s> {
    let segments = kind::list(options::directory(call, call.argument(0)))?;
    options::listed(call, &segments).map(Some)
}

/// An object that tells the number of the new handle, and what never changes about it.
fn opened<'s>(call: &Call<'s>, handle: Handle) -> Outcome<'s> {
    let segment_id = handle.dict.segment().superblock.segment_id;
    let read_only = handle.dict.is_read_only();
    let object = options::opened(call, &handle.path, segment_id, handle.owner, read_only)?;
    call.js.set(object, c"evicts", call.js.boolean(handle.dict.segment().evict)?)?;
    let number = call.state.handles.borrow_mut().insert(DictHandle::new(handle));
    call.js.set(object, c"id", call.js.number(f64::from(number))?)?;
    Ok(Some(object))
}
