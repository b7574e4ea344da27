//! Opening and closing objects of any kind but dictionaries, and what can be done with names alone.

use crate::objects::named::{Binding, ObjectHandle};
use crate::runtime::call::{Call, Outcome};
use crate::runtime::options::{self, Options};
use shmkit_object::lifecycle::Named;

/// What every kind has, and a kind's own operations.
#[macro_export]
macro_rules! kind_exports {
    ($kind:ty $(, $own:expr)* $(,)?) => {
        vec![
            ("create", $crate::callback!($crate::objects::lifecycle::create::<$kind>)),
            ("open", $crate::callback!($crate::objects::lifecycle::open::<$kind>)),
            ("openOrCreate", $crate::callback!($crate::objects::lifecycle::open_or_create::<$kind>)),
            ("unlink", $crate::callback!($crate::objects::lifecycle::unlink::<$kind>)),
            ("prune", $crate::callback!($crate::objects::lifecycle::prune::<$kind>)),
            ("list", $crate::callback!($crate::objects::lifecycle::list::<$kind>)),
            $($own,)*
        ]
    };
}

/// `create(name, options)`: see `opened`.
pub fn create<'s, K: Binding>(call: &Call<'s>) -> Outcome<'s> {
    let object = call.argument(1);
    let made = K::options(&Options { call, object })?;
    let handle = options::handle(call, object)?;
    opened::<K>(call, Named::create(&options::name(call)?, &made, &handle)?)
}

/// `open(name, options)`: see `opened`.
pub fn open<'s, K: Binding>(call: &Call<'s>) -> Outcome<'s> {
    let handle = options::handle(call, call.argument(1))?;
    opened::<K>(call, Named::open(&options::name(call)?, &handle)?)
}

/// `openOrCreate(name, options)`: see `opened`.
pub fn open_or_create<'s, K: Binding>(call: &Call<'s>) -> Outcome<'s> {
    let object = call.argument(1);
    let made = K::options(&Options { call, object })?;
    let handle = options::handle(call, object)?;
    opened::<K>(call, Named::open_or_create(&options::name(call)?, &made, &handle)?)
}

/// `unlink(name, dir)`: whether there was such a name.
pub fn unlink<'s, K: Binding>(call: &Call<'s>) -> Outcome<'s> {
    let dir = options::directory(call, call.argument(1));
    call.js.boolean(Named::<K>::unlink(&options::name(call)?, dir)?).map(Some)
}

/// `prune(dir)`: an array of the names removed.
pub fn prune<'s, K: Binding>(call: &Call<'s>) -> Outcome<'s> {
    let names = Named::<K>::prune(options::directory(call, call.argument(0)))?;
    call.js.collect(&names, |name| call.js.text(name)).map(Some)
}

/// `list(dir)`: an array of objects.
pub fn list<'s, K: Binding>(call: &Call<'s>) -> Outcome<'s> {
    let listed = Named::<K>::list(options::directory(call, call.argument(0)))?;
    options::listed(call, &listed).map(Some)
}

/// `closeNamed(handle)`. Harmless if it is closed already.
pub fn close<'s>(call: &Call<'s>) -> Outcome<'s> {
    // Taken out first, so that nothing is borrowed while closing talks to the system.
    let open = call.state.named.borrow_mut().remove(call.small(0));
    drop(open);
    Ok(None)
}

/// An object that tells the number of the new handle, and what never changes about it.
fn opened<'s, K: Binding>(call: &Call<'s>, named: Named<K>) -> Outcome<'s> {
    let superblock = &named.object.membership().superblock;
    let read_only = named.object.membership().is_read_only();
    let object = options::opened(call, &named.path, superblock.segment_id, named.owner, read_only)?;
    let number =
        call.state.named.borrow_mut().insert(Box::new(ObjectHandle { named, data: K::Data::default() }));
    call.js.set(object, c"id", call.js.number(f64::from(number))?)?;
    Ok(Some(object))
}
