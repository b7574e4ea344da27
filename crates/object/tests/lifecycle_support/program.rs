//! The actor process: reads one command a line, and answers with one line.

use super::actor::{receive, role, send};
use super::{file_in, outcome, peer, set, siblings, sized, try_get, within};
use shmkit_dict::kind::{self, Handle, SegmentOptions};
use shmkit_object::error::Result;
use shmkit_object::lifecycle::{HandleOptions, TrustedUsers};
use std::path::{Path, PathBuf};

/// The body of the test `actor` of each file: in an actor, answers commands until its parent exits.
pub fn serve_if_actor() {
    let Some((_, folder)) = role() else { return };
    let folder = PathBuf::from(folder);
    let mut open = None;
    send("ready");
    loop {
        let line = receive();
        let words: Vec<&str> = line.split(' ').collect();
        send(&run_command(&words, &folder, &mut open));
    }
}

/// Splits the prefixes off a command that say where it works, and for which users' files.
fn handle_options<'w, 'l>(mut words: &'w [&'l str], folder: &Path) -> (HandleOptions, &'w [&'l str]) {
    let mut handle = within(folder);
    loop {
        match words {
            ["any", ..] => handle.trusted = TrustedUsers::Any,
            ["root", ..] => handle.trusted = TrustedUsers::Only(vec![0]),
            ["default", ..] => handle.dir = None,
            _ => return (handle, words),
        }
        words = &words[1..];
    }
}

fn run_command(words: &[&str], folder: &Path, open: &mut Option<Handle>) -> String {
    let (handle, words) = handle_options(words, folder);
    match words {
        ["set", key, value] => {
            set(open.as_ref().unwrap(), key, value);
            "set".into()
        }
        ["get", key] => answer(try_get(open.as_ref().unwrap(), key)),
        ["get-in-a-child", key] => in_forked_child(|| answer(try_get(open.as_ref().unwrap(), key))),
        ["leave-in-a-child"] => in_forked_child(|| {
            drop(open.take());
            "left".into()
        }),
        ["open-in-a-child", key] => in_forked_child(|| match call("open", &handle) {
            Ok(handle) => answer(try_get(&handle, key)),
            Err(error) => error.code().into(),
        }),
        ["close"] => {
            *open = None;
            "closed".into()
        }
        // SAFETY: takes nothing.
        ["thread"] => unsafe { libc::gettid() }.to_string(),
        ["then-die", rest @ ..] => {
            run_command(rest, folder, open);
            // SAFETY: takes numbers. The signal ends this process, thread by thread.
            unsafe { libc::kill(std::process::id() as libc::pid_t, libc::SIGKILL) };
            unreachable!("killed")
        }
        ["list"] => match kind::list(&handle) {
            Ok(listed) => format!("ok {:?}", listed.iter().map(|one| &one.name).collect::<Vec<_>>()),
            Err(error) => format!("{}: {error}", error.code()),
        },
        ["prune"] => match kind::prune(&handle) {
            Ok(removed) => format!("ok {removed:?}"),
            Err(error) => format!("{}: {error}", error.code()),
        },
        ["unlink"] => match kind::unlink(super::NAME, &handle) {
            Ok(was_there) => format!("ok {was_there}"),
            Err(error) => format!("{}: {error}", error.code()),
        },
        ["umask", mask] => {
            // SAFETY: takes a number.
            unsafe { libc::umask(u32::from_str_radix(mask, 8).unwrap()) };
            "masked".into()
        }
        ["uid", uid] => become_user(uid.parse().unwrap()),
        ["limit", what, value] => limit(what, value.parse().unwrap()),
        ["storm", rounds] => storm(&handle, rounds.parse().unwrap()),
        ["peer", action] => peer::act(action, &file_in(folder)),
        ["in-user-namespace", map] => in_forked_child(|| {
            peer::enter_user_namespace(map);
            outcome(&call("open", &handle))
        }),
        ["sibling", kind] => siblings::live(kind, folder),
        [how] => {
            let result = call(how, &handle);
            let answer = outcome(&result);
            *open = result.ok();
            answer
        }
        _ => panic!("no such command: {words:?}"),
    }
}

fn answer(result: Result<Option<String>>) -> String {
    match result {
        Ok(value) => value.unwrap_or("missing".into()),
        Err(error) => error.code().into(),
    }
}

fn call(how: &str, handle: &HandleOptions) -> Result<Handle> {
    let name = super::NAME;
    match how {
        "create" => kind::create(name, &sized(), handle),
        "create-persistent" => kind::create(name, &SegmentOptions { persist: Some(true), ..sized() }, handle),
        "replace" => kind::create(name, &SegmentOptions { replace: true, ..sized() }, handle),
        "create-large" => kind::create(name, &SegmentOptions { size: Some(256 << 20), ..sized() }, handle),
        "ensure" => kind::open_or_create(name, &sized(), handle),
        "open" => kind::open(name, handle),
        "read" => kind::open(name, &HandleOptions { read_only: true, ..handle.clone() }),
        other => panic!("no such call: {other}"),
    }
}

/// Runs `work` in a raw fork and returns its answer.
pub(super) fn in_forked_child(work: impl FnOnce() -> String) -> String {
    let (mut reader, mut writer) = std::io::pipe().unwrap();
    // SAFETY: the other threads of this process are idle and hold no locks, so the child may do everything that
    // this thread could.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0);
    if pid == 0 {
        std::io::Write::write_all(&mut writer, work().as_bytes()).unwrap();
        // SAFETY: ends the process.
        unsafe { libc::_exit(0) }
    }
    drop(writer);
    let answer = std::io::read_to_string(&mut reader).unwrap();
    // SAFETY: a null status is allowed.
    unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) };
    answer
}

fn become_user(uid: u32) -> String {
    // By system call: libc's function would change all threads, and only this one matters.
    // SAFETY: takes a number.
    let result = unsafe { libc::syscall(libc::SYS_setresuid, uid, uid, uid) };
    assert_eq!(result, 0);
    "done".into()
}

fn limit(what: &str, value: u64) -> String {
    let resource = match what {
        "descriptors" => libc::RLIMIT_NOFILE,
        "file-size" => libc::RLIMIT_FSIZE,
        "address-space" => libc::RLIMIT_AS,
        other => panic!("no such limit: {other}"),
    };
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is valid for writes.
    assert_eq!(unsafe { libc::getrlimit(resource, &raw mut limit) }, 0);
    limit.rlim_cur = value;
    // SAFETY: `limit` is valid for the whole call.
    assert_eq!(unsafe { libc::setrlimit(resource, &raw const limit) }, 0);
    "limited".into()
}

/// Makes all calls in turn, without pauses. In every interleaving a handle works, or reports why it does not.
fn storm(handle: &HandleOptions, rounds: u32) -> String {
    const CALLS: [&str; 6] = ["create", "open", "replace", "ensure", "read", "open"];
    let mut worked = 0;
    for round in 0..rounds {
        let how = CALLS[(round as usize * 7 + std::process::id() as usize) % CALLS.len()];
        match call(how, handle) {
            Ok(handle) => worked += u32::from(use_it(&handle)),
            Err(error) if ["ERR_SHM_EXISTS", "ERR_SHM_NOT_FOUND"].contains(&error.code()) => {}
            Err(error) => return format!("{how}: {error}"),
        }
        if round % 11 == 0
            && let Err(error) = kind::unlink(super::NAME, handle)
        {
            return format!("unlink: {error}");
        }
    }
    format!("worked {}", worked > 0)
}

/// Returns false if the object was replaced meanwhile.
fn use_it(handle: &Handle) -> bool {
    match try_get(handle, "key") {
        Ok(_) => {}
        Err(error) if error.code() == "ERR_SHM_RETIRED" => return false,
        Err(error) => panic!("{error}"),
    }
    true
}
