//! Why a callback failed, and the error that JavaScript gets.
//!
//! The error classes are in TypeScript. Their factory is called only after a failure, when every borrow and every
//! engine call has ended, because what it runs may call the addon again.

use crate::runtime::js::{Js, Local};
use crate::runtime::state::State;
use napi::sys;
use shmkit_object::error::{Error, hint};
use shmkit_os::OsError;
#[cfg(unix)]
use shmkit_os::map::Fault;
use std::any::Any;
use std::ffi::CStr;

/// The reason of a failed callback. One word long, so that results fit into registers.
#[derive(Debug)]
pub struct Failure<'s>(Box<Cause<'s>>);

#[derive(Debug)]
enum Cause<'s> {
    /// An error of the engine.
    Engine(Error),
    /// A failed system call on a file of the user. Like the engine's system errors it gets the form of Node's own.
    System(OsError),
    /// Mapped memory could not be copied.
    #[cfg(unix)]
    Memory(Fault),
    /// A wrong argument, with the value if showing it helps.
    Argument { code: &'static str, message: String, received: Option<Local<'s>> },
    /// A JavaScript exception is already pending.
    Thrown,
    /// Node-API refused a call that is correct, for example because a string is beyond V8's limit.
    NodeApi(sys::napi_status),
    /// A Rust panic, which means a bug or damaged memory.
    Panic(String),
}

impl From<Error> for Failure<'_> {
    #[cold]
    fn from(error: Error) -> Self {
        Failure(Box::new(Cause::Engine(error)))
    }
}

impl From<OsError> for Failure<'_> {
    #[cold]
    fn from(error: OsError) -> Self {
        Failure(Box::new(Cause::System(error)))
    }
}

#[cfg(unix)]
impl From<Fault> for Failure<'_> {
    #[cold]
    fn from(fault: Fault) -> Self {
        Failure(Box::new(Cause::Memory(fault)))
    }
}

impl<'s> Failure<'s> {
    /// Returns the failure of a Node-API call. An exception may be pending.
    #[cold]
    pub fn node_api(status: sys::napi_status) -> Self {
        Failure(Box::new(match status {
            sys::Status::napi_pending_exception => Cause::Thrown,
            other => Cause::NodeApi(other),
        }))
    }

    fn argument(code: &'static str, message: String, received: Option<Local<'s>>) -> Self {
        Failure(Box::new(Cause::Argument { code, message, received }))
    }

    /// Returns the failure for an argument of the wrong type.
    #[cold]
    pub fn argument_type(name: &str, expected: &str, received: Local<'s>) -> Self {
        let message = format!("The \"{name}\" argument must be {expected}");
        Failure::argument("ERR_INVALID_ARG_TYPE", message, Some(received))
    }

    /// Returns the failure for an object with a part that the runtime left out when it cloned the object.
    #[cold]
    pub fn not_cloned(name: &str) -> Self {
        let message = format!(
            "The \"{name}\" argument must be a value that can be cloned. It contains an object of the runtime, such as a \
             WebAssembly.Module"
        );
        Failure::argument("ERR_INVALID_ARG_TYPE", message, None)
    }

    /// Returns the failure for a value that no call can use.
    #[cold]
    pub fn argument_value(name: &str, reason: &str) -> Self {
        let message = format!("The \"{name}\" argument {reason}");
        Failure::argument("ERR_INVALID_ARG_VALUE", message, None)
    }

    /// Returns the failure for a value outside its range.
    #[cold]
    pub fn out_of_range(name: &str, reason: &str, received: Local<'s>) -> Self {
        let message = format!("The value of \"{name}\" is out of range. It must be {reason}");
        Failure::argument("ERR_OUT_OF_RANGE", message, Some(received))
    }

    /// Returns the failure for the payload of a caught panic.
    #[cold]
    pub fn panic(payload: &(dyn Any + Send)) -> Self {
        let text = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned());
        Failure(Box::new(Cause::Panic(text.unwrap_or_else(|| "no message".to_owned()))))
    }

    /// Makes an exception pending, which JavaScript gets when the callback returns.
    #[cold]
    pub fn throw(self, js: Js<'s>, state: &State) {
        // Falls back to plain text if the error cannot be made. A pending exception takes precedence.
        if let Err(failure) = self.describe_and_throw(js, state)
            && let Cause::NodeApi(status) = *failure.0
        {
            throw_plain(js, "ERR_SHM_UNSUPPORTED", &format!("Node-API status {status}"));
        }
    }

    /// Makes a plain `Error` pending, of a failure before there is a state.
    pub fn throw_plain(self, js: Js<'s>) {
        if !matches!(*self.0, Cause::Thrown) {
            throw_plain(js, "ERR_SHM_UNSUPPORTED", &format!("{self:?}"));
        }
    }

    fn describe_and_throw(self, js: Js<'s>, state: &State) -> Result<(), Failure<'s>> {
        if matches!(*self.0, Cause::Thrown) {
            return Ok(());
        }
        let error = self.describe(js, state)?;
        // SAFETY: J1 and J2.
        unsafe { sys::napi_throw(js.raw(), error.raw()) };
        Ok(())
    }

    /// Returns the error for JavaScript.
    #[cold]
    pub fn describe(&self, js: Js<'s>, state: &State) -> Result<Local<'s>, Failure<'s>> {
        let (code, message) = match &*self.0 {
            Cause::Thrown => return js.take_exception(),
            // TypeScript makes code and message of the error number.
            Cause::System(error) => (SYSTEM, error.call.to_owned()),
            Cause::Engine(Error::System(error)) => (SYSTEM_OF_ENGINE, error.call.to_owned()),
            Cause::Engine(error) => (error.code(), error.to_string()),
            #[cfg(unix)]
            Cause::Memory(fault) => memory_fault(fault),
            Cause::Argument { code, message, .. } => (*code, message.clone()),
            Cause::NodeApi(status) => (
                "ERR_SHM_UNSUPPORTED",
                format!("the runtime cannot make this value (Node-API status {status})"),
            ),
            Cause::Panic(text) => ("ERR_SHM_CORRUPT", format!("the engine panicked: {text}")),
        };
        let Some(factory) = state.anchor.property(js, c"createError")? else {
            return js.error(js.text(code)?, js.text(&message)?);
        };
        let mut arguments = vec![js.text(code)?, js.text(&message)?];
        match &*self.0 {
            Cause::System(error) => arguments.push(system(js, error, "")?),
            Cause::Engine(Error::System(error)) => arguments.push(system(js, error, hint(error))?),
            Cause::Engine(error) => arguments.push(details(js, error)?),
            Cause::Argument { received: Some(value), .. } => arguments.extend([js.undefined()?, *value]),
            _ => {}
        }
        js.call(factory, &arguments)
    }
}

/// The codes by which the error factory recognizes a failed system call; the second one becomes a `ShmError`.
const SYSTEM: &str = "SYSTEM";
const SYSTEM_OF_ENGINE: &str = "SYSTEM_OF_ENGINE";

#[cfg(unix)]
fn memory_fault(fault: &Fault) -> (&'static str, String) {
    let (code, text) = match fault {
        Fault::OutOfRange => ("ERR_OUT_OF_RANGE", "The range is not within the mapped memory"),
        Fault::Truncated => ("ERR_SHM_TRUNCATED", "the file became shorter than what is mapped of it"),
        Fault::ReadOnly => ("ERR_SHM_READONLY", "the map is read-only"),
    };
    (code, text.to_owned())
}

/// Returns the details of which TypeScript makes an error in Node's form.
fn system<'s>(js: Js<'s>, error: &OsError, hint: &str) -> Result<Local<'s>, Failure<'s>> {
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
fn details<'s>(js: Js<'s>, error: &Error) -> Result<Local<'s>, Failure<'s>> {
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
        Error::Full { needed, free } => js.numbers(&[(c"needed", *needed as f64), (c"free", *free as f64)]),
        Error::TooLarge { size, limit, .. } => {
            js.numbers(&[(c"size", *size as f64), (c"limit", *limit as f64)])
        }
        Error::LockTimeout { pid, .. } | Error::LockStarved { pid, .. } => {
            js.numbers(&[(c"pid", f64::from(*pid))])
        }
        Error::TooManyProcesses(limit) => js.numbers(&[(c"limit", f64::from(*limit))]),
        _ => js.undefined(),
    }
}

/// Throws a plain `Error` with a code, if the factory is missing or failed.
fn throw_plain(js: Js<'_>, code: &str, message: &str) {
    // A zero inside would end the text early, so zeros are omitted.
    let text = |text: &str| format!("{}\0", text.replace('\0', ""));
    let (code, message) = (text(code), text(message));
    // SAFETY: J1; both texts end with a zero and outlive the call.
    let status = unsafe { sys::napi_throw_error(js.raw(), code.as_ptr().cast(), message.as_ptr().cast()) };
    debug_assert!(status == sys::Status::napi_ok || status == sys::Status::napi_pending_exception);
}
