//! Why a callback failed, and the error that JavaScript gets.
//!
//! The error classes are in TypeScript. Their factory is called only after a failure, when every borrow and every
//! engine call has ended, because what it runs may call the addon again.

use crate::runtime::error_details::{details, system};
use crate::runtime::js::{Js, Local};
use crate::runtime::state::State;
use napi::sys;
use shmkit_object::error::{Error, hint};
use shmkit_os::OsError;
use shmkit_os::map::Fault;
use std::any::Any;

/// The reason of a failed callback, and what it concerns. One word long, so that results fit into registers.
#[derive(Debug)]
pub struct Failure<'s>(Box<Report<'s>>);

#[derive(Debug)]
struct Report<'s> {
    cause: Cause<'s>,
    subject: Option<Subject>,
    key: Option<FailedKey<'s>>,
}

/// The object that a failed call was made on.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The kind's part of file names.
    pub kind: &'static str,
    /// The object's name.
    pub name: String,
}

/// The key that a failed call was made with.
#[derive(Debug)]
enum FailedKey<'s> {
    /// The argument.
    Given(Local<'s>),
    /// The code units of a key out of many.
    Units(Vec<u16>),
}

#[derive(Debug)]
enum Cause<'s> {
    /// An error of the engine.
    Engine(Error),
    /// A failed system call on a file of the user. Like the engine's system errors it gets the form of Node's own.
    System(OsError),
    /// Mapped memory could not be copied.
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
        Failure::of(Cause::Engine(error))
    }
}

impl From<OsError> for Failure<'_> {
    #[cold]
    fn from(error: OsError) -> Self {
        Failure::of(Cause::System(error))
    }
}

impl From<Fault> for Failure<'_> {
    #[cold]
    fn from(fault: Fault) -> Self {
        Failure::of(Cause::Memory(fault))
    }
}

impl<'s> Failure<'s> {
    #[cold]
    fn of(cause: Cause<'s>) -> Self {
        Failure(Box::new(Report { cause, subject: None, key: None }))
    }

    /// Says which object the call was made on, unless that has been said.
    #[cold]
    pub fn about(mut self, subject: impl FnOnce() -> Option<Subject>) -> Self {
        if self.0.subject.is_none() && matches!(self.0.cause, Cause::Engine(_)) {
            self.0.subject = subject();
        }
        self
    }

    /// Says which key the call was made with.
    #[cold]
    pub fn with_key(mut self, key: Local<'s>) -> Self {
        self.0.key = Some(FailedKey::Given(key));
        self
    }

    /// Says at which of many keys the call failed.
    #[cold]
    pub fn with_key_units(mut self, units: Vec<u16>) -> Self {
        self.0.key = Some(FailedKey::Units(units));
        self
    }

    /// Returns the failure of a call on a memory map that is closed.
    #[cold]
    pub fn closed_map() -> Self {
        Failure::argument("ERR_SHM_CLOSED", "the map is closed".to_owned(), None)
    }

    /// Returns the failure of a Node-API call. An exception may be pending, or the thread about to end, in which no exception
    /// can be thrown and nothing learns what the callback returns.
    #[cold]
    pub fn node_api(status: sys::napi_status) -> Self {
        Failure::of(match status {
            sys::Status::napi_pending_exception | sys::Status::napi_cannot_run_js => Cause::Thrown,
            other => Cause::NodeApi(other),
        })
    }

    fn argument(code: &'static str, message: String, received: Option<Local<'s>>) -> Self {
        Failure::of(Cause::Argument { code, message, received })
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
        Failure::of(Cause::Panic(text.unwrap_or_else(|| "no message".to_owned())))
    }

    /// Makes an exception pending, which JavaScript gets when the callback returns.
    #[cold]
    pub fn throw(self, js: Js<'s>, state: &State) {
        // Falls back to plain text if the error cannot be made. A pending exception takes precedence.
        if let Err(failure) = self.describe_and_throw(js, state)
            && let Cause::NodeApi(status) = failure.0.cause
        {
            throw_plain(js, "ERR_SHM_UNSUPPORTED", &format!("Node-API status {status}"));
        }
    }

    /// Makes a plain `Error` pending, of a failure before there is a state.
    pub fn throw_plain(self, js: Js<'s>) {
        if !matches!(self.0.cause, Cause::Thrown) {
            throw_plain(js, "ERR_SHM_UNSUPPORTED", &format!("{self:?}"));
        }
    }

    fn describe_and_throw(self, js: Js<'s>, state: &State) -> Result<(), Failure<'s>> {
        if matches!(self.0.cause, Cause::Thrown) {
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
        let (code, message) = match &self.0.cause {
            Cause::Thrown => return js.take_exception(),
            // TypeScript makes code and message of the error number.
            Cause::System(error) => (SYSTEM, error.call.to_owned()),
            Cause::Engine(Error::System(error)) => (SYSTEM_OF_ENGINE, error.call.to_owned()),
            Cause::Engine(error) => (error.code(), error.to_string()),
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
        match &self.0.cause {
            Cause::System(error) => arguments.push(system(js, error, "")?),
            Cause::Engine(Error::System(error)) => {
                let details = system(js, error, hint(error))?;
                self.0.add_to(js, details)?;
                arguments.push(details);
            }
            Cause::Engine(error) => {
                let details = details(js, error)?;
                self.0.add_to(js, details)?;
                arguments.push(details);
            }
            Cause::Argument { received: Some(value), .. } => arguments.extend([js.undefined()?, *value]),
            _ => {}
        }
        js.call(factory, &arguments)
    }
}

impl<'s> Report<'s> {
    /// Adds the object and the key to the properties for the JavaScript error.
    fn add_to(&self, js: Js<'s>, details: Local<'s>) -> Result<(), Failure<'s>> {
        if let Some(Subject { kind, name }) = &self.subject {
            js.set(details, c"kind", js.text(kind)?)?;
            js.set(details, c"name", js.text(name)?)?;
        }
        match &self.key {
            Some(FailedKey::Given(key)) => js.set(details, c"key", *key),
            Some(FailedKey::Units(units)) => js.set(details, c"key", js.utf16(units)?),
            None => Ok(()),
        }
    }
}

/// The codes by which the error factory recognizes a failed system call; the second one becomes a `ShmError`.
const SYSTEM: &str = "SYSTEM";
const SYSTEM_OF_ENGINE: &str = "SYSTEM_OF_ENGINE";

fn memory_fault(fault: &Fault) -> (&'static str, String) {
    let (code, text) = match fault {
        Fault::OutOfRange => ("ERR_OUT_OF_RANGE", "The range is not within the mapped memory"),
        Fault::NoSpace => (
            "ERR_SHM_NO_SPACE",
            "no space is left on the file system for bytes of the file that were never written",
        ),
        Fault::Truncated => ("ERR_SHM_TRUNCATED", "the file became shorter than what is mapped of it"),
        Fault::ReadOnly => ("ERR_SHM_READONLY", "the map is read-only"),
    };
    (code, text.to_owned())
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
