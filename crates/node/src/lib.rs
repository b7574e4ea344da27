//! shmkit's addon: conversion between JavaScript and the engine, and no rule of its own.
//!
//! | module | idea |
//! |---|---|
//! | [`exports`] | the list of what JavaScript can call |
//! | [`objects`] | named objects: open handles, their lifecycle, and the calls of each kind |
//! | [`dict`] | the calls of dictionaries |
//! | `files` | the calls of memory maps and file locks |
//! | [`runtime`] | what all these stand on |
//!
//! The operations are plain Node-API functions, not `#[napi]` ones: those cost some 300 ns a call more.
//! TypeScript in `src/` makes the public class of them.

#[cfg(any(windows, target_os = "freebsd"))]
mod absent;
mod dict;
mod exports;
#[cfg(unix)]
mod files;
mod objects;
mod runtime;

use crate::runtime::js::{Js, Local};
use napi::Env;
use napi::bindgen_prelude::{JsValue, Object};
use napi_derive::napi;
use shmkit_os as os;

/// The version of this binary, to be compared with the package's.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Adds the operations to what the addon exports.
#[napi(module_exports)]
pub fn register(exports_object: Object, env: Env) -> napi::Result<()> {
    // Before anything of this library is registered with the system, or a thread of its own started.
    os::process::pin_library().map_err(|error| napi::Error::from_reason(error.to_string()))?;
    // SAFETY: registration runs in a live environment, on its thread, in a handle scope.
    #[expect(unsafe_code, reason = "napi-rs gives the environment as a pointer")]
    let js = unsafe { Js::from_raw(env.raw()) };
    // SAFETY: the object is of the running registration's scope.
    #[expect(unsafe_code, reason = "napi-rs gives the object as a pointer")]
    let exports_object = unsafe { Local::from_raw(exports_object.raw()) };
    exports::install(js, exports_object).map_err(|failure| napi::Error::from_reason(format!("{failure:?}")))
}
