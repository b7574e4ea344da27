//! shmkit's addon: conversion between JavaScript and the engine, and no rule of its own.
//!
//! | module | contents |
//! |---|---|
//! | [`exports`] | the list of all functions that JavaScript can call |
//! | [`objects`] | named objects: open handles, their lifecycle, and the calls of each kind |
//! | [`dict`] | the calls of dictionaries |
//! | `files` | the calls of memory maps and file locks |
//! | [`runtime`] | the base of all calls |
//!
//! The calls are plain Node-API functions, not `#[napi]` ones, which take some 300 ns more per call. TypeScript in
//! `src/` builds the public classes on them.

#[cfg(target_os = "freebsd")]
mod absent;
mod dict;
mod exports;
mod files;
mod objects;
mod runtime;

use crate::runtime::js::{Js, Local};
use napi::Env;
use napi::bindgen_prelude::{JsValue, Object};
use napi_derive::napi;
use shmkit_os as os;

/// Returns the version of this binary, to be compared with the package's.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Adds the functions to the addon's exports.
#[napi(module_exports)]
pub fn register(exports_object: Object, env: Env) -> napi::Result<()> {
    // Before anything in this library is registered with the system, or a thread started.
    os::process::pin_library().map_err(|error| napi::Error::from_reason(error.to_string()))?;
    // SAFETY: registration runs in a live environment, on its thread, in a handle scope.
    #[expect(unsafe_code, reason = "napi-rs gives the environment as a pointer")]
    let js = unsafe { Js::from_raw(env.raw()) };
    // SAFETY: the object is of the running registration's scope.
    #[expect(unsafe_code, reason = "napi-rs gives the object as a pointer")]
    let exports_object = unsafe { Local::from_raw(exports_object.raw()) };
    exports::install(js, exports_object).map_err(|failure| napi::Error::from_reason(format!("{failure:?}")))
}
