//! Creating, opening, replacing and removing names, within one process.
#![cfg(target_os = "linux")]

mod lifecycle_support;

use lifecycle_support::{Folder, MIB, NAME, code, get, make_fifo, set, sized, try_get, within};
use shmkit_dict::kind::{self, OnFull, SegmentOptions};
use shmkit_object::error::Error;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

#[test]
fn a_handle_reads_what_another_one_wrote() {
    let folder = Folder::new();
    let owner = folder.create().unwrap();
    let guest = folder.open().unwrap();
    set(&owner, "a", "1");
    assert_eq!(get(&guest, "a").as_deref(), Some("1"));
    assert!(owner.owner && !guest.owner);
    assert_eq!((owner.name.as_str(), &owner.path), (NAME, &folder.file()));
    assert_eq!(folder.files(), ["shmkit.dict.test"]);
}

#[test]
fn open_of_a_missing_name_and_create_of_a_taken_one_fail() {
    let folder = Folder::new();
    assert_eq!(code(folder.open()), "ERR_SHM_NOT_FOUND");
    assert_eq!(code(folder.open_read_only()), "ERR_SHM_NOT_FOUND");
    let _owner = folder.create().unwrap();
    assert_eq!(code(folder.create()), "ERR_SHM_EXISTS");
}

#[test]
fn closing_by_the_owner_removes_the_name_and_other_handles_keep_working() {
    let folder = Folder::new();
    let owner = folder.create().unwrap();
    let guest = folder.open().unwrap();
    set(&owner, "a", "1");
    drop(owner);
    assert!(folder.files().is_empty());
    assert_eq!(get(&guest, "a").as_deref(), Some("1"));
    set(&guest, "b", "2");
    assert_eq!(code(folder.open()), "ERR_SHM_NOT_FOUND");
}

#[test]
fn closing_by_others_than_the_owner_removes_nothing() {
    let folder = Folder::new();
    let _owner = folder.create().unwrap();
    drop(folder.open().unwrap());
    drop(folder.open_read_only().unwrap());
    drop(folder.open_or_create(&SegmentOptions::default()).unwrap());
    assert_eq!(folder.files(), ["shmkit.dict.test"]);
}

#[test]
fn a_persistent_dictionary_outlives_its_owner() {
    let folder = Folder::new();
    let owner = folder.create_with(|options| options.persist = Some(true)).unwrap();
    set(&owner, "a", "1");
    drop(owner);
    assert!(folder.prune().is_empty());
    assert_eq!(code(folder.create()), "ERR_SHM_EXISTS");
    assert_eq!(get(&folder.open().unwrap(), "a").as_deref(), Some("1"));
}

#[test]
fn an_object_without_an_owner_exists_until_it_is_unlinked() {
    let folder = Folder::new();
    let first = folder.open_or_create(&sized()).unwrap();
    assert!(!first.owner);
    set(&first, "a", "1");
    drop(first);
    assert!(folder.prune().is_empty());
    let again = folder.open_or_create(&sized()).unwrap();
    assert_eq!(get(&again, "a").as_deref(), Some("1"));
    assert!(folder.unlink().unwrap());
    assert!(!folder.unlink().unwrap());
    set(&again, "b", "2");
    assert!(folder.files().is_empty());
}

#[test]
fn an_unlinked_name_can_be_reused_and_the_previous_owner_does_not_remove_it() {
    let folder = Folder::new();
    let old = folder.create().unwrap();
    assert!(folder.unlink().unwrap());
    let new = folder.create().unwrap();
    set(&old, "a", "old");
    set(&new, "a", "new");
    assert_eq!(get(&folder.open().unwrap(), "a").as_deref(), Some("new"));
    drop(old);
    assert_eq!(folder.files(), ["shmkit.dict.test"]);
    drop(new);
    assert!(folder.files().is_empty());
}

#[test]
fn replacing_retires_the_old_object() {
    let folder = Folder::new();
    let old = folder.create().unwrap();
    let reader = folder.open_read_only().unwrap();
    set(&old, "a", "old");
    let new = folder.create_with(|options| options.replace = true).unwrap();
    assert_eq!(code(try_get(&old, "a")), "ERR_SHM_RETIRED");
    assert_eq!(code(try_get(&reader, "a")), "ERR_SHM_RETIRED");
    assert_eq!(get(&new, "a"), None);
    drop(old);
    assert_eq!(folder.files(), ["shmkit.dict.test"]);
    set(&new, "a", "new");
    assert_eq!(get(&folder.open().unwrap(), "a").as_deref(), Some("new"));
}

#[test]
fn replacing_nothing_creates() {
    let folder = Folder::new();
    let owner = folder.create_with(|options| options.replace = true).unwrap();
    assert!(owner.owner);
    let unowned = folder.open_or_create(&SegmentOptions { replace: true, ..sized() }).unwrap();
    assert!(!unowned.owner);
    drop(owner);
    assert_eq!(folder.files(), ["shmkit.dict.test"]);
}

#[test]
fn sizes_are_rounded_up_and_have_limits() {
    for (asked, made) in [(0, 65_536), (1, 65_536), (65_536, 65_536), (65_537, 131_072)] {
        let folder = Folder::new();
        let _owner = folder.create_with(|options| options.size = Some(asked)).unwrap();
        assert_eq!(std::fs::metadata(folder.file()).unwrap().len(), made);
        assert_eq!(folder.list()[0].size, made);
    }
    let folder = Folder::new();
    let huge = [u64::MAX, 1 << 45].map(|size| folder.create_with(|it| it.size = Some(size)));
    assert_eq!(huge.map(code), ["ERR_OUT_OF_RANGE"; 2]);
    assert!(folder.files().is_empty());
    let _growing = folder.create_with(|it| it.size = None).unwrap();
    assert_eq!(folder.list()[0].max_size, Some(1 << 30));
}

#[test]
fn a_size_beyond_the_free_space_fails_with_numbers_before_anything_is_reserved() {
    let folder = Folder::new();
    let error = folder.create_with(|options| options.size = Some(1 << 38)).unwrap_err();
    let Error::NoSpace { needed, free, dir, hint } = &error else { panic!("{error}") };
    assert!(*needed == 1 << 38 && *free > 0 && *free < *needed);
    assert_eq!(*dir, folder.text());
    assert!(hint.contains("prune"), "{hint}");
    assert!(folder.files().is_empty());
}

#[test]
fn open_or_create_compares_only_the_options_given() {
    let folder = Folder::new();
    let made = SegmentOptions {
        on_full: Some(OnFull::Evict),
        max_entries: Some(100),
        checksums: Some(true),
        mode: Some(0o640),
        ..sized()
    };
    let _first = folder.open_or_create(&made).unwrap();
    folder.open_or_create(&made).unwrap();
    let mode = Some(0o640);
    folder.open_or_create(&SegmentOptions { mode, ..Default::default() }).unwrap();
    folder.open_or_create(&SegmentOptions { mode, size: Some(MIB - 1), ..Default::default() }).unwrap();
    let other = SegmentOptions {
        size: Some(2 * MIB),
        on_full: Some(OnFull::Error),
        persist: Some(true),
        max_entries: Some(101),
        checksums: Some(false),
        mode: Some(0o600),
        ..Default::default()
    };
    let error = folder.open_or_create(&other).unwrap_err();
    assert_eq!(error.code(), "ERR_SHM_OPTIONS_MISMATCH");
    for field in ["size", "onFull", "persist", "maxEntries", "checksums", "mode"] {
        assert!(error.to_string().contains(field), "{field}: {error}");
    }
}

#[test]
fn a_read_only_handle_reads_but_cannot_write() {
    let folder = Folder::new();
    let owner = folder.create().unwrap();
    set(&owner, "a", "1");
    let reader = folder.open_read_only().unwrap();
    assert_eq!(get(&reader, "a").as_deref(), Some("1"));
    assert!(reader.dict.is_read_only());
    assert_eq!(code(reader.dict.clear()), "ERR_SHM_READONLY");
}

#[test]
fn a_new_file_has_exactly_the_mode_asked_for() {
    for mode in [0o600, 0o666, 0o640, 0o400] {
        let folder = Folder::new();
        let _owner = folder.create_with(|options| options.mode = Some(mode)).unwrap();
        assert_eq!(folder.file().metadata().unwrap().permissions().mode() & 0o7777, mode);
    }
    let folder = Folder::new();
    assert_eq!(code(folder.create_with(|options| options.mode = Some(0o1600))), "ERR_OUT_OF_RANGE");
}

#[test]
fn an_invalid_name_is_refused_before_any_system_call() {
    let nowhere = within(&PathBuf::from("/nonexistent"));
    for name in ["", ".", "..", "../x", "a/b", "a\0b", &"a".repeat(300), "\u{1f600}", "a "] {
        assert_eq!(code(kind::create(name, &sized(), &nowhere)), "ERR_SHM_INVALID_NAME", "{name:?}");
        assert_eq!(code(kind::open(name, &nowhere)), "ERR_SHM_INVALID_NAME");
        assert_eq!(code(kind::open_or_create(name, &sized(), &nowhere)), "ERR_SHM_INVALID_NAME");
        assert_eq!(code(kind::unlink(name, &nowhere)), "ERR_SHM_INVALID_NAME");
    }
}

#[test]
fn a_missing_directory_is_reported_by_name() {
    let nowhere = within(&PathBuf::from("/nonexistent"));
    for error in [
        kind::create(NAME, &sized(), &nowhere).unwrap_err(),
        kind::open(NAME, &nowhere).unwrap_err(),
        kind::list(&nowhere).unwrap_err(),
    ] {
        assert_eq!(error.code(), "ERR_SHM_UNSUPPORTED");
        assert!(error.to_string().contains("/nonexistent"), "{error}");
    }
}

#[test]
fn links_directories_and_fifos_with_an_objects_name_are_refused_without_hanging() {
    let folder = Folder::new();
    let victim = folder.path().join("victim");
    std::fs::write(&victim, "precious").unwrap();
    let squat: [&dyn Fn(); 4] = [
        &|| symlink(&victim, folder.file()).unwrap(),
        &|| symlink("/nonexistent", folder.file()).unwrap(),
        &|| std::fs::create_dir(folder.file()).unwrap(),
        &|| make_fifo(&folder.file()),
    ];
    for squat in squat {
        squat();
        assert_eq!(code(folder.create()), "ERR_SHM_UNTRUSTED");
        assert_eq!(code(folder.create_with(|options| options.replace = true)), "ERR_SHM_UNTRUSTED");
        assert_eq!(code(folder.open_or_create(&sized())), "ERR_SHM_UNTRUSTED");
        let codes = [code(folder.open()), code(folder.open_read_only()), code(folder.unlink())];
        assert_eq!(codes, ["ERR_SHM_UNTRUSTED"; 3]);
        assert!(folder.prune().is_empty() && folder.list().is_empty());
        std::fs::remove_file(folder.file()).or_else(|_| std::fs::remove_dir(folder.file())).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
    assert_eq!(folder.files(), ["victim"]);
}

#[test]
fn list_returns_all_objects_with_their_state() {
    let folder = Folder::new();
    assert!(folder.list().is_empty());
    let owner = folder.create().unwrap();
    let other = kind::open_or_create("another", &sized(), &within(folder.path())).unwrap();
    std::fs::write(folder.path().join("foreign"), "").unwrap();
    set(&owner, "a", "1");
    set(&owner, "b", "2");
    let listed = folder.list();
    assert_eq!(listed.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["another", NAME]);
    assert_eq!(listed[1].entries, 2);
    assert_eq!((listed[1].size, listed[1].stale), (MIB, false));
    assert_eq!(listed[1].processes, [std::process::id()]);
    drop(other);
    assert_eq!((folder.list()[0].processes.len(), folder.list()[0].stale), (0, false));
}

#[test]
fn handles_of_one_process_share_one_slot_and_one_mapping() {
    let folder = Folder::new();
    let owner = folder.create().unwrap();
    let guests = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| folder.open().unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    for guest in &guests {
        assert!(std::sync::Arc::ptr_eq(owner.dict.segment(), guest.dict.segment()));
    }
    assert_eq!(folder.list()[0].processes, [std::process::id()]);
    let reader = folder.open_read_only().unwrap();
    assert!(!std::sync::Arc::ptr_eq(owner.dict.segment(), reader.dict.segment()));
    assert_eq!(owner.dict.stats().unwrap().processes, 1);
}

#[test]
fn opening_and_closing_repeatedly_leaks_no_slots_or_descriptors() {
    let folder = Folder::new();
    drop(folder.open_or_create(&sized()).unwrap());
    let descriptors = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let before = descriptors();
    for _ in 0..3000 {
        drop(folder.open().unwrap());
    }
    assert!(descriptors() < before + 50, "descriptors leak");
    assert_eq!(folder.open().unwrap().dict.stats().unwrap().processes, 1);
}
