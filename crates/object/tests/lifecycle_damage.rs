//! Files that are foreign, damaged, truncated, or of another boot or clock.

#![cfg(target_os = "linux")]

mod lifecycle_support;

use lifecycle_support::{Folder, MIB, code, get, set, sized, try_get};
use shmkit_dict::segment::FORMAT;
use shmkit_object::region::Region;
use shmkit_object::superblock::{BYTES, Superblock};
use shmkit_os::shm::{Access, Directory, Mapping};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Creates a dictionary with one entry that no process is attached to.
fn kept() -> Folder {
    let folder = Folder::new();
    let first = folder.open_or_create(&sized()).unwrap();
    set(&first, "a", "1");
    drop(first);
    folder
}

fn write_at(folder: &Folder, offset: u64, bytes: &[u8]) {
    let file = std::fs::OpenOptions::new().write(true).open(folder.file()).unwrap();
    file.write_all_at(bytes, offset).unwrap();
}

/// Rewrites the superblock, including its checksum.
fn rewrite(folder: &Folder, change: impl FnOnce(&mut Superblock)) {
    let file = Directory::open(folder.path()).unwrap();
    let file = file.open_file("shmkit.dict.test", Access::ReadWrite).unwrap();
    let region = Region::new(Arc::new(Mapping::of(&file, MIB as usize).unwrap()));
    let mut superblock = Superblock::read(&region, &FORMAT).unwrap();
    change(&mut superblock);
    superblock.write(&region, &FORMAT);
}

/// Checks that an unusable file is kept until a caller explicitly removes it.
fn check_is_refused_and_kept(folder: &Folder, expected: &[&str]) {
    for result in [folder.open(), folder.open_read_only(), folder.open_or_create(&sized())] {
        let code = code(result);
        assert!(expected.contains(&code), "{code}");
    }
    assert_eq!(code(folder.create()), "ERR_SHM_EXISTS");
    assert!(folder.prune().is_empty());
    let listed = folder.list();
    assert_eq!((listed[0].entries, listed[0].stale), (0, false));
}

#[test]
fn a_file_that_is_no_dictionary_is_refused_and_kept() {
    let kib = 1024;
    let cases: [(&[u8], usize, &str); 4] = [
        (b"", 0, "ERR_SHM_LAYOUT"),
        (b"something else", 14, "ERR_SHM_LAYOUT"),
        (b"something else", 64 * kib, "ERR_SHM_LAYOUT"),
        (b"\0", 64 * kib, "ERR_SHM_LAYOUT"),
    ];
    for (start, size, expected) in cases {
        let folder = Folder::new();
        let mut bytes = start.to_vec();
        bytes.resize(size, 0);
        std::fs::write(folder.file(), &bytes).unwrap();
        check_is_refused_and_kept(&folder, &[expected]);
        assert_eq!(std::fs::read(folder.file()).unwrap(), bytes);
    }
}

#[test]
fn a_file_whose_size_has_changed_is_refused() {
    for size in [0, 100, BYTES - 1, BYTES, 4096, MIB / 2, MIB - 1, MIB + 1, 2 * MIB] {
        let folder = kept();
        std::fs::OpenOptions::new().write(true).open(folder.file()).unwrap().set_len(size).unwrap();
        check_is_refused_and_kept(&folder, &["ERR_SHM_LAYOUT", "ERR_SHM_CORRUPT"]);
    }
}

#[test]
fn the_error_names_both_layout_versions_when_they_differ() {
    let folder = kept();
    write_at(&folder, 8, &(FORMAT.major + 1).to_le_bytes());
    let error = folder.open().unwrap_err();
    assert_eq!(error.code(), "ERR_SHM_LAYOUT");
    assert!(error.to_string().contains(&format!("{}.", FORMAT.major + 1)), "{error}");
    assert!(error.to_string().contains(&format!("{}.", FORMAT.major)), "{error}");
    check_is_refused_and_kept(&folder, &["ERR_SHM_LAYOUT"]);
}

#[test]
fn every_flipped_bit_of_the_superblock_is_detected() {
    let folder = kept();
    let intact = std::fs::read(folder.file()).unwrap();
    for bit in 0..160 * 8 {
        let (byte, mask) = (bit / 8, 1 << (bit % 8));
        write_at(&folder, byte as u64, &[intact[byte] ^ mask]);
        let code = code(folder.open());
        assert!(["ERR_SHM_LAYOUT", "ERR_SHM_CORRUPT"].contains(&code), "bit {bit}: {code}");
        write_at(&folder, byte as u64, &[intact[byte]]);
    }
    assert_eq!(get(&folder.open().unwrap(), "a").as_deref(), Some("1"));
}

#[test]
fn an_unusable_file_can_be_replaced_and_unlinked() {
    let folder = kept();
    write_at(&folder, 0, &[0; 64]);
    drop(folder.create_with(|options| options.replace = true).unwrap());
    assert!(folder.files().is_empty());
    std::fs::write(folder.file(), "foreign").unwrap();
    assert!(folder.unlink().unwrap());
    assert!(folder.files().is_empty());
}

#[test]
fn a_file_of_an_earlier_boot_counts_as_absent() {
    let stale = || {
        let folder = kept();
        rewrite(&folder, |superblock| superblock.boot_id[3] ^= 1);
        folder
    };
    let folder = stale();
    assert!(folder.list()[0].stale);
    assert_eq!(code(folder.open()), "ERR_SHM_NOT_FOUND");
    assert_eq!(get(&folder.create().unwrap(), "a"), None);
    drop(folder);
    let folder = stale();
    assert_eq!(get(&folder.open_or_create(&sized()).unwrap(), "a"), None);
    drop(folder);
    let folder = stale();
    assert_eq!(folder.prune(), ["test"]);
}

#[test]
fn a_file_with_an_attached_process_is_of_this_boot_whatever_its_boot_id() {
    let folder = kept();
    let first = folder.open().unwrap();
    rewrite(&folder, |superblock| superblock.boot_id[3] ^= 1);
    assert_eq!(code(folder.create()), "ERR_SHM_EXISTS");
    assert!(folder.prune().is_empty());
    drop(folder.open_read_only().unwrap());
    assert_eq!(get(&first, "a").as_deref(), Some("1"));
}

#[test]
fn an_unknown_boot_id_equals_every_other() {
    let folder = kept();
    rewrite(&folder, |superblock| superblock.boot_id = [0; 16]);
    assert_eq!(get(&folder.open().unwrap(), "a").as_deref(), Some("1"));
}

#[test]
fn a_file_of_another_time_namespace_is_refused() {
    let folder = kept();
    rewrite(&folder, |superblock| superblock.time_namespace ^= 1);
    let error = folder.open().unwrap_err();
    assert_eq!(error.code(), "ERR_SHM_UNSUPPORTED");
    assert!(error.to_string().contains("time namespace"), "{error}");
    rewrite(&folder, |superblock| superblock.time_namespace = 0);
    folder.open().unwrap();
}

#[test]
fn a_retired_file_counts_as_absent() {
    let retired = || {
        let folder = kept();
        folder.open().unwrap().dict.segment().retire();
        folder
    };
    let folder = retired();
    assert_eq!(code(folder.open()), "ERR_SHM_NOT_FOUND");
    assert_eq!(get(&folder.open_or_create(&sized()).unwrap(), "a"), None);
    drop(folder);
    let folder = retired();
    let still_attached = folder.open_read_only();
    assert_eq!(code(still_attached), "ERR_SHM_NOT_FOUND");
    assert!(folder.list()[0].stale);
    assert_eq!(folder.prune(), ["test"]);
}

#[test]
fn a_retired_file_is_replaced_even_while_a_process_has_it_open() {
    let folder = kept();
    let attached = folder.open().unwrap();
    attached.dict.segment().retire();
    assert_eq!(code(folder.open()), "ERR_SHM_NOT_FOUND");
    let new = folder.create().unwrap();
    set(&new, "a", "2");
    assert_eq!(code(try_get(&attached, "a")), "ERR_SHM_RETIRED");
}

#[test]
fn temporary_files_are_swept_when_their_creators_are_gone() {
    let folder = Folder::new();
    let abandoned = folder.path().join(".shmkit.tmp.0123");
    std::fs::write(&abandoned, "half").unwrap();
    let dir = Directory::open(folder.path()).unwrap();
    let fork = shmkit_os::process::exclude_fork().unwrap();
    let unfinished = shmkit_os::shm::NewFile::named(&fork, &dir).unwrap();
    drop(fork);
    assert!(folder.prune().is_empty());
    assert_eq!(folder.files().len(), 1);
    drop(unfinished);
    std::fs::write(&abandoned, "half").unwrap();
    // Other users may put many such files there, so creating does not look at them.
    drop(folder.create().unwrap());
    assert_eq!(folder.files().len(), 1);
    assert!(folder.prune().is_empty());
    assert!(folder.files().is_empty());
}
