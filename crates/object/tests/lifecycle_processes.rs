//! Names in processes that compete, die, stop and fork.

#![cfg(target_os = "linux")]

mod lifecycle_support;

use lifecycle_support::{
    Actor, Folder, ask, code, get, in_another_pid_namespace, serve_if_actor, sized, skipped_without_root,
};
use shmkit_dict::kind::SegmentOptions;
use shmkit_os::liveness::LivenessLock;
use shmkit_os::process::exclude_fork;
use shmkit_os::shm::{Access, Directory};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

const MANY: usize = 64;

#[test]
fn actor() {
    serve_if_actor();
}

fn count(answers: &[String], start: &str) -> usize {
    answers.iter().filter(|answer| answer.starts_with(start)).count()
}

/// Creates a dictionary with one entry, and kills its creator.
fn leave_leftover(folder: &Folder, how: &str) -> Actor {
    let mut owner = folder.actor();
    assert!(ask(&mut owner, how).starts_with("ok"));
    ask(&mut owner, "set a 1");
    owner.kill_unreaped();
    owner
}

#[test]
fn exactly_one_of_many_concurrent_creators_succeeds() {
    let folder = Folder::new();
    let (_actors, answers) = folder.all_at_once(MANY, "create");
    assert_eq!(count(&answers, "ok"), 1, "{answers:?}");
    assert_eq!(count(&answers, "ERR_SHM_EXISTS"), MANY - 1, "{answers:?}");
    assert_eq!(folder.files(), ["shmkit.dict.test"]);
}

#[test]
fn concurrent_open_or_create_calls_all_get_the_same_file() {
    let folder = Folder::new();
    let (_actors, answers) = folder.all_at_once(MANY, "ensure");
    let inode = std::fs::metadata(folder.file()).unwrap().ino();
    assert_eq!(count(&answers, &format!("ok {inode}")), MANY, "{answers:?}");
    assert_eq!(folder.list()[0].processes.len(), MANY);
    assert_eq!(folder.files(), ["shmkit.dict.test"]);
}

#[test]
fn a_leftover_is_replaced_silently_and_only_once() {
    let folder = Folder::new();
    for _ in 0..5 {
        let _dead = leave_leftover(&folder, "create");
        assert!(folder.list()[0].stale);
        let (actors, answers) = folder.all_at_once(8, "create");
        assert_eq!(count(&answers, "ok"), 1, "{answers:?}");
        assert_eq!(count(&answers, "ERR_SHM_EXISTS"), 7, "{answers:?}");
        assert_eq!(get(&folder.open().unwrap(), "a"), None);
        // The new owner dies, too.
        actors.iter().for_each(Actor::kill_unreaped);
    }
    assert_eq!(folder.prune(), ["test"]);
    assert!(folder.files().is_empty());
}

#[test]
fn a_leftover_can_still_be_opened_with_its_entries() {
    let folder = Folder::new();
    let _dead = leave_leftover(&folder, "create");
    let saved = folder.open().unwrap();
    assert_eq!(get(&saved, "a").as_deref(), Some("1"));
    assert!(!folder.list()[0].stale);
    assert!(folder.prune().is_empty());
    assert_eq!(code(folder.create()), "ERR_SHM_EXISTS");
    drop(saved);
    assert_eq!(get(&folder.create().unwrap(), "a"), None);
}

#[test]
fn objects_that_persist_or_have_no_owner_are_not_leftovers() {
    for how in ["create-persistent", "ensure"] {
        let folder = Folder::new();
        let _dead = leave_leftover(&folder, how);
        assert!(!folder.list()[0].stale && folder.prune().is_empty());
        assert_eq!(code(folder.create()), "ERR_SHM_EXISTS");
        assert_eq!(get(&folder.open().unwrap(), "a").as_deref(), Some("1"));
    }
}

#[test]
fn an_object_with_any_live_process_attached_is_not_a_leftover() {
    let folder = Folder::new();
    for how in ["open", "read"] {
        let mut owner = folder.actor();
        assert!(ask(&mut owner, "create").starts_with("ok"));
        let mut guest = folder.actor();
        assert!(ask(&mut guest, how).starts_with("ok"));
        guest.signal(libc::SIGSTOP);
        owner.kill_unreaped();
        assert_eq!(code(folder.create()), "ERR_SHM_EXISTS");
        assert!(folder.prune().is_empty());
        guest.kill_unreaped();
        assert_eq!(folder.prune(), ["test"]);
    }
}

#[test]
fn liveness_works_across_pid_namespaces() {
    // Only root can make namespaces.
    if skipped_without_root() {
        return;
    }
    let folder = Folder::new();
    let [mut owner, mut guest] = [(); 2].map(|()| in_another_pid_namespace(|| folder.actor()));
    assert!(ask(&mut owner, "create").starts_with("ok"));
    assert!(ask(&mut guest, "open").starts_with("ok"));
    ask(&mut owner, "set a 1");
    // Both are the first process of their namespaces.
    assert_eq!(folder.list()[0].processes, [1, 1]);
    owner.kill_unreaped();
    assert_eq!(folder.list()[0].processes, [1]);
    assert_eq!(code(folder.create()), "ERR_SHM_EXISTS");
    assert_eq!(ask(&mut guest, "get a"), "1");
    guest.kill_unreaped();
    folder.create().unwrap();
}

#[test]
fn an_object_with_a_stopped_owner_is_not_a_leftover() {
    let folder = Folder::new();
    let mut owner = folder.actor();
    assert!(ask(&mut owner, "create").starts_with("ok"));
    owner.signal(libc::SIGSTOP);
    assert_eq!(code(folder.create()), "ERR_SHM_EXISTS");
    assert_eq!(folder.list()[0].processes, [owner.pid() as u32]);
}

#[test]
fn closing_and_unlinking_affect_names_but_not_attached_processes() {
    let folder = Folder::new();
    let (mut owner, mut guest) = (folder.actor(), folder.actor());
    ask(&mut owner, "create");
    ask(&mut guest, "open");
    ask(&mut owner, "set a 1");
    assert_eq!(ask(&mut owner, "close"), "closed");
    assert_eq!(ask(&mut guest, "get a"), "1");
    assert!(ask(&mut owner, "create").starts_with("ok"));
    assert_eq!(ask(&mut guest, "get a"), "1");
    assert!(folder.unlink().unwrap());
    assert!(ask(&mut guest, "create").starts_with("ok"));
    assert_eq!(ask(&mut owner, "close"), "closed");
    assert_eq!(folder.files(), ["shmkit.dict.test"]);
}

#[test]
fn handles_report_that_their_object_was_replaced() {
    let folder = Folder::new();
    let (mut old, mut new) = (folder.actor(), folder.actor());
    ask(&mut old, "create");
    ask(&mut old, "set a 1");
    assert!(ask(&mut new, "replace").starts_with("ok"));
    assert_eq!(ask(&mut old, "get a"), "ERR_SHM_RETIRED");
    assert_eq!(ask(&mut old, "close"), "closed");
    assert!(ask(&mut old, "open").starts_with("ok"));
    assert_eq!(ask(&mut old, "get a"), "missing");
}

#[test]
fn a_storm_of_all_calls_by_many_processes_ends_well() {
    let folder = Folder::new();
    let (actors, answers) = folder.all_at_once(8, "storm 300");
    assert_eq!(count(&answers, "worked true"), 8, "{answers:?}");
    drop(actors);
    folder.unlink().unwrap();
    assert!(folder.files().is_empty(), "{:?}", folder.files());
}

#[test]
fn a_forked_child_cannot_use_its_parents_handle_but_can_open_the_object() {
    let folder = Folder::new();
    let mut actor = folder.actor();
    ask(&mut actor, "create");
    ask(&mut actor, "set a 1");
    assert_eq!(ask(&mut actor, "get-in-a-child a").as_str(), "ERR_SHM_FORKED");
    assert_eq!(ask(&mut actor, "open-in-a-child a").as_str(), "1");
    assert_eq!(ask(&mut actor, "leave-in-a-child").as_str(), "left");
    assert_eq!(folder.files(), ["shmkit.dict.test"]);
    assert_eq!(ask(&mut actor, "get a"), "1");
    assert_eq!(folder.list()[0].processes, [actor.pid() as u32]);
}

#[test]
fn slots_of_dead_processes_are_reused_and_live_ones_can_use_up_all() {
    let folder = Folder::new();
    let small = SegmentOptions { size: Some(65_536), ..sized() };
    drop(folder.open_or_create(&small).unwrap());
    for _ in 0..3 {
        let (actors, answers) = folder.all_at_once(32, "open");
        assert_eq!(count(&answers, "ok"), 32, "{answers:?}");
        actors.iter().for_each(Actor::kill_unreaped);
    }
    let held: Vec<LivenessLock> = {
        let dir = Directory::open(folder.path()).unwrap();
        let file = dir.open_file("shmkit.dict.test", Access::ReadWrite).unwrap();
        let fork = exclude_fork().unwrap();
        (1..64).map(|slot| LivenessLock::acquire(&fork, &file, slot..slot + 1).unwrap().unwrap()).collect()
    };
    assert_eq!(code(folder.open()), "ERR_SHM_TOO_MANY_PROCESSES");
    folder.open_read_only().unwrap();
    drop(held);
    folder.open().unwrap();
}

#[test]
fn the_mode_does_not_depend_on_the_umask() {
    let folder = Folder::new();
    for mask in ["0", "777", "22"] {
        let mut actor = folder.actor();
        ask(&mut actor, &format!("umask {mask}"));
        assert!(ask(&mut actor, "create").starts_with("ok"));
        assert_eq!(folder.file().metadata().unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(ask(&mut actor, "close"), "closed");
    }
}
