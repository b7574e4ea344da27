//! Why a callback could not do what it was asked, and how JavaScript learns of it.
//!
//! The error classes live in TypeScript. Its factory is called only when something failed, after
//! every borrow and every engine call has ended: what it runs may come back into the addon.

use crate::runtime::js::{Js, Local};
use crate::runtime::state::State;
use napi::sys;
use shmkit_object::error::{Error, hint};
use shmkit_os::OsError;
#[cfg(unix)]
use shmkit_os::map::Fault;
use std::any::Any;
use std::ffi::CStr;

/// The reason of a failed callback. One word long, so that what calls return fits into registers.
#[derive(Debug)]
pub struct Failure<'s>(Box<Cause<'s>>);

#[derive(Debug)]
enum Cause<'s> {
    /// The engine's.
    Engine(Error),
    /// A system call that was refused to the user, on something of the user's own. JavaScript sees it, and
    /// the engine's, in the form that Node's own have.
    System(OsError),
    /// Mapped memory could not be copied.
    #[cfg(unix)]
    Memory(Fault),
    /// An argument is wrong; with the offending value, if showing it helps.
    Argument { code: &'static str, message: String, received: Option<Local<'s>> },
    /// A JavaScript exception is on its way already.
    Thrown,
    /// Node-API refused a call that is right as far as we know, such as a string beyond V8's limit.
    NodeApi(sys::napi_status),
    /// A Rust panic: a broken promise inside the engine.
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
    /// Node-API refused a call; an exception may be on its way already.
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

    /// `name` must be of another type.
    #[cold]
    pub fn argument_type(name: &str, expected: &str, received: Local<'s>) -> Self {
        let message = format!("The \"{name}\" argument must be {expected}");
        Failure::argument("ERR_INVALID_ARG_TYPE", message, Some(received))
    }

    /// `name` has a value that no call can use.
    #[cold]
    pub fn argument_value(name: &str, reason: &str) -> Self {
        let message = format!("The \"{name}\" argument {reason}");
        Failure::argument("ERR_INVALID_ARG_VALUE", message, None)
    }

    /// `name` is outside its range.
    #[cold]
    pub fn out_of_range(name: &str, reason: &str, received: Local<'s>) -> Self {
        let message = format!("The value of \"{name}\" is out of range. It must be {reason}");
        Failure::argument("ERR_OUT_OF_RANGE", message, Some(received))
    }

    /// From the payload of a caught panic.
    #[cold]
    pub fn panic(payload: &(dyn Any + Send)) -> Self {
        let text = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned());
        Failure(Box::new(Cause::Panic(text.unwrap_or_else(|| "no message".to_owned()))))
    }

    /// Leaves an exception behind, for JavaScript to see when the callback returns.
    #[cold]
    pub fn throw(self, js: Js<'s>, state: &State) {
        // What cannot even be described is thrown as plain text; if an exception is already there, it wins.
        if let Err(failure) = self.describe_and_throw(js, state)
            && let Cause::NodeApi(status) = *failure.0
        {
            throw_plain(js, "ERR_SHM_UNSUPPORTED", &format!("Node-API status {status}"));
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

    /// The error that JavaScript is to see.
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
        let Some(factory) = state.error_factory(js)? else {
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

/// What the error factory knows a refused system call by; the second makes a `ShmError` of it.
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

/// What TypeScript makes an error in Node's form of.
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

/// The numbers and names of an engine error, as properties for the JavaScript error.
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
        Error::LockTimeout { pid, .. } => js.numbers(&[(c"pid", f64::from(*pid))]),
        Error::TooManyProcesses(limit) => js.numbers(&[(c"limit", f64::from(*limit))]),
        _ => js.undefined(),
    }
}

/// A plain `Error` with a code, for when the factory is missing or failed.
fn throw_plain(js: Js<'_>, code: &str, message: &str) {
    // A zero inside would end the text early, so it is left out.
    let text = |text: &str| format!("{}\0", text.replace('\0', ""));
    let (code, message) = (text(code), text(message));
    // SAFETY: J1; both texts end with a zero and outlive the call.
    let status = unsafe { sys::napi_throw_error(js.raw(), code.as_ptr().cast(), message.as_ptr().cast()) };
    debug_assert!(status == sys::Status::napi_ok || status == sys::Status::napi_pending_exception);
}
