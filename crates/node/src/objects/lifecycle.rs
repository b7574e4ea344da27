//! Opening and closing objects of any kind, and calls that take only names.

use crate::objects::handle::{Binding, Handle};
use crate::runtime::call::{Call, Outcome};
use crate::runtime::exit;
use crate::runtime::failure::{Failure, Subject};
use crate::runtime::options::{self, Options};
use shmkit_object::error::Error;
use shmkit_object::lifecycle::{HandleOptions, Named};

/// Lists the functions of a kind: those that all kinds have, and its own.
#[macro_export]
macro_rules! kind_exports {
    ($kind:ty $(, $own:expr)* $(,)?) => {
        vec![
            ("create", $crate::callback!($crate::objects::lifecycle::create::<$kind>)),
            ("open", $crate::callback!($crate::objects::lifecycle::open::<$kind>)),
            ("openOrCreate", $crate::callback!($crate::objects::lifecycle::open_or_create::<$kind>)),
            ("close", $crate::callback!($crate::objects::lifecycle::close)),
            ("unlink", $crate::callback!($crate::objects::lifecycle::unlink::<$kind>)),
            ("prune", $crate::callback!($crate::objects::lifecycle::prune::<$kind>)),
            ("list", $crate::callback!($crate::objects::lifecycle::list::<$kind>)),
            $($own,)*
        ]
    };
}

/// `create(name, options)`: creates an object; see `opened`.
pub fn create<'s, K: Binding>(call: &Call<'s>) -> Outcome<'s> {
    let options = Options::of(call);
    let (made, handle) = (K::options(&options)?, options.handle()?);
    let made = about::<K, _>(call, |name| Named::create(name, &made, &handle))?;
    opened::<K>(call, made, &handle)
}

/// `open(name, options)`: opens an object; see `opened`.
pub fn open<'s, K: Binding>(call: &Call<'s>) -> Outcome<'s> {
    let handle = Options::of(call).handle()?;
    opened::<K>(call, about::<K, _>(call, |name| Named::open(name, &handle))?, &handle)
}

/// `openOrCreate(name, options)`: opens or creates an object; see `opened`.
pub fn open_or_create<'s, K: Binding>(call: &Call<'s>) -> Outcome<'s> {
    let options = Options::of(call);
    let (made, handle) = (K::options(&options)?, options.handle()?);
    let made = about::<K, _>(call, |name| Named::open_or_create(name, &made, &handle))?;
    opened::<K>(call, made, &handle)
}

/// `close(handle)`: closes the handle. Harmless if it is closed already.
pub fn close<'s>(call: &Call<'s>) -> Outcome<'s> {
    // Taken out first, so that nothing is borrowed while closing makes system calls.
    let mut handle = call.state.handles.borrow_mut().remove(call.small(0));
    if let Some(handle) = &mut handle {
        handle.events().detach(call.js);
    }
    drop(handle);
    Ok(None)
}

/// `isLinked(handle)`: returns whether the name leads to the object; false if the handle is closed.
pub fn is_linked<'s>(call: &Call<'s>) -> Outcome<'s> {
    let is_linked = match call.state.handles.borrow_mut().get_mut(call.small(0)) {
        Some(handle) => handle.events().is_linked(),
        None => false,
    };
    call.js.boolean(is_linked).map(Some)
}

/// `unlink(name, options)`: removes a name and returns whether it existed.
pub fn unlink<'s, K: Binding>(call: &Call<'s>) -> Outcome<'s> {
    let handle = Options::of(call).handle()?;
    call.js.boolean(about::<K, _>(call, |name| Named::<K>::unlink(name, &handle))?).map(Some)
}

/// `prune(options)`: removes leftovers, those whose names start with `prefix`, and returns an array of their names; with
/// `force`, also those that hold what their kind keeps.
pub fn prune<'s, K: Binding>(call: &Call<'s>) -> Outcome<'s> {
    let options = Options::at(call, 0);
    let prefix = options::string(call, call.js.property(options.object, c"prefix")?).unwrap_or_default();
    let force = options.flag(c"force")?.unwrap_or(false);
    let names = Named::<K>::prune_matching(&prefix, force, &options.handle()?)?;
    call.js.collect(&names, |name| call.js.text(name)).map(Some)
}

/// `list(options)`: returns an array of objects.
pub fn list<'s, K: Binding>(call: &Call<'s>) -> Outcome<'s> {
    let js = call.js;
    let listed = Named::<K>::list(&Options::at(call, 0).handle()?)?;
    let lines = js.collect(&listed, |line| {
        let object = js.object()?;
        js.set(object, c"name", js.text(&line.name)?)?;
        js.set(object, c"size", js.number(line.size as f64)?)?;
        if let Some(most) = line.max_size {
            js.set(object, c"maxSize", js.number(most as f64)?)?;
        }
        js.set(object, c"entries", js.number(line.entries as f64)?)?;
        js.set(object, c"processes", js.collect(&line.processes, |pid| js.number(f64::from(*pid)))?)?;
        js.set(object, c"stale", js.boolean(line.stale)?)?;
        Ok(object)
    })?;
    Ok(Some(lines))
}

/// Runs `work` on the name in argument 0, which its failure then tells.
fn about<'s, K: Binding, T>(
    call: &Call<'s>,
    work: impl FnOnce(&str) -> Result<T, Error>,
) -> Result<T, Failure<'s>> {
    let name = name(call)?;
    work(&name).map_err(|error| {
        Failure::from(error).about(|| Some(Subject { kind: K::FORMAT.kind, name: name.clone() }))
    })
}

/// Returns the name in argument 0.
fn name<'s>(call: &Call<'s>) -> Result<String, Failure<'s>> {
    options::string(call, call.argument(0))
        .ok_or_else(|| Error::InvalidName("(not a string)".to_owned()).into())
}

/// Adds a new handle to the table. Returns an object with its number and its constant properties.
fn opened<'s, K: Binding>(call: &Call<'s>, named: Named<K>, options: &HandleOptions) -> Outcome<'s> {
    let (js, membership) = (call.js, named.object.membership());
    let object = js.object()?;
    js.set(object, c"kind", js.text(K::FORMAT.kind)?)?;
    js.set(object, c"path", js.text(&named.path.to_string_lossy())?)?;
    js.set(object, c"segment", js.text(&format!("{:016x}", membership.superblock.segment_id))?)?;
    js.set(object, c"owner", js.boolean(named.owner)?)?;
    js.set(object, c"readOnly", js.boolean(membership.is_read_only())?)?;
    if named.owner {
        exit::listen(js);
    }
    let data = K::data(&named, options);
    let number = call.state.handles.borrow_mut().insert(K::into_any(Handle { named, data }));
    js.set(object, c"id", js.number(f64::from(number))?)?;
    Ok(Some(object))
}
