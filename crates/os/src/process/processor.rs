//! Which processor a thread runs on: for measurements, whose figures depend on it.

/// Keeps this thread on one of the processors that it may use, the `number`-th of them, counted round. False, and
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
    fn a_thread_stays_where_it_was_told_to() {
        std::thread::spawn(|| {
            for number in 0..4 {
                assert!(super::stay_on(number));
                // SAFETY: takes nothing; -1 would be an error.
                let here = || unsafe { libc::sched_getcpu() };
                assert!(here() >= 0 && here() == here());
            }
        })
        .join()
        .unwrap();
    }
}
