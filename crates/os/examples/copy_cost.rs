//! Measures the ways to copy from a map that survive a shortened file, and prints a table of their costs.

#![allow(unsafe_code, reason = "measures copies of mapped memory")]

use shmkit_os::map::guard;
use std::fs::File;
use std::hint::black_box;
use std::os::fd::AsRawFd;
use std::time::Instant;

const FILE: usize = 1 << 20;
const ROUNDS: u32 = 7;
const TIMES: u32 = 20_000;

/// Returns the nanoseconds of one call: the median of several rounds.
fn cost(mut call: impl FnMut(usize)) -> f64 {
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..TIMES).for_each(|time| call(time as usize % 64 * 4096));
            start.elapsed().as_nanos() as f64 / f64::from(TIMES)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

fn main() {
    let path = std::env::temp_dir().join(format!("shmkit-copy-cost-{}", std::process::id()));
    std::fs::write(&path, vec![7; FILE]).expect("a temporary file");
    let file = File::open(&path).expect("the file just made");
    std::fs::remove_file(&path).expect("the file just made");
    // SAFETY: the file has no name any more and no other process has it open, so it never changes.
    let map = unsafe { memmap2::Mmap::map(&file) }.expect("a map");
    guard::install().expect("a handler");
    let mut target = vec![0u8; 64 << 10];
    println!("{:>8} {:>14} {:>14} {:>18}", "bytes", "guarded copy", "pread", "process_vm_readv");
    for bytes in [64, 4096, 64 << 10] {
        let to = target.as_mut_ptr();
        let guarded = cost(|at| {
            // SAFETY: `at` is at most 63 pages of 4 KiB into the map of 1 MiB, so 64 KiB follow it; the target has
            // 64 KiB. The two do not overlap and stay mapped.
            black_box(unsafe { guard::copy(map[at..].as_ptr(), to, bytes) });
        });
        let pread = cost(|at| {
            // SAFETY: the target is valid for writes of `bytes` bytes.
            black_box(unsafe { libc::pread(file.as_raw_fd(), to.cast(), bytes, at as libc::off_t) });
        });
        let vm = cost(|at| {
            let local = libc::iovec { iov_base: to.cast(), iov_len: bytes };
            let remote = libc::iovec { iov_base: map[at..].as_ptr().cast_mut().cast(), iov_len: bytes };
            let pid = std::process::id() as libc::pid_t;
            // SAFETY: the local range is valid for writes of `bytes` bytes, the remote one for reads of this process.
            black_box(unsafe { libc::process_vm_readv(pid, &local, 1, &remote, 1, 0) });
        });
        println!("{bytes:>8} {guarded:>11.0} ns {pread:>11.0} ns {vm:>15.0} ns");
    }
}
