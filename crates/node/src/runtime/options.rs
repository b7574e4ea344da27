//! Options as TypeScript passes them: checked, numbers in base units, missing ones `undefined`.

use crate::runtime::call::Call;
use crate::runtime::failure::Failure;
use crate::runtime::js::{Local, Type};
use crate::runtime::text;
use shmkit_object::lifecycle::{HandleOptions, NameOptions, OnMismatch, TrustedUsers};
use std::ffi::CStr;
use std::path::PathBuf;
use std::time::Duration;

/// Returns a string. A lone surrogate becomes U+FFFD, which no valid name contains.
pub fn string<'s>(call: &Call<'s>, value: Local<'s>) -> Option<String> {
    let mut units = Vec::with_capacity(128);
    call.js.to_units(value, &mut units)?;
    let mut bytes = Vec::new();
    let wide = text::store(&units, &mut bytes);
    Some(text::utf8(&bytes, wide))
}

/// Returns a directory, or nothing.
pub fn directory<'s>(call: &Call<'s>, value: Local<'s>) -> Option<PathBuf> {
    string(call, value).map(PathBuf::from)
}

/// An options object.
#[derive(Debug)]
pub struct Options<'c, 's> {
    /// The call that it was passed to.
    pub call: &'c Call<'s>,
    /// The object.
    pub object: Local<'s>,
}

impl<'c, 's> Options<'c, 's> {
    /// Returns the options in argument 1.
    pub fn of(call: &'c Call<'s>) -> Self {
        Self::at(call, 1)
    }

    /// Returns the options in an argument.
    pub fn at(call: &'c Call<'s>, index: usize) -> Self {
        Options { call, object: call.argument(index) }
    }

    /// Reads the options of one handle.
    pub fn handle(&self) -> Result<HandleOptions, Failure<'s>> {
        let milliseconds = self.number(c"lockTimeoutMs")?.unwrap_or(1000.0);
        Ok(HandleOptions {
            dir: directory(self.call, self.call.js.property(self.object, c"dir")?),
            read_only: self.flag(c"readOnly")?.unwrap_or(false),
            lock_timeout: Duration::from_secs_f64(milliseconds / 1000.0),
            trusted: self.trusted(c"trustUids")?,
            keep_in_memory: self.flag(c"lock")?.unwrap_or(false),
        })
    }

    /// Reads the options that all kinds have.
    pub fn naming(&self) -> Result<NameOptions, Failure<'s>> {
        Ok(NameOptions {
            persist: self.flag(c"persist")?,
            replace: self.flag(c"replace")?.unwrap_or(false),
            mode: self.number(c"mode")?.map(|mode| mode as u32),
            on_mismatch: self.on_mismatch(c"onMismatch")?,
        })
    }

    /// Reads a number.
    pub fn number(&self, name: &CStr) -> Result<Option<f64>, Failure<'s>> {
        Ok(self.call.js.to_number(self.call.js.property(self.object, name)?))
    }

    /// Reads a flag.
    pub fn flag(&self, name: &CStr) -> Result<Option<bool>, Failure<'s>> {
        Ok(self.call.js.to_boolean(self.call.js.property(self.object, name)?))
    }

    fn on_mismatch(&self, name: &CStr) -> Result<OnMismatch, Failure<'s>> {
        let value = string(self.call, self.call.js.property(self.object, name)?);
        Ok(match value.as_deref() {
            Some("open") => OnMismatch::Open,
            Some("replace") => OnMismatch::Replace,
            _ => OnMismatch::Error,
        })
    }

    /// An array of user ids, or the string `any`.
    fn trusted(&self, name: &CStr) -> Result<TrustedUsers, Failure<'s>> {
        let js = self.call.js;
        let list = js.property(self.object, name)?;
        match js.type_of(list) {
            Type::Undefined => return Ok(TrustedUsers::Only(Vec::new())),
            Type::String => return Ok(TrustedUsers::Any),
            _ => {}
        }
        let uids = (0..js.length(list).unwrap_or(0))
            .filter_map(|index| js.element(list, index).map(|uid| js.to_u32(uid)).transpose());
        Ok(TrustedUsers::Only(uids.collect::<Result<_, _>>()?))
    }
}
