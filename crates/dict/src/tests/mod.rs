//! Tests of the dictionary in heap memory: behaviour, a model, and death at every store.

#![allow(
    unsafe_code,
    clippy::disallowed_types,
    reason = "tests of races share state between threads and damage memory"
)]

mod behaviour;
mod bounded;
mod commit_order;
mod contention;
mod crash;
mod feed;
mod fenced;
pub(crate) mod fixture;
mod format_page;
mod full;
mod growing_scans;
mod growth;
mod hostile;
mod keys;
mod leases;
mod lists;
mod model;
mod overwrite_full;
mod panics;
mod pins;
mod prefix;
mod race;
mod rebuild;
mod scenario;
mod scenarios;
mod share;
mod source_line;
mod states;
mod structures;
mod validator;
mod waits;
mod wipe;
