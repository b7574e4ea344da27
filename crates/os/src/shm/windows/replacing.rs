//! Closes the gap of a replacement: a mapped file that the system cannot replace is renamed away first, and for a moment no
//! file has the name. The replacer holds a lock meanwhile, and a process that finds no file waits for it and looks again.
//!
//! The locked file says which temporary name is about to become which name. If its author dies in the gap, the next process
//! that finds no file, or that replaces one, finishes the replacement.

use super::create::rename_to_free;
use super::directory::Directory;
use super::file::{open_or_create, open_path, rights};
use crate::range_lock::{LockMode, Range, RangeLock};
use crate::shm::{Access, TEMPORARY_PREFIX};
use std::fs::File;
use std::os::windows::fs::FileExt;
use std::os::windows::io::AsHandle;
use std::ptr;
use std::time::{Duration, Instant};
use windows_sys::Win32::Storage::FileSystem::OPEN_EXISTING;

const FILE: &str = ".shmkit.replacing";
const ALL: Range = Range { offset: 0, length: 0 };
/// Two renames take under a millisecond; a process that was stopped between them does not stop the others for ever.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(1);
/// More than two names of files have.
const LONGEST_NOTE: usize = 4096;

/// A replacement in progress, for which others wait until this is dropped.
#[derive(Debug)]
pub(super) struct Replacing {
    file: File,
    _lock: RangeLock,
}

impl Drop for Replacing {
    fn drop(&mut self) {
        // It was finished, or its author tells the caller that it failed.
        let _ = self.file.set_len(0);
    }
}

/// Locks out the others of the directory, and notes what is about to be renamed. Without the lock, which may be impossible to
/// have, the gap stays open.
pub(super) fn begin(dir: &Directory, temporary: &str, name: &str) -> Option<Replacing> {
    let replacing = lock(dir)?;
    finish_noted(dir, &replacing.file);
    // Without the note, only a death in the gap is worse.
    let _ = write_note(&replacing.file, temporary, name);
    Some(replacing)
}

fn lock(dir: &Directory) -> Option<Replacing> {
    let file = open_or_create(&dir.path_of(FILE)).ok()?;
    let lock = lock_within(&file, LockMode::Exclusive)?;
    Some(Replacing { file, _lock: lock })
}

fn lock_within(file: &File, mode: LockMode) -> Option<RangeLock> {
    let end = Instant::now() + LONGEST_WAIT;
    loop {
        match RangeLock::try_acquire(file.as_handle(), mode, ALL) {
            Ok(None) if Instant::now() < end => std::thread::sleep(PAUSE),
            outcome => return outcome.ok()?,
        }
    }
}

/// Waits for the end of a replacement in progress, and finishes one whose author died. Returns whether it is worth looking for
/// a file once more, because there was one, or may have been one.
pub(super) fn wait(dir: &Directory) -> bool {
    let path = dir.path_of(FILE);
    let Ok(file) = open_path(&path, rights(Access::ReadOnly), OPEN_EXISTING, 0, ptr::null()) else {
        return false;
    };
    // Others cannot read what is locked exclusively.
    let is_noted = lock_within(&file, LockMode::Shared).is_some_and(|_lock| note(&file).is_some());
    if is_noted && let Some(replacing) = lock(dir) {
        finish_noted(dir, &replacing.file);
    }
    true
}

/// Finishes the replacement whose author died, if there is one. The caller holds the lock.
fn finish_noted(dir: &Directory, file: &File) {
    if let Some((temporary, name)) = note(file) {
        // Fails if a file has the name: the author died before or after the gap.
        let _ = rename_to_free(&dir.path_of(&temporary), &dir.path_of(&name));
        let _ = file.set_len(0);
    }
}

fn write_note(file: &File, temporary: &str, name: &str) -> std::io::Result<()> {
    let text = format!("{temporary}\n{name}\n");
    file.set_len(0)?;
    let written = file.seek_write(text.as_bytes(), 0)?;
    if written == text.len() { Ok(()) } else { file.set_len(0) }
}

/// Returns the temporary name and the name that are noted, if both are names that a replacement can have.
fn note(file: &File) -> Option<(String, String)> {
    let mut bytes = [0; LONGEST_NOTE];
    let read = file.seek_read(&mut bytes, 0).ok()?;
    let text = std::str::from_utf8(&bytes[..read]).ok()?;
    let (temporary, name) = text.strip_suffix('\n')?.split_once('\n')?;
    let is_component = |name: &str| !name.contains(['/', '\\', ':', '\n']);
    let is_valid = temporary.starts_with(TEMPORARY_PREFIX) && !name.starts_with('.') && !name.is_empty();
    (is_valid && is_component(temporary) && is_component(name)).then(|| (temporary.into(), name.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shm::testing::TestDirectory;

    fn temporary(test: &TestDirectory) -> String {
        let name = format!("{TEMPORARY_PREFIX}1");
        std::fs::write(test.path().join(&name), [1; 10]).unwrap();
        name
    }

    fn noted(test: &TestDirectory, temporary: &str, name: &str) {
        let file = open_or_create(&test.path().join(FILE)).unwrap();
        write_note(&file, temporary, name).unwrap();
    }

    #[test]
    fn a_replacement_whose_author_died_in_the_gap_is_finished_by_a_process_that_finds_no_file() {
        for looks in [true, false] {
            let test = TestDirectory::new();
            let (dir, temporary) = (test.open(), temporary(&test));
            noted(&test, &temporary, "a");
            if looks {
                assert_eq!(dir.status("a").unwrap().unwrap().size, 10);
            } else {
                assert_eq!(dir.open_file("a", Access::ReadWrite).unwrap().status().unwrap().size, 10);
            }
            assert!(dir.status(&temporary).unwrap().is_none());
            assert_eq!(std::fs::metadata(test.path().join(FILE)).unwrap().len(), 0);
        }
    }

    #[test]
    fn a_replacement_whose_author_died_before_or_after_the_gap_changes_nothing() {
        let test = TestDirectory::new();
        let (dir, temporary) = (test.open(), temporary(&test));
        std::fs::write(test.path().join("a"), [2; 20]).unwrap();
        noted(&test, &temporary, "a");
        assert!(dir.status("b").unwrap().is_none());
        assert_eq!(dir.status("a").unwrap().unwrap().size, 20);
        assert_eq!(std::fs::metadata(test.path().join(FILE)).unwrap().len(), 0);
    }

    #[test]
    fn the_next_replacement_finishes_an_earlier_one_first() {
        let test = TestDirectory::new();
        let (dir, temporary) = (test.open(), temporary(&test));
        noted(&test, &temporary, "a");
        let replacing = begin(&dir, ".shmkit.tmp.2", "b").unwrap();
        assert_eq!(note(&replacing.file), Some((".shmkit.tmp.2".into(), "b".into())));
        drop(replacing);
        assert_eq!(dir.status("a").unwrap().unwrap().size, 10);
    }

    #[test]
    fn notes_that_no_replacement_writes_are_ignored() {
        let test = TestDirectory::new();
        let file = open_or_create(&test.path().join(FILE)).unwrap();
        for (temporary, name) in
            [("b", "a"), (".shmkit.tmp.1", "..\\a"), (".shmkit.tmp.1", ".a"), (".shmkit.tmp.1", "")]
        {
            write_note(&file, temporary, name).unwrap();
            assert_eq!(note(&file), None, "{temporary} {name}");
        }
    }
}
