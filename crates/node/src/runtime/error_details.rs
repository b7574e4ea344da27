//! The properties of errors for JavaScript, besides code and message.

use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use shmkit_object::error::Error;
use shmkit_os::OsError;
use std::ffi::CStr;

/// Returns the details of which TypeScript makes an error in Node's form.
pub fn system<'s>(js: Js<'s>, error: &OsError, hint: &str) -> Result<Local<'s>, Failure<'s>> {
    let numbers = error.unix_errno().map(|number| (c"errno", f64::from(number)));
    let object = js.numbers(numbers.as_slice())?;
    js.set(object, c"system", js.text(error.posix_name())?)?;
    js.set(object, c"hint", js.text(hint)?)?;
    if let Some(path) = &error.path {
        js.set(object, c"path", js.text(&path.to_string_lossy())?)?;
    }
    Ok(object)
}

/// Returns the numbers and names of an engine error, as properties for the JavaScript error.
pub fn details<'s>(js: Js<'s>, error: &Error) -> Result<Local<'s>, Failure<'s>> {
    let texts = |properties: &[(&CStr, &str)]| {
        let object = js.object()?;
        for (name, value) in properties {
            js.set(object, name, js.text(value)?)?;
        }
        Ok(object)
    };
    match error {
        Error::Exists { name, path, .. } | Error::NotFound { name, path, .. } => {
            texts(&[(c"segment", name), (c"path", path)])
        }
        Error::NoSpace { needed, free, dir, .. } => {
            let object = js.numbers(&[(c"needed", *needed as f64), (c"free", *free as f64)])?;
            js.set(object, c"directory", js.text(dir)?)?;
            Ok(object)
        }
        Error::Full { needed, free, .. } => {
            js.numbers(&[(c"needed", *needed as f64), (c"free", *free as f64)])
        }
        Error::TooLarge { size, limit, .. } => {
            js.numbers(&[(c"size", *size as f64), (c"limit", *limit as f64)])
        }
        Error::LockTimeout { pid, .. } | Error::LockStarved { pid, .. } => {
            js.numbers(&[(c"pid", f64::from(*pid))])
        }
        Error::TooManyProcesses(limit) => js.numbers(&[(c"limit", f64::from(*limit))]),
        _ => js.object(),
    }
}
