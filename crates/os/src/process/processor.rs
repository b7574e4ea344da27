//! The processor that a thread runs on.

/// Lets another thread have it, if one wants it.
pub fn give_way() {
    std::thread::yield_now();
}

/// For measurements, whose figures depend on it: keeps this thread on one of the processors that it may use, the `number`-th of them, counted round. False, and
/// nothing changed, where the system has no call for that or refuses it.
#[cfg(target_os = "linux")]
pub fn stay_on(number: usize) -> bool {
    let size = size_of::<libc::cpu_set_t>();
    // SAFETY: a set of processors is made of integers; all zeros is the empty one.
    let (mut allowed, mut one): (libc::cpu_set_t, libc::cpu_set_t) = unsafe { std::mem::zeroed() };
    // SAFETY: `allowed` is a valid set of `size` bytes; 0 is this thread.
    if unsafe { libc::sched_getaffinity(0, size, &mut allowed) } != 0 {
        return false;
    }
    // SAFETY: the number is below that of the bits in a set.
    let is_allowed = |processor: &usize| unsafe { libc::CPU_ISSET(*processor, &allowed) };
    let processors: Vec<usize> = (0..libc::CPU_SETSIZE as usize).filter(is_allowed).collect();
    let Some(&chosen) = processors.get(number % processors.len().max(1)) else { return false };
    // SAFETY: as above.
    unsafe { libc::CPU_SET(chosen, &mut one) };
    // SAFETY: `one` is a valid set of `size` bytes; 0 is this thread.
    unsafe { libc::sched_setaffinity(0, size, &one) == 0 }
}

/// As on Linux, where this is not done: nothing.
#[cfg(not(target_os = "linux"))]
pub fn stay_on(_number: usize) -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn threads_stay_on_processors_of_their_own() {
        let chosen = [0, 1].map(|number| {
            let stay = move || {
                assert!(super::stay_on(number));
                // SAFETY: takes nothing.
                (0..100).map(|_| unsafe { libc::sched_getcpu() }).collect::<Vec<_>>()
            };
            std::thread::spawn(stay).join().unwrap()
        });
        for seen in &chosen {
            assert!(seen[0] >= 0 && seen.iter().all(|processor| *processor == seen[0]), "{seen:?}");
        }
        if std::thread::available_parallelism().unwrap().get() > 1 {
            assert_ne!(chosen[0][0], chosen[1][0]);
        }
    }
}
