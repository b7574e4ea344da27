//! What users see of a dictionary, and whether a watcher was told the same.

use shmkit_dict::value::{Key, ValueKind};
use shmkit_dict::{Change, Cursor, Dict, Event, Watcher};
use std::collections::BTreeMap;

/// Everything that users can see of the entries, except versions.
pub type Entries = BTreeMap<Vec<u8>, (ValueKind, u64, Vec<Vec<u8>>, u64)>;

/// A change that was told, and its key; `None` for a `clear`.
pub type ToldChange = Option<(Change, Vec<u8>)>;

/// Returns what the watcher is told from where it is on, or how that differs from the entries.
pub fn told(dict: &Dict, watcher: &Watcher, entries: &Entries) -> Result<Vec<ToldChange>, String> {
    let (mut told, mut versions, mut missed) = (Vec::new(), BTreeMap::new(), None);
    let mut hear = |event: Event<'_>| match event {
        Event::Changed(change, key, version) => {
            told.push(Some((change, key.bytes().to_vec())));
            match change {
                Change::Set => drop(versions.insert(key.bytes().to_vec(), version)),
                _ => drop(versions.remove(key.bytes())),
            }
        }
        Event::Cleared => {
            told.push(None);
            versions.clear();
        }
        Event::Missed(count) => missed = Some(count),
    };
    let more = watcher.clone().read(usize::MAX, &mut hear).map_err(|error| error.to_string())?;
    let mut stored = BTreeMap::new();
    for name in entries.keys() {
        let key = Key::new(name, false).map_err(|error| error.to_string())?;
        let version = dict.version_of(key).map_err(|error| error.to_string())?;
        stored.insert(name.clone(), version);
    }
    match missed {
        Some(count) => Err(format!("the watcher missed {count:?} changes")),
        None if more || versions != stored => {
            Err(format!("the versions told are {versions:?}, and those stored {stored:?}"))
        }
        None => Ok(told),
    }
}

/// Returns what users can see, or what is inconsistent in it.
pub fn observe(dict: &Dict) -> Result<Entries, String> {
    let mut state = Entries::new();
    let mut duplicate = None;
    dict.scan(&mut Cursor::default(), usize::MAX, true, &mut |key, entry| {
        let value = vec![entry.value.bytes.to_vec()];
        let seen = (entry.value.kind, entry.value.scalar, value, entry.deadline);
        if state.insert(key.bytes().to_vec(), seen).is_some() {
            duplicate = Some(format!("a scan returns {key:?} twice"));
        }
    })
    .map_err(|error| error.to_string())?;
    if let Some(duplicate) = duplicate {
        return Err(duplicate);
    }
    for (name, (kind, _, value, _)) in &mut state {
        let key = Key::new(name, false).map_err(|error| error.to_string())?;
        if !dict.has(key, &mut Vec::new()).map_err(|error| error.to_string())? {
            return Err(format!("{key:?} is in a scan, but `has` does not find it"));
        }
        if *kind == ValueKind::List {
            value.clear();
            dict.list_items(key, &mut |item| value.push([item.bytes, &item.scalar.to_le_bytes()].concat()))
                .map_err(|error| error.to_string())?;
        }
    }
    let size = dict.len().map_err(|error| error.to_string())?;
    if size == state.len() as u64 {
        Ok(state)
    } else {
        Err(format!("the size is {size}, not {}", state.len()))
    }
}
