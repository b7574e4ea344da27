//! The processor that a thread runs on.

#![allow(unsafe_code, reason = "sets the processor of a thread")]

/// Yields the processor to another thread that is ready to run.
pub fn yield_now() {
    std::thread::yield_now();
}

/// Pins this thread to one of the processors that it may use: the one at index `number`, modulo their count. For
/// measurements. Returns false, and changes nothing, if the system has no call for that or refuses it.
#[cfg(target_os = "linux")]
pub fn pin_to_processor(number: usize) -> bool {
    let size = size_of::<libc::cpu_set_t>();
    // SAFETY: `cpu_set_t` consists of integers, so all zeros is a valid value: the empty set.
    let (mut allowed, mut one): (libc::cpu_set_t, libc::cpu_set_t) = unsafe { std::mem::zeroed() };
    // SAFETY: `allowed` is valid for writes of `size` bytes; 0 means this thread.
    if unsafe { libc::sched_getaffinity(0, size, &mut allowed) } != 0 {
        return false;
    }
    // SAFETY: the processors are below CPU_SETSIZE, the number of bits in a set.
    let is_allowed = |processor: &usize| unsafe { libc::CPU_ISSET(*processor, &allowed) };
    let processors: Vec<usize> = (0..libc::CPU_SETSIZE as usize).filter(is_allowed).collect();
    let Some(&chosen) = processors.get(number % processors.len().max(1)) else { return false };
    // SAFETY: `chosen` is below CPU_SETSIZE.
    unsafe { libc::CPU_SET(chosen, &mut one) };
    // SAFETY: `one` is valid for reads of `size` bytes; 0 means this thread.
    unsafe { libc::sched_setaffinity(0, size, &one) == 0 }
}

/// Returns false: this system has no such call.
#[cfg(not(target_os = "linux"))]
pub fn pin_to_processor(_number: usize) -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn threads_stay_on_the_processors_they_are_pinned_to() {
        let chosen = [0, 1].map(|number| {
            let stay = move || {
                assert!(super::pin_to_processor(number));
                // SAFETY: sched_getcpu takes no arguments.
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
