//! Limits of space, memory and descriptors, and refusals of the system.

#![cfg(target_os = "linux")]

mod lifecycle_support;

use lifecycle_support::{
    Actor, Folder, MIB, ask, code, get, mount_over, serve_if_actor, set, sized, skipped_without_root,
    with_own_mounts,
};
use shmkit_dict::kind;
use shmkit_object::error::Error;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

#[test]
fn actor() {
    serve_if_actor();
}

#[test]
fn a_full_file_system_is_reported_with_numbers_and_nothing_is_left() {
    let folder = Folder::new();
    with_own_mounts(|| {
        let _disk = mount_over(folder.path(), "size=2m");
        let first = folder.create().unwrap();
        let other = |size| {
            let options = kind::SegmentOptions { size: Some(size), ..sized() };
            kind::create("other", &options, &lifecycle_support::within(folder.path()))
        };
        let error = other(MIB + 1).unwrap_err();
        let Error::NoSpace { needed, free, dir, .. } = &error else { panic!("{error}") };
        assert_eq!((*needed, *free, dir.as_str()), (MIB + 65_536, MIB, folder.text().as_str()));
        assert_eq!(folder.files(), ["shmkit.dict.test"]);
        let exact = other(MIB).unwrap();
        set(&first, "a", "1");
        drop(exact);
        // All pages were reserved: filling up the disk takes nothing from it.
        std::fs::write(folder.path().join("fill"), vec![1; MIB as usize]).unwrap();
        for number in 0..100 {
            set(&first, &number.to_string(), &"x".repeat(5000));
        }
        assert_eq!(get(&first, "a").as_deref(), Some("1"));
    });
}

#[test]
fn the_error_on_a_full_dev_shm_mentions_shm_size() {
    with_own_mounts(|| {
        let _disk = mount_over(Path::new("/dev/shm"), "size=1m");
        let options = kind::SegmentOptions { size: Some(2 * MIB), ..sized() };
        let error =
            kind::create("test", &options, &shmkit_object::lifecycle::HandleOptions::default()).unwrap_err();
        assert!(error.code() == "ERR_SHM_NO_SPACE" && error.to_string().contains("--shm-size"), "{error}");
    });
}

#[test]
fn the_space_of_a_leftover_counts_as_free_for_its_replacement() {
    let folder = Folder::new();
    with_own_mounts(|| {
        let _disk = mount_over(folder.path(), "size=1m");
        let mut owner = folder.actor();
        assert!(ask(&mut owner, "create").starts_with("ok"));
        owner.kill_unreaped();
        let too_large = folder.create_with(|options| options.size = Some(2 * MIB));
        assert_eq!(code(too_large), "ERR_SHM_NO_SPACE");
        // The leftover was not removed for nothing.
        assert!(folder.list()[0].stale);
        folder.create().unwrap();
    });
}

#[test]
fn temporary_files_of_killed_creators_are_swept_when_they_take_the_space() {
    let folder = Folder::new();
    with_own_mounts(|| {
        let _disk = mount_over(folder.path(), "size=2m");
        std::fs::write(folder.path().join(".shmkit.tmp.0123"), vec![1; 3 * MIB as usize / 2]).unwrap();
        let created = folder.create().unwrap();
        assert_eq!(folder.files(), ["shmkit.dict.test"]);
        drop(created);
    });
}

#[test]
fn competing_creators_do_not_fail_for_lack_of_space_when_one_object_fits() {
    let folder = Folder::new();
    with_own_mounts(|| {
        let _disk = mount_over(folder.path(), "size=1536k");
        let (_actors, answers) = folder.all_at_once(32, "create");
        let count = |start: &str| answers.iter().filter(|answer| answer.starts_with(start)).count();
        assert_eq!((count("ok"), count("ERR_SHM_EXISTS")), (1, 31), "{answers:?}");
    });
}

#[test]
fn a_lack_of_inodes_is_reported() {
    let folder = Folder::new();
    with_own_mounts(|| {
        let _disk = mount_over(folder.path(), "size=16m,nr_inodes=2");
        let _first = folder.create().unwrap();
        let within = lifecycle_support::within(folder.path());
        let error = kind::create("other", &sized(), &within).unwrap_err();
        assert_eq!(error.code(), "ERR_SHM_NO_SPACE");
        assert!(error.to_string().contains("inodes"), "{error}");
    });
}

#[test]
fn objects_on_a_read_only_file_system_can_be_read() {
    let folder = Folder::new();
    with_own_mounts(|| {
        let disk = mount_over(folder.path(), "size=4m");
        let first = folder.open_or_create(&sized()).unwrap();
        set(&first, "a", "1");
        drop(first);
        disk.freeze();
        assert_eq!(code(folder.open()), "ERR_SHM_ACCESS");
        assert_eq!(code(folder.unlink()), "ERR_SHM_ACCESS");
        let reader = folder.open_read_only().unwrap();
        assert_eq!(get(&reader, "a").as_deref(), Some("1"));
        assert_eq!(code(reader.dict.clear()), "ERR_SHM_READONLY");
    });
}

#[test]
fn everything_works_without_proc() {
    let folder = Folder::new();
    with_own_mounts(|| {
        let _nothing = mount_over(Path::new("/proc"), "size=4k");
        for _ in 0..3 {
            let mut owner = folder.actor();
            assert!(ask(&mut owner, "create").starts_with("ok"));
            assert_eq!(ask(&mut owner, "set a 1"), "set");
            let guest = folder.open().unwrap();
            assert_eq!(get(&guest, "a").as_deref(), Some("1"));
            assert_eq!(code(folder.create()), "ERR_SHM_EXISTS");
            drop(guest);
            owner.kill_unreaped();
            assert_eq!(folder.files(), ["shmkit.dict.test"]);
        }
        let new = folder.create_with(|options| options.replace = true).unwrap();
        assert_eq!(get(&new, "a"), None);
        assert_eq!(folder.files(), ["shmkit.dict.test"]);
        drop(new);
        assert!(folder.files().is_empty());
    });
}

#[test]
fn calls_without_free_descriptors_fail_with_a_reason_and_leave_nothing() {
    let folder = Folder::new();
    let mut failures = 0;
    for limit in 3.. {
        let mut actor = folder.actor();
        ask(&mut actor, &format!("limit descriptors {limit}"));
        let answer = ask(&mut actor, "create");
        if answer.starts_with("ok") {
            break;
        }
        failures += 1;
        assert!(answer.starts_with("EMFILE: ") && answer.contains("ulimit -n"), "{limit}: {answer}");
        assert!(folder.files().is_empty(), "{limit}: {:?}", folder.files());
        assert!(limit < 64, "{answer}");
    }
    assert!(failures >= 3);
    assert_eq!(folder.prune(), ["test"]);
}

fn limited(folder: &Folder, limit: &str) -> (Actor, String) {
    let mut actor = folder.actor();
    ask(&mut actor, &format!("limit {limit}"));
    let answer = ask(&mut actor, "create-large");
    (actor, answer)
}

#[test]
fn limits_of_the_process_are_errors_and_do_not_kill_it() {
    let folder = Folder::new();
    let limits = [
        ("file-size 1048576", "ERR_SHM_NO_SPACE", "ulimit -f"),
        ("address-space 200000000", "ENOMEM", "ulimit -v"),
    ];
    for (limit, code, hint) in limits {
        let (mut actor, answer) = limited(&folder, limit);
        assert!(answer.starts_with(code) && answer.contains(hint), "{answer}");
        assert!(folder.files().is_empty());
        assert!(ask(&mut actor, "open").starts_with("ERR_SHM_NOT_FOUND"));
    }
}

#[test]
fn a_directory_that_is_not_writable_is_reported_by_name() {
    // Root may write everywhere, and only root can become another user.
    if skipped_without_root() {
        return;
    }
    let folder = Folder::new();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let mut user = folder.actor();
    ask(&mut user, "uid 12345");
    for how in ["create", "ensure"] {
        let answer = ask(&mut user, how);
        assert!(answer.starts_with("ERR_SHM_ACCESS") && answer.contains(&folder.text()), "{answer}");
    }
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o700)).unwrap();
    assert!(ask(&mut user, "open").starts_with("ERR_SHM_ACCESS"));
}
