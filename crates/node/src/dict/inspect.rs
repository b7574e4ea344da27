//! Calls about the whole dictionary.

use crate::dict::view::View;
use crate::runtime::call::{Call, Outcome};

/// `evicts(handle)`: returns whether entries can be evicted.
pub fn evicts<'s>(call: &Call<'s>) -> Outcome<'s> {
    let evicts = call.dict(|data| Ok(data.dict.segment().evict))?;
    call.js.boolean(evicts).map(Some)
}

/// `view(handle)`: returns an `ArrayBuffer` of the dictionary's memory, which is detached when the handle is closed;
/// `undefined` where the runtime makes none. Called once per handle.
pub fn view<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.dict(|data| {
        let Some((view, buffer)) = View::make(call.js, &data.dict.segment().region)? else {
            return Ok(None);
        };
        data.view = Some(view);
        Ok(Some(buffer))
    })
}

/// `size(handle)`: returns the number of live entries.
pub fn size<'s>(call: &Call<'s>) -> Outcome<'s> {
    let entries = call.dict(|data| Ok(data.dict.len()?))?;
    call.js.number(entries as f64).map(Some)
}

/// `stats(handle)`: returns an object. `since` is in milliseconds of the boot clock.
pub fn stats<'s>(call: &Call<'s>) -> Outcome<'s> {
    let js = call.js;
    let stats = call.dict(|data| Ok(data.dict.stats()?))?;
    let object = js.numbers(&[
        (c"size", stats.size as f64),
        (c"maxSize", stats.max_size as f64),
        (c"grown", stats.grown as f64),
        (c"capacity", stats.capacity as f64),
        (c"used", stats.used as f64),
        (c"free", stats.free as f64),
        (c"entries", stats.entries as f64),
        (c"hits", stats.hits as f64),
        (c"misses", stats.misses as f64),
        (c"sets", stats.sets as f64),
        (c"deletes", stats.deletes as f64),
        (c"evictions", stats.evictions as f64),
        (c"expired", stats.expired as f64),
        (c"lockWaits", stats.lock_waits as f64),
        (c"recoveries", stats.recoveries as f64),
        (c"processes", f64::from(stats.processes)),
        (c"since", stats.created as f64 / 1e6),
    ])?;
    let classes = js.collect(&stats.per_class, |class| {
        js.numbers(&[
            (c"blockSize", f64::from(class.block_size)),
            (c"pages", f64::from(class.pages)),
            (c"used", f64::from(class.used)),
            (c"free", f64::from(class.free)),
        ])
    })?;
    js.set(object, c"perClass", classes)?;
    Ok(Some(object))
}

/// `verify(handle)`: returns an array of the problems found.
pub fn verify<'s>(call: &Call<'s>) -> Outcome<'s> {
    let problems = call.dict(|data| Ok(data.dict.verify()?))?;
    call.js.collect(&problems, |problem| call.js.text(problem)).map(Some)
}
