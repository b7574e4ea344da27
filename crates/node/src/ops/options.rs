//! Options as TypeScript hands them over: checked, numbers in base units, missing ones `undefined`.

use crate::call::Call;
use crate::failure::Failure;
use crate::js::{Local, Type};
use crate::text;
use shmkit_core::lifecycle::{HandleOptions, OnFull, SegmentOptions};
use std::ffi::CStr;
use std::path::PathBuf;
use std::time::Duration;

/// A string argument. A lone surrogate becomes U+FFFD, which no name and no sensible path contains.
pub fn string<'s>(call: &Call<'s>, value: Local<'s>) -> Option<String> {
    let mut units = Vec::with_capacity(128);
    call.js.to_units(value, &mut units)?;
    let mut bytes = Vec::new();
    let wide = text::store(&units, &mut bytes);
    Some(text::utf8(&bytes, wide))
}

/// A directory, or nothing.
pub fn directory<'s>(call: &Call<'s>, value: Local<'s>) -> Option<PathBuf> {
    string(call, value).map(PathBuf::from)
}

/// The options that shape a segment.
pub fn segment<'s>(call: &Call<'s>, object: Local<'s>) -> Result<SegmentOptions, Failure<'s>> {
    let options = Options { call, object };
    Ok(SegmentOptions {
        size: options.number(c"size")?.map(|bytes| bytes as u64),
        on_full: options.flag(c"evict")?.map(|evict| if evict { OnFull::Evict } else { OnFull::Error }),
        persist: options.flag(c"persist")?,
        replace: options.flag(c"replace")?.unwrap_or(false),
        mode: options.number(c"mode")?.map(|mode| mode as u32),
        max_entries: options.number(c"maxEntries")?.map(|entries| entries as u64),
        checksums: options.flag(c"checksums")?,
    })
}

/// The options of one handle.
pub fn handle<'s>(call: &Call<'s>, object: Local<'s>) -> Result<HandleOptions, Failure<'s>> {
    let options = Options { call, object };
    let milliseconds = options.number(c"lockTimeoutMs")?.unwrap_or(1000.0);
    Ok(HandleOptions {
        dir: directory(call, call.js.property(object, c"dir")?),
        read_only: options.flag(c"readOnly")?.unwrap_or(false),
        lock_timeout: Duration::from_secs_f64(milliseconds / 1000.0),
        trust_uids: options.uids(c"trustUids")?,
    })
}

/// An object whose properties are options.
struct Options<'c, 's> {
    call: &'c Call<'s>,
    object: Local<'s>,
}

impl<'s> Options<'_, 's> {
    fn number(&self, name: &CStr) -> Result<Option<f64>, Failure<'s>> {
        Ok(self.call.js.to_number(self.call.js.property(self.object, name)?))
    }

    fn flag(&self, name: &CStr) -> Result<Option<bool>, Failure<'s>> {
        Ok(self.call.js.to_boolean(self.call.js.property(self.object, name)?))
    }

    fn uids(&self, name: &CStr) -> Result<Vec<u32>, Failure<'s>> {
        let js = self.call.js;
        let list = js.property(self.object, name)?;
        if js.type_of(list) == Type::Undefined {
            return Ok(Vec::new());
        }
        (0..js.length(list).unwrap_or(0))
            .filter_map(|index| js.element(list, index).map(|uid| js.to_u32(uid)).transpose())
            .collect()
    }
}
