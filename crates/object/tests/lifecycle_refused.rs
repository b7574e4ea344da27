//! Every system call of creating, attaching, replacing and removing fails once, with each error that it may return,
//! and every kind of call fails throughout. The outcome is success, or an error whose code matches that of the
//! system; no file is left in the directory, and no descriptor or mapping in the process.

#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

mod lifecycle_support;

use lifecycle_support::{Actor, Folder, Trial, ask, serve_if_actor, sized};

#[test]
fn actor() {
    serve_if_actor();
}

/// Creates an object without an owner, and closes it.
fn create_and_close(folder: &Folder) {
    drop(folder.open_or_create(&sized()).unwrap());
}

#[test]
fn creating_ends_well_when_any_system_call_fails() {
    let folder = Folder::new();
    Trial::new(&folder, &|_| (), "create").refuse_everything();
}

#[test]
fn opening_or_creating_ends_well_when_any_system_call_fails() {
    let folder = Folder::new();
    Trial::new(&folder, &|_| (), "ensure").refuse_everything();
}

#[test]
fn replacing_ends_well_when_any_system_call_fails() {
    let folder = Folder::new();
    Trial::new(&folder, &|_| create_and_close(&folder), "replace").refuse_everything();
}

#[test]
fn attaching_ends_well_when_any_system_call_fails() {
    let folder = Folder::new();
    for command in ["open", "read"] {
        Trial::new(&folder, &|_| create_and_close(&folder), command).refuse_everything();
    }
}

#[test]
fn removing_ends_well_when_any_system_call_fails() {
    let folder = Folder::new();
    Trial::new(&folder, &|_| create_and_close(&folder), "unlink").refuse_everything();
    let own = |actor: &mut Actor| assert!(ask(actor, "create").starts_with("ok"));
    let mut closing = Trial::new(&folder, &own, "close");
    closing.refuse_each_once();
    closing.refuse_each_kind_throughout();
    assert_eq!(closing.outcomes.len(), 1, "closing never fails: {:?}", closing.outcomes);
}
