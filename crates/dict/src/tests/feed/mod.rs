//! The change feed.

mod crash;
mod events;
mod hostile;
mod mirror;
mod watchers;

use super::fixture::*;
use crate::feed::Change;
use crate::ops::{Dict, Event, Watcher};

/// An event that owns its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Changed(Change, String),
    Cleared,
    Missed(Option<u64>),
}

/// Reads everything that was told, with the versions of entries that were set.
pub fn hear_versions(watcher: &mut Watcher) -> Vec<(Heard, u64)> {
    let mut heard = Vec::new();
    let mut visit = |event: Event<'_>| {
        heard.push(match event {
            Event::Changed(change, key, version) => {
                let key = String::from_utf8_lossy(key.bytes()).into_owned();
                (Heard::Changed(change, key), version)
            }
            Event::Cleared => (Heard::Cleared, 0),
            Event::Missed(missed) => (Heard::Missed(missed), 0),
        });
    };
    while watcher.read(100, &mut visit).unwrap() {}
    heard
}

/// Reads everything that was told.
pub fn hear(watcher: &mut Watcher) -> Vec<Heard> {
    hear_versions(watcher).into_iter().map(|(heard, _)| heard).collect()
}

pub fn changed(change: Change, key: &str) -> Heard {
    Heard::Changed(change, key.to_owned())
}

/// Returns a machine with a writer and a watcher in another process.
pub fn watched() -> (Machine, Dict, Watcher) {
    let machine = Machine::watched();
    let (writer, other) = (machine.process(1), machine.process(2));
    let watcher = other.watch().unwrap();
    (machine, writer, watcher)
}
