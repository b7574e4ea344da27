//! Processes killed before each system call of creating, attaching, replacing and removing. What they leave is
//! complete or absent, and the next process continues without any extra step.

#![cfg(target_os = "linux")]

mod lifecycle_support;

use lifecycle_support::{
    Folder, Traced, ask, code, get, mount_over, serve_if_actor, set, sized, try_get, with_own_mounts,
};
use shmkit_dict::kind::Handle;
use shmkit_object::error::Error;
use std::path::Path;

#[test]
fn actor() {
    serve_if_actor();
}

/// Has an actor run `command` after `before`, killed before its first system call, then before its second, and so on
/// until it finishes; `check` inspects what each of them left.
fn kill_everywhere(
    folder: &Folder,
    prepare: impl Fn() -> Option<Handle>,
    script: [&str; 2],
    check: impl Fn(),
) {
    let [before, command] = script;
    for calls in 0.. {
        let kept = prepare();
        let mut actor = folder.actor();
        if !before.is_empty() {
            assert!(ask(&mut actor, before).starts_with("ok"));
        }
        let thread = ask(&mut actor, "thread").parse().unwrap();
        let traced = Traced::stop(&actor, thread);
        actor.send(&format!("then-die {command}"));
        let killed = traced.kill_before_call(calls);
        check();
        drop(kept);
        clean_up(folder);
        if !killed {
            assert!(calls > 5, "the process was not killed at all");
            break;
        }
        assert!(calls < 2000);
    }
}

/// Checks that the next creator finds no leftover, and leaves none.
fn clean_up(folder: &Folder) {
    folder.prune();
    folder.unlink().unwrap();
    drop(folder.create().unwrap());
    assert!(folder.files().is_empty(), "{:?}", folder.files());
}

/// Opens the object and uses it; returns the value of the key "a".
fn use_object(folder: &Folder) -> Option<Option<String>> {
    match folder.open() {
        Ok(handle) => {
            let found = get(&handle, "a");
            set(&handle, "b", "2");
            assert_eq!(handle.dict.verify().unwrap(), Vec::<String>::new());
            assert_eq!(folder.list()[0].processes, [std::process::id()]);
            Some(found)
        }
        Err(Error::NotFound { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_killed_creator_leaves_a_complete_object_or_none() {
    let folder = Folder::new();
    for command in ["create", "replace", "ensure"] {
        kill_everywhere(
            &folder,
            || None,
            ["", command],
            || {
                assert!(folder.files().is_empty() || folder.files() == ["shmkit.dict.test"]);
                let left = use_object(&folder);
                match (left, command) {
                    // It has no owner, so it is not a leftover.
                    (Some(found), "ensure") => assert_eq!(found, None),
                    _ => drop(folder.create().unwrap()),
                }
            },
        );
    }
}

#[test]
fn a_killed_creator_without_proc_leaves_at_most_a_temporary_file() {
    let folder = Folder::new();
    with_own_mounts(|| {
        let _nothing = mount_over(Path::new("/proc"), "size=4k");
        kill_everywhere(
            &folder,
            || None,
            ["", "create"],
            || {
                assert!(folder.files().len() <= 2, "{:?}", folder.files());
                use_object(&folder);
                drop(folder.create().unwrap());
                folder.prune();
                assert!(folder.files().is_empty());
            },
        );
    });
}

#[test]
fn a_creator_killed_over_a_leftover_leaves_the_old_object_the_new_one_or_none() {
    let folder = Folder::new();
    let leave_leftover = || {
        let mut owner = folder.actor();
        assert!(ask(&mut owner, "create").starts_with("ok"));
        ask(&mut owner, "set a 1");
        owner.kill_unreaped();
        None
    };
    kill_everywhere(&folder, leave_leftover, ["", "create"], || {
        if let Some(Some(found)) = use_object(&folder) {
            assert_eq!(found, "1");
        }
        drop(folder.create().unwrap());
    });
}

#[test]
fn a_killed_replacer_leaves_the_old_object_or_a_complete_new_one() {
    let folder = Folder::new();
    let old = std::cell::RefCell::new(None);
    let prepare = || {
        let first = folder.open_or_create(&sized()).unwrap();
        set(&first, "a", "1");
        *old.borrow_mut() = Some(first);
        None
    };
    kill_everywhere(&folder, prepare, ["", "replace"], || {
        let old = old.take().unwrap();
        match (try_get(&old, "a"), use_object(&folder)) {
            (Ok(mine), Some(found)) => {
                assert_eq!((mine.as_deref(), found.as_deref()), (Some("1"), Some("1")))
            }
            (Err(Error::Retired), Some(found)) => assert_eq!(found, None),
            (Err(Error::Retired), None) => {}
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn a_killed_attacher_leaves_no_trace() {
    let folder = Folder::new();
    let prepare = || {
        let first = folder.create().unwrap();
        set(&first, "a", "1");
        Some(first)
    };
    for command in ["open", "read", "ensure"] {
        kill_everywhere(&folder, prepare, ["", command], || {
            assert_eq!(use_object(&folder), Some(Some("1".into())));
            assert_eq!(code(folder.create()), "ERR_SHM_EXISTS");
        });
    }
}

#[test]
fn a_killed_remover_has_removed_the_name_or_left_it() {
    let folder = Folder::new();
    for script in [["create", "close"], ["create", "unlink"], ["read", "close"]] {
        let prepare = || match script[0] {
            "read" => Some(folder.open_or_create(&sized()).unwrap()),
            _ => None,
        };
        kill_everywhere(&folder, prepare, script, || {
            let left = use_object(&folder);
            match script[0] {
                "read" => assert_eq!(left, Some(None)),
                _ => drop(folder.create().unwrap()),
            }
        });
    }
}

/// While a replacement is stopped before any of its system calls, an opener finds the old object or the new one, or
/// waits; the name is never missing.
#[test]
fn a_name_that_is_being_replaced_is_never_missing() {
    let folder = Folder::new();
    for calls in 0.. {
        // Held open, so that it is not a leftover, which might be removed before.
        let _present = folder.open_or_create(&sized()).unwrap();
        let mut actor = folder.actor();
        let thread = ask(&mut actor, "thread").parse().unwrap();
        let traced = Traced::stop(&actor, thread);
        actor.send("then-die replace");
        let is_alive = traced.continue_to_call(calls);
        let opened = std::thread::scope(|scope| {
            let opener = scope.spawn(|| folder.open().map(drop));
            // Gives an opener that waits time to begin. One that has not begun proves nothing.
            for _ in 0..20 {
                if !opener.is_finished() {
                    std::thread::sleep(std::time::Duration::from_millis(1));
                }
            }
            if is_alive {
                traced.detach();
            }
            opener.join().unwrap()
        });
        assert!(opened.is_ok(), "{calls}: {opened:?}");
        if !is_alive {
            assert!(calls > 20, "the process was not stopped at all");
            break;
        }
    }
}
