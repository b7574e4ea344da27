//! The base of all calls: arguments, values, failures, and the state of a copy of the JavaScript.
//!
//! | module | contents |
//! |---|---|
//! | [`call`] | one call: its arguments, its outcome, panics |
//! | [`js`] | JavaScript values, through safe functions |
//! | [`text`] | strings in the engine's form |
//! | [`options`] | options as TypeScript passes them |
//! | [`failure`] | why a call failed, and the error that JavaScript gets |
//! | [`call_frame`] | values passed besides arguments and results |
//! | [`state`] | the addon's state of one copy of the package's JavaScript, and its end |
//! | [`anchor`] | the JavaScript object that owns a state |
//! | [`exit`] | the exit of the process |
//! | [`external_buffer`] | `ArrayBuffer`s of external memory |
//! | [`turn`] | turns of JavaScript during a call that blocks |
//! | [`waits`] | waits that do not block the thread |
//! | [`deliveries`] | finished waits on their way to their thread |
//! | [`slots`] | objects that JavaScript knows by number |

#![allow(unsafe_code, reason = "calls Node-API, and lends memory to JavaScript")]

pub(crate) mod anchor;
pub(crate) mod call;
pub(crate) mod call_frame;
pub(crate) mod deliveries;
pub(crate) mod error_details;
pub(crate) mod exit;
pub(crate) mod external_buffer;
pub(crate) mod failure;
pub(crate) mod js;
pub(crate) mod options;
pub(crate) mod slots;
pub(crate) mod state;
pub(crate) mod text;
pub(crate) mod turn;
pub(crate) mod waits;
