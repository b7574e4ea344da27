//! Unusual file systems: with huge pages, layered, limited by a control group, and shared with other machines.
#![cfg(target_os = "linux")]

mod lifecycle_support;

use lifecycle_support::{
    Cgroup, Folder, MIB, ask, code, get, mount_over, mount_strictly_over, not_run, overlay_over,
    serve_if_actor, set, sized, skipped_without_root, with_own_mounts,
};
use shmkit_dict::kind::{self, SegmentOptions};
use std::os::unix::fs::MetadataExt;

#[test]
fn actor() {
    serve_if_actor();
}

/// Creates a dictionary, shares it with another process, and verifies it.
fn use_with_another(folder: &Folder, size: u64) {
    let handle = folder.open_or_create(&SegmentOptions { size: Some(size), ..sized() }).unwrap();
    for number in 0..100 {
        set(&handle, &format!("key{number}"), &"x".repeat(size as usize / 1000));
    }
    let mut other = folder.actor();
    assert!(ask(&mut other, "open").starts_with("ok"));
    assert_eq!(ask(&mut other, "set there here"), "set");
    assert_eq!(get(&handle, "there").as_deref(), Some("here"));
    assert_eq!(ask(&mut other, "get key99"), "x".repeat(size as usize / 1000));
    assert_eq!(handle.dict.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn huge_pages_change_nothing_and_are_all_freed() {
    if !std::path::Path::new("/sys/kernel/mm/transparent_hugepage/shmem_enabled").exists() {
        not_run("needs huge pages for files in memory");
        return;
    }
    let folder = Folder::new();
    with_own_mounts(|| {
        let _disk = mount_over(folder.path(), "size=64m,huge=always");
        for size in [MIB, 5 * MIB] {
            use_with_another(&folder, size);
            let status = std::fs::metadata(folder.file()).unwrap();
            assert_eq!(status.len(), size);
            // The kernel may take whole huge pages.
            let taken = status.blocks() * 512;
            assert!((size..size + 2 * MIB).contains(&taken), "{size} bytes take {taken}");
            folder.unlink().unwrap();
        }
        let free = |folder: &Folder| shmkit_os::shm::FileSystem::of(&open(folder)).unwrap().free_bytes;
        assert_eq!(free(&folder), Some(64 * MIB), "some space was not freed");
    });
}

fn open(folder: &Folder) -> shmkit_os::shm::Directory {
    shmkit_os::shm::Directory::open(folder.path()).unwrap()
}

#[test]
fn objects_work_on_a_file_system_mounted_noexec() {
    let folder = Folder::new();
    with_own_mounts(|| {
        let _disk = mount_strictly_over(folder.path());
        use_with_another(&folder, MIB);
    });
}

#[test]
fn a_hard_link_makes_both_names_unusable_until_one_of_them_is_removed() {
    let folder = Folder::new();
    let handle = folder.create().unwrap();
    set(&handle, "a", "1");
    let other = folder.path().join("shmkit.dict.other");
    std::fs::hard_link(folder.file(), &other).unwrap();
    let within = lifecycle_support::within(folder.path());
    for result in [folder.open(), folder.open_read_only(), kind::open("other", &within)] {
        assert_eq!(code(result), "ERR_SHM_UNTRUSTED");
    }
    assert_eq!(code(kind::open_or_create("other", &sized(), &within)), "ERR_SHM_UNTRUSTED");
    // The handle that was there before keeps working, and every name can be listed and removed.
    assert_eq!(get(&handle, "a").as_deref(), Some("1"));
    assert_eq!(folder.list().len(), 2);
    assert!(kind::unlink("other", &within).unwrap());
    assert_eq!(get(&folder.open().unwrap(), "a").as_deref(), Some("1"));
}

#[test]
fn a_renamed_file_is_refused() {
    let folder = Folder::new();
    drop(folder.open_or_create(&sized()).unwrap());
    std::fs::rename(folder.file(), folder.path().join("shmkit.dict.other")).unwrap();
    let error = kind::open("other", &lifecycle_support::within(folder.path())).unwrap_err();
    assert!(error.code() == "ERR_SHM_UNTRUSTED" && error.to_string().contains("\"test\""), "{error}");
}

/// Mappings there are of the lower layer and do not keep the locks of files opened above, so no liveness lock would
/// stay held.
#[test]
fn layered_file_systems_are_refused() {
    let folder = Folder::new();
    let layers = folder.path().with_extension("layers");
    std::fs::create_dir(&layers).unwrap();
    with_own_mounts(|| {
        // Layers in memory, whatever file system the directory is on.
        let _memory = mount_over(&layers, "size=16m");
        let Some(_overlay) = overlay_over(folder.path(), &layers) else { return };
        for result in [folder.create(), folder.open_or_create(&sized())] {
            let error = result.unwrap_err();
            assert!(error.code() == "ERR_SHM_UNSUPPORTED" && error.to_string().contains("locks"), "{error}");
        }
        assert!(folder.files().is_empty(), "{:?}", folder.files());
    });
    std::fs::remove_dir(&layers).unwrap();
}

#[test]
fn a_limit_of_a_control_group_is_an_error_or_a_kill_and_nothing_is_left() {
    if skipped_without_root() {
        return;
    }
    let Some(group) = Cgroup::with_memory(64 * MIB) else { return };
    let folder = Folder::new();
    let mut actor = folder.actor();
    group.add(actor.pid());
    actor.send("create-large");
    match actor.receive_or_end() {
        Some(answer) => assert!(answer.starts_with("ERR_SHM_NO_SPACE"), "{answer}"),
        None => println!("killed by the kernel"),
    }
    drop(actor);
    assert_eq!(code(folder.open()), "ERR_SHM_NOT_FOUND");
    assert!(folder.files().is_empty(), "{:?}", folder.files());
    use_with_another(&folder, MIB);
}

/// Replaces the kernel's answer, because there is no server to mount such a file system from.
#[cfg(all(target_arch = "x86_64", target_env = "gnu"))]
#[test]
fn file_systems_that_other_machines_share_are_refused_by_name() {
    use lifecycle_support::Traced;
    let folder = Folder::new();
    for (magic, name) in [(0x6969, "NFS"), (0x0102_1997, "9P"), (0x6573_5546, "FUSE")] {
        for command in ["create", "ensure", "open"] {
            let mut actor = folder.actor();
            let thread = ask(&mut actor, "thread").parse().unwrap();
            let traced = Traced::stop(&actor, thread);
            actor.send(command);
            traced.run_with_result(libc::SYS_fstatfs, 1, magic);
            let answer = actor.receive();
            assert!(answer.starts_with("ERR_SHM_UNSUPPORTED") && answer.contains(name), "{answer}");
            assert!(folder.files().is_empty());
        }
    }
}
