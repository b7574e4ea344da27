//! Every system call of creating, attaching, replacing and removing refused once, with each error that it may
//! have, and every kind of call refused throughout. The outcome is success, or an error whose code says what the
//! system said; nothing is left in the folder, and no descriptor or mapping in the process.

#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

mod lifecycle_support;

use lifecycle_support::{Actor, Folder, Trial, ask, serve_if_actor, sized};

#[test]
fn actor() {
    serve_if_actor();
}

/// Nobody has it open, and nobody owns it.
fn leave_one(folder: &Folder) {
    drop(folder.open_or_create(&sized()).unwrap());
}

#[test]
fn creating_ends_well_whatever_call_is_refused() {
    let folder = Folder::new();
    Trial::new(&folder, &|_| (), "create").refuse_everything();
}

#[test]
fn opening_or_creating_ends_well_whatever_call_is_refused() {
    let folder = Folder::new();
    Trial::new(&folder, &|_| (), "ensure").refuse_everything();
}

#[test]
fn replacing_ends_well_whatever_call_is_refused() {
    let folder = Folder::new();
    Trial::new(&folder, &|_| leave_one(&folder), "replace").refuse_everything();
}

#[test]
fn attaching_ends_well_whatever_call_is_refused() {
    let folder = Folder::new();
    for command in ["open", "read"] {
        Trial::new(&folder, &|_| leave_one(&folder), command).refuse_everything();
    }
}

#[test]
fn removing_ends_well_whatever_call_is_refused() {
    let folder = Folder::new();
    Trial::new(&folder, &|_| leave_one(&folder), "unlink").refuse_everything();
    let own = |actor: &mut Actor| assert!(ask(actor, "create").starts_with("ok"));
    let mut closing = Trial::new(&folder, &own, "close");
    closing.refuse_each_once();
    closing.refuse_each_kind_throughout();
    assert_eq!(closing.outcomes.len(), 1, "closing never fails: {:?}", closing.outcomes);
}
