//! Names and writers in several processes, without features of a single system: for every system that can run tests.

#![allow(unsafe_code, reason = "the program that the tests start calls the C library")]

#[path = "../../os/tests/support/actor.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod actor;

use actor::{Actor, receive, role, send};
use shmkit_dict::kind::{self, Handle, SegmentOptions};
use shmkit_dict::value::{Condition, Key, Ttl, Value, ValueKind};
use shmkit_object::error::Result;
use shmkit_object::lifecycle::HandleOptions;
use std::path::{Path, PathBuf};

const NAME: &str = "Everywhere";

fn options() -> SegmentOptions {
    SegmentOptions { size: Some(1 << 20), ..SegmentOptions::default() }
}

fn within(folder: &Path) -> HandleOptions {
    HandleOptions { dir: Some(folder.to_owned()), ..HandleOptions::default() }
}

fn put(handle: &Handle, key: &str, value: &[u8]) -> Result<bool> {
    let key = Key::new(key.as_bytes(), false)?;
    handle.dict.set(key, Value::bytes(ValueKind::Latin1, value), Ttl::Never, Condition::Always)
}

fn read(handle: &Handle, key: &str) -> Result<Option<Vec<u8>>> {
    let mut buffer = Vec::new();
    let entry = handle.dict.get(Key::new(key.as_bytes(), false)?, &mut buffer)?;
    Ok(entry.map(|entry| entry.value.bytes.to_vec()))
}

/// Writes values of all lengths, each of one letter, until the process is killed.
fn write_until_killed(handle: &Handle) -> ! {
    for round in 0usize.. {
        let value = vec![b'a' + (round % 26) as u8; round * 7 % 5000];
        put(handle, &format!("key-{}", round % 50), &value).unwrap();
        if round == 100 {
            send("writing");
        }
    }
    unreachable!("it is killed")
}

fn growing() -> SegmentOptions {
    SegmentOptions { size: Some(256 << 10), max_size: Some(32 << 20), ..SegmentOptions::default() }
}

/// Adds entries, by which the dictionary grows, until the process is killed.
fn grow_until_killed(handle: &Handle) -> ! {
    let first = handle.dict.len().unwrap();
    for number in first.. {
        let value = vec![b'a' + (number % 26) as u8; number as usize * 7 % 100];
        put(handle, &format!("more-{number}"), &value).unwrap();
        if number == first + 2000 {
            send("writing");
        }
    }
    unreachable!("it is killed")
}

/// The actor process: reads one command a line, and answers with one line.
#[test]
fn actor() {
    let Some((_, folder)) = role() else { return };
    let folder = PathBuf::from(folder);
    let mut open = None;
    send("ready");
    loop {
        let result = match receive().as_str() {
            "create" => kind::create(NAME, &options(), &within(&folder)),
            "open" => kind::open(NAME, &within(&folder)),
            "grow" => grow_until_killed(open.as_ref().unwrap()),
            "write" => write_until_killed(open.as_ref().unwrap()),
            other => panic!("no such command: {other}"),
        };
        send(result.as_ref().map_or_else(|error| error.code(), |_| "ok"));
        open = result.ok().or(open);
    }
}

/// A directory, removed with its contents when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        let random = u64::from_ne_bytes(shmkit_os::entropy::random().unwrap());
        let parent = if cfg!(target_os = "linux") { "/dev/shm".into() } else { std::env::temp_dir() };
        let path = parent.join(format!("shmkit-everywhere-{random:x}"));
        std::fs::create_dir(&path).unwrap();
        Folder(path)
    }

    fn actor(&self) -> Actor {
        let mut actor = Actor::start("serve", self.0.to_str().unwrap());
        assert_eq!(actor.receive(), "ready");
        actor
    }

    fn create(&self) -> Result<Handle> {
        kind::create(NAME, &options(), &within(&self.0))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn ask(actor: &mut Actor, command: &str) -> String {
    actor.send(command);
    actor.receive()
}

#[test]
fn exactly_one_of_several_concurrent_creators_succeeds() {
    let folder = Folder::new();
    let mut actors: Vec<Actor> = (0..6).map(|_| folder.actor()).collect();
    actors.iter_mut().for_each(|actor| actor.send("create"));
    let mut answers: Vec<String> = actors.iter_mut().map(Actor::receive).collect();
    answers.sort();
    assert_eq!(answers, [["ERR_SHM_EXISTS"; 5].as_slice(), &["ok"]].concat());
}

#[test]
fn create_replaces_the_object_of_a_killed_owner_but_not_of_a_live_one() {
    let folder = Folder::new();
    let mut owner = folder.actor();
    assert_eq!(ask(&mut owner, "create"), "ok");
    assert_eq!(folder.create().unwrap_err().code(), "ERR_SHM_EXISTS");
    owner.kill();
    let next = folder.create().unwrap();
    assert_eq!(read(&next, "key").unwrap(), None);
}

#[test]
fn killed_writers_block_no_other_process_and_leave_complete_values() {
    let folder = Folder::new();
    let handle = folder.create().unwrap();
    for round in 0..8 {
        let mut writer = folder.actor();
        assert_eq!(ask(&mut writer, "open"), "ok");
        assert_eq!(ask(&mut writer, "write"), "writing");
        writer.kill();
        for number in 0..50 {
            let value = read(&handle, &format!("key-{number}")).unwrap().unwrap();
            assert!(value.iter().all(|byte| *byte == value[0]), "round {round}: a torn value");
        }
        assert!(put(&handle, "mine", b"goes on").unwrap());
        assert_eq!(handle.dict.verify().unwrap(), Vec::<String>::new());
    }
    assert_eq!(handle.dict.stats().unwrap().processes, 1);
}

#[test]
fn killed_writers_of_a_dictionary_that_grows_leave_all_that_they_have_added() {
    let folder = Folder::new();
    let handle = kind::create(NAME, &growing(), &within(&folder.0)).unwrap();
    let reader = kind::open(NAME, &HandleOptions { read_only: true, ..within(&folder.0) }).unwrap();
    for _ in 0..6 {
        let mut writer = folder.actor();
        assert_eq!(ask(&mut writer, "open"), "ok");
        assert_eq!(ask(&mut writer, "grow"), "writing");
        writer.kill();
        assert_eq!(handle.dict.verify().unwrap(), Vec::<String>::new());
        for number in 0..handle.dict.len().unwrap() {
            let name = format!("more-{number}");
            let value = read(&reader, &name).unwrap().unwrap();
            assert_eq!(Some(&value), read(&handle, &name).unwrap().as_ref());
            assert_eq!(value.len() as u64, number * 7 % 100, "{name}");
        }
    }
    let stats = handle.dict.stats().unwrap();
    assert!(stats.grown > 5 && stats.size <= stats.max_size, "{stats:?}");
}

#[test]
fn a_replaced_dictionary_reports_it_and_the_new_one_is_empty() {
    let folder = Folder::new();
    let old = folder.create().unwrap();
    assert!(put(&old, "key", b"old").unwrap());
    let replacing = SegmentOptions { replace: true, ..options() };
    let new = kind::create(NAME, &replacing, &within(&folder.0)).unwrap();
    assert_eq!(put(&old, "key", b"lost").unwrap_err().code(), "ERR_SHM_RETIRED");
    assert_eq!(read(&new, "key").unwrap(), None);
}

#[test]
fn a_reader_sees_the_writes_of_others_and_cannot_write() {
    let folder = Folder::new();
    let writer = folder.create().unwrap();
    let reader = kind::open(NAME, &HandleOptions { read_only: true, ..within(&folder.0) }).unwrap();
    assert!(put(&writer, "key", b"value").unwrap());
    assert_eq!(read(&reader, "key").unwrap().as_deref(), Some(&b"value"[..]));
    assert_eq!(put(&reader, "key", b"other").unwrap_err().code(), "ERR_SHM_READONLY");
}
