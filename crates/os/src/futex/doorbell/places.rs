//! Which mapping a word is in, and which table serves it.

use super::table::Table;
use crate::shm::ShmFile;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock, Weak};

/// A mapping of a file.
#[derive(Debug)]
struct Mapped {
    len: usize,
    /// Tells files apart.
    file: u64,
    table: Option<Arc<Table>>,
}

/// All mappings of this process, by address.
static MAPPED: RwLock<BTreeMap<usize, Mapped>> = RwLock::new(BTreeMap::new());
/// The open tables, by directory.
static TABLES: LazyLock<Mutex<HashMap<PathBuf, Weak<Table>>>> = LazyLock::new(Mutex::default);
/// The table of words outside of mapped files.
static OWN: LazyLock<Arc<Table>> = LazyLock::new(|| Arc::new(Table::own()));

/// Where a word is.
pub(super) struct Place {
    /// `None` if its directory has no table for this process.
    pub table: Option<Arc<Table>>,
    /// The word's number in the table. Never 0.
    pub key: u64,
}

/// Returns where a word is.
pub(super) fn find(word: &AtomicU32) -> Place {
    let address = word.as_ptr().addr();
    let mapped = MAPPED.read().unwrap_or_else(PoisonError::into_inner);
    match mapped.range(..=address).next_back() {
        Some((base, Mapped { len, file, table })) if address - base < *len => {
            Place { table: table.clone(), key: key(*file, (address - base) as u64) }
        }
        _ => Place { table: Some(Arc::clone(&OWN)), key: key(0, address as u64) },
    }
}

/// Mixes both numbers so that all bits depend on them (the finalizer of MurmurHash3).
fn key(file: u64, offset: u64) -> u64 {
    let mut mixed = file ^ offset.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for factor in [0xFF51_AFD7_ED55_8CCD, 0xC4CE_B9FE_1A85_EC53] {
        mixed = (mixed ^ mixed >> 33).wrapping_mul(factor);
    }
    (mixed ^ mixed >> 33).max(1)
}

/// Returns the table of a directory, opened once in a process.
fn table_of(directory: &Path) -> Option<Arc<Table>> {
    let mut tables = TABLES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(table) = tables.get(directory).and_then(Weak::upgrade) {
        return Some(table);
    }
    tables.retain(|_, table| table.strong_count() > 0);
    let table = Arc::new(Table::open(directory)?);
    tables.insert(directory.to_owned(), Arc::downgrade(&table));
    Some(table)
}

/// A mapping whose words can be slept on; ended when this is dropped, which must be before it is unmapped.
#[derive(Debug)]
pub(crate) struct Registration {
    base: usize,
}

impl Registration {
    /// Registers a mapping of the start of a file.
    pub(crate) fn of(file: &ShmFile, base: *mut u8, len: usize) -> Registration {
        let identity = file.identity();
        let number = identity.inode ^ identity.device.rotate_left(32);
        let base = base.addr();
        let mapped = Mapped { len, file: number, table: table_of(file.directory()) };
        MAPPED.write().unwrap_or_else(PoisonError::into_inner).insert(base, mapped);
        Registration { base }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let ended = MAPPED.write().unwrap_or_else(PoisonError::into_inner).remove(&self.base);
        // Closed after the lock is released.
        drop(ended);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_tell_words_and_files_apart() {
        let keys: std::collections::HashSet<u64> =
            (0..64).flat_map(|file| (0..64).map(move |word| key(file, word * 4))).collect();
        assert_eq!(keys.len(), 64 * 64);
    }
}
