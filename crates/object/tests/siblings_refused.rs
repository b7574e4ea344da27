//! Every system call of semaphores, mutexes, locks, rings, segments, maps, mirrors and range locks fails once, with
//! each error that it may return, and every kind of call fails throughout. As for dictionaries, the outcome is success
//! or an error with a code, and nothing is left.

#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

mod lifecycle_support;

use lifecycle_support::{Folder, SIBLINGS, Traced, Trial, ask, serve_if_actor};

#[test]
fn actor() {
    serve_if_actor();
}

#[test]
fn every_other_kind_ends_well_when_any_system_call_fails() {
    let folder = Folder::new();
    for kind in SIBLINGS {
        Trial::new(&folder, &|_| (), &format!("sibling {kind}")).refuse_everything();
    }
}

/// The call reports no errors: its callers check their words again.
#[test]
fn sleeping_on_several_words_returns_when_any_system_call_fails() {
    let folder = Folder::new();
    let mut trial = Trial::new(&folder, &|_| (), "sibling words");
    trial.refuse_each_once();
    trial.refuse_each_kind_throughout();
    println!("words: {:?}", trial.outcomes);
    assert_eq!(trial.outcomes.keys().collect::<Vec<_>>(), ["success"]);
}

/// Without `fallocate`, zeros are written, and a lack of space is then an error, too.
#[test]
fn a_lack_of_space_is_an_error_when_space_is_reserved_by_writing() {
    let folder = Folder::new();
    for kind in ["semaphore", "ring", "segment"] {
        let command = format!("sibling {kind}");
        let mut trial = Trial::new(&folder, &|_| (), &command);
        for errno in [libc::ENOSPC, libc::EIO] {
            trial.check(errno, "no fallocate, and no space", |call| match call.number {
                libc::SYS_fallocate => Some(libc::EOPNOTSUPP),
                libc::SYS_pwrite64 => Some(errno),
                _ => None,
            });
        }
        println!("{kind}: {:?}", trial.outcomes);
        assert!(!trial.outcomes.contains_key("success"), "{kind} was created without space");
    }
}

/// The handler of bus errors is installed once per process, so each trial uses a new one.
#[test]
fn a_map_fails_until_bus_errors_can_be_handled() {
    let folder = Folder::new();
    for errno in [libc::EINVAL, libc::EINTR] {
        let mut actor = folder.actor();
        let thread = ask(&mut actor, "thread").parse().unwrap();
        let traced = Traced::stop(&actor, thread);
        actor.send("sibling map");
        let mut refusals = 0;
        let is_alive = traced.run(|call| {
            let is_refused = call.number == libc::SYS_rt_sigaction && refusals < 1;
            refusals += i32::from(is_refused);
            is_refused.then_some(errno)
        });
        assert!(is_alive && refusals == 1);
        let answer = actor.receive();
        let expected = if errno == libc::EINTR { "ok" } else { "EINVAL" };
        assert!(answer.starts_with(expected), "{errno}: {answer}");
        assert!(ask(&mut actor, "sibling map").starts_with("ok"));
        folder.clear();
    }
}
