//! shmkit's addon: conversion between JavaScript and the engine, and no rule of its own.
//!
//! | module | idea |
//! |---|---|
//! | [`ops`] | what JavaScript can call, one function each |
//! | [`exports`] | the list of those |
//! | [`call`] | one call: its arguments, its outcome, panics |
//! | [`js`] | JavaScript values behind safe functions |
//! | [`batch`] | the entries of one call for many keys |
//! | [`text`] | strings as the engine stores them |
//! | [`failure`] | why a call failed, and how JavaScript learns of it |
//! | [`register`] | what a call returns beside its value |
//! | [`open`], [`named`] | an open dictionary, and an open object of another kind, as one thread holds them |
//! | `mapped` | a memory map, likewise, on Linux |
//! | [`state`] | what the addon keeps for one thread, and when it lets go |
//! | [`view`] | shared memory as an `ArrayBuffer` |
//! | [`waits`] | waits that block nobody |
//! | [`slots`] | things that JavaScript knows by number |
//!
//! The operations are plain Node-API functions, not `#[napi]` ones: those cost some 300 ns a call more.
//! TypeScript in `src/` makes the public class of them.

mod batch;
mod call;
mod exports;
mod failure;
mod js;
mod key;
#[cfg(unix)]
mod mapped;
mod named;
mod open;
mod ops;
mod register;
mod slots;
mod state;
mod text;
mod view;
mod waits;

use crate::js::{Js, Local};
use napi::Env;
use napi::bindgen_prelude::{JsValue, Object};
use napi_derive::napi;

/// The version of this binary, to be compared with the package's.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Adds the operations to what the addon exports.
#[napi(module_exports)]
pub fn register(exports_object: Object, env: Env) -> napi::Result<()> {
    // SAFETY: registration runs in a live environment, on its thread, in a handle scope.
    let js = unsafe { Js::from_raw(env.raw()) };
    // SAFETY: the object is of the running registration's scope.
    let exports_object = unsafe { Local::from_raw(exports_object.raw()) };
    exports::install(js, exports_object).map_err(|failure| napi::Error::from_reason(format!("{failure:?}")))
}
