//! Options as TypeScript hands them over: checked, numbers in base units, missing ones `undefined`.

use crate::runtime::call::Call;
use crate::runtime::failure::Failure;
use crate::runtime::js::{Local, Type};
use crate::runtime::text;
use shmkit_dict::kind::{OnFull, SegmentOptions};
use shmkit_object::error::Error;
use shmkit_object::lifecycle::{HandleOptions, Listed, NameOptions};
use std::ffi::CStr;
use std::path::{Path, PathBuf};
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

/// A name; argument 0, where there is one.
pub fn name<'s>(call: &Call<'s>) -> Result<String, Failure<'s>> {
    string(call, call.argument(0)).ok_or_else(|| Error::InvalidName("(not a string)".to_owned()).into())
}

/// What never changes about a new handle; its number is still to be added.
pub fn opened<'s>(
    call: &Call<'s>,
    path: &Path,
    segment_id: u64,
    owner: bool,
    read_only: bool,
) -> Result<Local<'s>, Failure<'s>> {
    let js = call.js;
    let object = js.object()?;
    js.set(object, c"path", js.text(&path.to_string_lossy())?)?;
    js.set(object, c"segment", js.text(&format!("{segment_id:016x}"))?)?;
    js.set(object, c"owner", js.boolean(owner)?)?;
    js.set(object, c"readOnly", js.boolean(read_only)?)?;
    Ok(object)
}

/// An array of what `list` has found.
pub fn listed<'s>(call: &Call<'s>, found: &[Listed]) -> Result<Local<'s>, Failure<'s>> {
    let js = call.js;
    js.collect(found, |line| {
        let object = js.object()?;
        js.set(object, c"name", js.text(&line.name)?)?;
        js.set(object, c"size", js.number(line.size as f64)?)?;
        js.set(object, c"entries", js.number(line.entries as f64)?)?;
        js.set(object, c"processes", js.collect(&line.processes, |pid| js.number(f64::from(*pid)))?)?;
        js.set(object, c"stale", js.boolean(line.stale)?)?;
        Ok(object)
    })
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
#[derive(Debug)]
pub struct Options<'c, 's> {
    /// The call they came with.
    pub call: &'c Call<'s>,
    /// The object.
    pub object: Local<'s>,
}

impl<'s> Options<'_, 's> {
    /// Those that all kinds have.
    pub fn naming(&self) -> Result<NameOptions, Failure<'s>> {
        Ok(NameOptions {
            persist: self.flag(c"persist")?,
            replace: self.flag(c"replace")?.unwrap_or(false),
            mode: self.number(c"mode")?.map(|mode| mode as u32),
        })
    }

    /// A number.
    pub fn number(&self, name: &CStr) -> Result<Option<f64>, Failure<'s>> {
        Ok(self.call.js.to_number(self.call.js.property(self.object, name)?))
    }

    /// A flag.
    pub fn flag(&self, name: &CStr) -> Result<Option<bool>, Failure<'s>> {
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
