//! What every operation stands on: calls, values, failures, and what a thread keeps.
//!
//! | module | idea |
//! |---|---|
//! | [`call`] | one call: its arguments, its outcome, panics |
//! | [`js`] | JavaScript values behind safe functions |
//! | [`text`] | strings as the engine stores them |
//! | [`options`] | options as TypeScript hands them over |
//! | [`failure`] | why a call failed, and how JavaScript learns of it |
//! | [`call_frame`] | what a call returns beside its value |
//! | [`state`] | what the addon keeps for one thread, and when it lets go |
//! | [`external_buffer`] | memory of others as an `ArrayBuffer` |
//! | [`waits`] | waits that block nobody |
//! | [`slots`] | things that JavaScript knows by number |

#![allow(unsafe_code, reason = "calls Node-API, and lends memory to JavaScript")]

pub(crate) mod call;
pub(crate) mod call_frame;
pub(crate) mod external_buffer;
pub(crate) mod failure;
pub(crate) mod js;
pub(crate) mod options;
pub(crate) mod slots;
pub(crate) mod state;
pub(crate) mod text;
pub(crate) mod waits;
