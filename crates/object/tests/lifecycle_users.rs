//! Objects of several users: which files are trusted, and what hostile users can do. Needs root, which acts as all users.
#![cfg(target_os = "linux")]

mod lifecycle_support;

use lifecycle_support::{
    Actor, Folder, MIB, ask, code, get, mount_over, serve_if_actor, set, sized, skipped_without_root,
    trusting_all, with_own_mounts, within,
};
use shmkit_dict::kind;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

const USER: u32 = 12345;
const OTHER: u32 = 12346;

#[test]
fn actor() {
    serve_if_actor();
}

/// Creates a directory like /dev/shm: every user may create files, and only remove their own. `None` without root.
fn shared_folder() -> Option<Folder> {
    if skipped_without_root() {
        return None;
    }
    let folder = Folder::new();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o1777)).unwrap();
    Some(folder)
}

fn as_user(folder: &Folder, uid: u32) -> Actor {
    let mut user = folder.actor();
    ask(&mut user, &format!("uid {uid}"));
    user
}

/// Has a user create a persistent object that everyone may write.
fn plant(folder: &Folder, uid: u32) -> Actor {
    let mut user = as_user(folder, uid);
    assert!(ask(&mut user, "create-persistent").starts_with("ok"));
    assert_eq!(ask(&mut user, "set a planted"), "set");
    std::fs::set_permissions(folder.file(), PermissionsExt::from_mode(0o666)).unwrap();
    user
}

#[test]
fn files_of_other_users_are_trusted_only_if_their_owners_are() {
    let Some(folder) = shared_folder() else { return };
    let roots = folder.create_with(|options| options.mode = Some(0o644)).unwrap();
    set(&roots, "a", "1");
    let mut user = as_user(&folder, USER);
    for how in ["open", "read", "ensure", "create", "replace", "unlink"] {
        assert!(ask(&mut user, how).starts_with("ERR_SHM_UNTRUSTED"), "{how}");
    }
    assert!(ask(&mut user, "root open").starts_with("ERR_SHM_ACCESS"));
    assert!(ask(&mut user, "root read").starts_with("ok"));
    assert_eq!(ask(&mut user, "get a"), "1");
    assert_eq!(ask(&mut user, "list"), "ok []");
    assert_eq!(ask(&mut user, "root list"), "ok [\"test\"]");
}

#[test]
fn root_trusts_no_other_user_unless_told_to() {
    let Some(folder) = shared_folder() else { return };
    let _user = plant(&folder, USER);
    let replace = folder.create_with(|options| options.replace = true);
    let refused =
        [folder.open(), folder.open_read_only(), folder.open_or_create(&sized()), folder.create(), replace];
    for result in refused {
        assert_eq!(code(result), "ERR_SHM_UNTRUSTED");
    }
    assert_eq!(code(folder.unlink()), "ERR_SHM_UNTRUSTED");
    assert!(folder.list().is_empty() && folder.prune().is_empty());
    let all = trusting_all(folder.path());
    assert_eq!(get(&kind::open("test", &all).unwrap(), "a").as_deref(), Some("planted"));
    assert_eq!(kind::list(&all).unwrap()[0].size, MIB);
    assert!(kind::unlink("test", &all).unwrap());
}

#[test]
fn a_user_without_an_id_in_the_user_namespace_is_not_trusted() {
    let Some(folder) = shared_folder() else { return };
    let _owner = plant(&folder, OTHER);
    let mut user = as_user(&folder, USER);
    assert!(ask(&mut user, "open").starts_with("ERR_SHM_UNTRUSTED"));
    for map in ["none", "root"] {
        let answer = ask(&mut user, &format!("in-user-namespace {map}"));
        assert!(answer.starts_with("ERR_SHM_UNTRUSTED"), "{map}: {answer}");
        assert!(answer.contains("namespace"), "{map}: {answer}");
    }
    assert!(ask(&mut user, "any in-user-namespace root").starts_with("ok"));
    std::fs::remove_file(folder.file()).unwrap();
    // The own user has an id in one of the two namespaces.
    assert!(ask(&mut user, "create").starts_with("ok"));
    assert!(ask(&mut user, "in-user-namespace none").starts_with("ERR_SHM_UNTRUSTED"));
    assert!(ask(&mut user, "in-user-namespace root").starts_with("ok"));
}

#[test]
fn temporary_files_of_other_users_fail_no_call_and_stay() {
    let Some(folder) = shared_folder() else { return };
    let foreign = folder.path().join(".shmkit.tmp.x");
    std::fs::write(&foreign, "").unwrap();
    std::fs::set_permissions(&foreign, PermissionsExt::from_mode(0o666)).unwrap();
    chown(&foreign, Some(OTHER), Some(OTHER)).unwrap();
    let mut user = as_user(&folder, USER);
    for how in ["create", "prune", "close", "ensure", "replace", "unlink", "prune"] {
        let answer = ask(&mut user, how);
        assert!(answer.starts_with("ok") || answer == "closed", "{how}: {answer}");
    }
    assert!(folder.prune().is_empty());
    assert!(foreign.exists());
    kind::prune(&trusting_all(folder.path())).unwrap();
    assert!(!foreign.exists());
}

#[test]
fn a_file_that_its_owner_cuts_ends_no_process_that_lists_or_prunes() {
    let Some(folder) = shared_folder() else { return };
    let mut user = plant(&folder, USER);
    let all = trusting_all(folder.path());
    let other = kind::create("other", &sized(), &within(folder.path())).unwrap();
    set(&other, "a", "1");
    assert_eq!(ask(&mut user, "peer cut"), "done");
    for _ in 0..2000 {
        let listed = kind::list(&all).unwrap();
        assert_eq!((listed[0].name.as_str(), listed[0].entries), ("other", 1));
        assert!(kind::prune(&all).unwrap().is_empty());
        assert_eq!(code(kind::create("test", &sized(), &all)), "ERR_SHM_EXISTS");
    }
    user.kill_unreaped();
}

#[test]
fn a_file_larger_than_the_address_space_hides_no_other() {
    let Some(folder) = shared_folder() else { return };
    let mut user = plant(&folder, USER);
    let all = trusting_all(folder.path());
    let _other = kind::create("other", &sized(), &within(folder.path())).unwrap();
    assert_eq!(ask(&mut user, "peer stretch"), "done");
    let names: Vec<_> = kind::list(&all).unwrap().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["other", "test"]);
    assert!(kind::prune(&all).unwrap().is_empty());
    assert_eq!(code(kind::open("test", &all)), "ERR_SHM_CORRUPT");
}

#[test]
fn a_file_under_a_lease_is_refused_with_a_code() {
    let Some(folder) = shared_folder() else { return };
    let mut user = plant(&folder, USER);
    assert_eq!(ask(&mut user, "close"), "closed");
    assert_eq!(ask(&mut user, "peer lease"), "done");
    let error = kind::open("test", &trusting_all(folder.path())).unwrap_err();
    assert!(error.code() == "ERR_SHM_ACCESS" && error.to_string().contains("lease"), "{error}");
}

/// Lets a user read the object, and hold shared locks on the bytes that participants lock.
fn with_locking_reader(folder: &Folder, how: &str) -> Actor {
    let mut reader = as_user(folder, USER);
    std::fs::set_permissions(folder.file(), PermissionsExt::from_mode(0o644)).unwrap();
    assert_eq!(ask(&mut reader, &format!("peer {how}")), "done");
    reader
}

#[test]
fn a_reader_that_holds_locks_does_not_keep_owners_from_removing_and_replacing() {
    let Some(folder) = shared_folder() else { return };
    let owner = folder.create().unwrap();
    let _reader = with_locking_reader(&folder, "lock-shared");
    drop(owner);
    assert!(folder.files().is_empty(), "closing removes the name");
    drop(folder.open_or_create(&sized()).unwrap());
    let _reader = with_locking_reader(&folder, "lock-shared");
    assert!(folder.unlink().unwrap());
    let old = folder.create().unwrap();
    let _reader = with_locking_reader(&folder, "lock-shared");
    let new = folder.create_with(|options| options.replace = true).unwrap();
    assert_eq!(code(lifecycle_support::try_get(&old, "a")), "ERR_SHM_RETIRED");
    assert_eq!(get(&new, "a"), None);
}

/// Leaves the file of a dead owner behind.
fn leave_leftover(folder: &Folder) {
    let mut owner = folder.actor();
    assert!(ask(&mut owner, "create").starts_with("ok"));
    owner.kill_unreaped();
}

#[test]
fn a_reader_that_holds_locks_does_not_make_dead_participants_look_alive() {
    let Some(folder) = shared_folder() else { return };
    leave_leftover(&folder);
    let _reader = with_locking_reader(&folder, "lock-shared-but-readers");
    assert!(folder.list()[0].processes.is_empty());
    assert_eq!(folder.prune(), ["test"]);
    leave_leftover(&folder);
    let _reader = with_locking_reader(&folder, "lock-shared-but-readers");
    assert_eq!(get(&folder.create().unwrap(), "a"), None);
}

#[test]
fn open_or_create_refuses_an_own_object_that_others_may_use_unless_the_mode_says_so() {
    let folder = Folder::new();
    drop(folder.open_or_create(&shmkit_dict::kind::SegmentOptions { mode: Some(0o666), ..sized() }).unwrap());
    let error = folder.open_or_create(&sized()).unwrap_err();
    assert!(error.code() == "ERR_SHM_OPTIONS_MISMATCH" && error.to_string().contains("mode"), "{error}");
    folder.open_or_create(&shmkit_dict::kind::SegmentOptions { mode: Some(0o666), ..sized() }).unwrap();
    folder.open().unwrap();
}

#[test]
fn open_or_create_accepts_any_mode_of_a_trusted_users_object() {
    let Some(folder) = shared_folder() else { return };
    let options = shmkit_dict::kind::SegmentOptions { mode: Some(0o666), ..sized() };
    let _roots = folder.open_or_create(&options).unwrap();
    assert!(ask(&mut as_user(&folder, USER), "root ensure").starts_with("ok"));
}

#[test]
fn the_default_directory_is_private_to_its_user() {
    let folder = Folder::new();
    with_own_mounts(|| {
        let _memory = mount_over(Path::new("/dev/shm"), "size=16m,mode=1777");
        let own = Path::new("/dev/shm/shmkit-12345");
        let mut user = as_user(&folder, USER);
        assert!(ask(&mut user, "default create").starts_with("ok"));
        let status = std::fs::metadata(own).unwrap();
        assert_eq!((status.uid(), status.mode() & 0o7777), (USER, 0o700));
        assert!(own.join("shmkit.dict.test").exists());
        assert_eq!(ask(&mut user, "close"), "closed");
        // Another user cannot take names there, but it can take the name of a directory that does not exist yet.
        std::fs::remove_dir(own).unwrap();
        std::fs::create_dir(own).unwrap();
        chown(own, Some(OTHER), Some(OTHER)).unwrap();
        for how in ["default create", "default open", "default list"] {
            let answer = ask(&mut user, how);
            assert!(answer.starts_with("ERR_SHM_UNTRUSTED") && answer.contains("`dir`"), "{how}: {answer}");
        }
    });
}
